import type { Report } from '../../../workers/report';
import { CATEGORY_INFO } from '../categories';
import { formatScore } from '../format';

/** A cue without a duration is none. */
const SHORTEST_CUE_SECONDS = 0.001;

/** The traces of a report as WebVTT (W3C): one cue a trace, by onset, to show as subtitles or chapters of the video. */
export function toVtt({ file, traces }: Report): string {
  const cues = [...traces]
    .sort((a, b) => a.startSeconds - b.startSeconds)
    .map(({ id, category, score, startSeconds, endSeconds, explanation }) => {
      const start = Math.max(0, startSeconds);
      const end = Math.max(start + SHORTEST_CUE_SECONDS, endSeconds);
      const text = `${CATEGORY_INFO[category].name} (score ${formatScore(score)}): ${explanation}`;
      return `${oneLine(id)}\n${stamp(start)} --> ${stamp(end)}\n${escapeText(oneLine(text))}\n`;
    });
  return [`WEBVTT\n\nNOTE Deepfake traces of ${note(file.name)}, found by Tellscope\n`, ...cues].join('\n');
}

/** `hh:mm:ss.mmm` */
function stamp(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (unit: number, size: number, digits: number): string =>
    String(Math.floor(milliseconds / unit) % size).padStart(digits, '0');
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, '0');
  return `${hours}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}

/** A line break could end the cue. */
function oneLine(text: string): string {
  return text.replaceAll('-->', '->').replace(/\s+/g, ' ').trim();
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Notes know no escapes. */
function note(text: string): string {
  return oneLine(text).replaceAll('>', ' ');
}
