/** The W3C's validating parser of WebVTT, which ships no types: https://github.com/w3c/webvtt.js */
declare module 'webvtt-parser' {
  export type Cue = { id: string; startTime: number; endTime: number; text: string };
  export class WebVTTParser {
    parse(
      text: string,
      mode?: 'metadata' | 'chapters',
    ): { cues: Cue[]; errors: { message: string; line: number }[] };
  }
}
