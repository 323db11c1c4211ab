import {
  BufferTarget,
  Conversion,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  Quality,
  WebMOutputFormat,
  type Input,
  type VideoCodec,
} from 'mediabunny';
import { TellscopeError } from '../../../workers/errors';
import type { Report } from '../../../workers/report';
import { drawTraces } from './draw';
import { openVideo } from './open-video';
import { createCanvas, type OnProgress } from './stills';

/** A copy of the video with its traces burnt in. */
export type AnnotatedVideo = {
  blob: Blob;
  extension: 'mp4' | 'webm';
  /** What is not as in the original, in sentences. */
  notes: string[];
};

/** Made in this order, by what the browser can encode. */
const TARGETS = [
  { codec: 'avc', extension: 'mp4', mimeType: 'video/mp4' },
  { codec: 'vp9', extension: 'webm', mimeType: 'video/webm' },
  { codec: 'vp8', extension: 'webm', mimeType: 'video/webm' },
] as const satisfies { codec: VideoCodec; extension: string; mimeType: string }[];

/** Letters and thin lines are the first that an encoder wears away. */
const QUALITY = new Quality('very-high');

type Target = (typeof TARGETS)[number];

/**
 * Encodes the video again with boxes, categories and time burnt in; times stay those of the original, sound is copied
 * where the container takes it and encoded anew where the browser can.
 *
 * @throws {TellscopeError} when the file can no longer be read, or the browser encodes no video.
 */
export async function renderAnnotatedVideo(
  file: Blob,
  report: Report,
  onProgress: OnProgress,
): Promise<AnnotatedVideo> {
  const { input } = await openVideo(file);
  try {
    // Encoders of 4:2:0 video take even sizes only.
    const width = Math.ceil(report.video.width / 2) * 2;
    const height = Math.ceil(report.video.height / 2) * 2;
    const target = await chooseTarget(
      width,
      height,
      QUALITY,
      'so it cannot write an annotated copy. Try another browser; the report in HTML has pictures of all traces.',
    );
    const format = target.extension === 'mp4' ? new Mp4OutputFormat() : new WebMOutputFormat();
    const output = new Output({ format, target: new BufferTarget() });
    const conversion = await convert(input, output, target, report, width, height);
    conversion.onProgress = (share) => onProgress(share);
    await conversion.execute();
    const { buffer } = output.target;
    if (!buffer) {
      throw new Error('the encoder wrote nothing');
    }
    const hadSound = (await input.getAudioTracks()).length > 0;
    const hasSound = conversion.utilizedTracks.some((track) => track.isAudioTrack());
    return {
      blob: new Blob([buffer], { type: target.mimeType }),
      extension: target.extension,
      notes: hadSound && !hasSound ? ['The sound is left out: this browser cannot encode it.'] : [],
    };
  } finally {
    input.dispose();
  }
}

/**
 * The codec and container this browser can encode video of a size into.
 *
 * @param consequence what does not work without one, to end the sentence of the error.
 * @throws {TellscopeError} when there is none.
 */
export async function chooseTarget(
  width: number,
  height: number,
  quality: Quality,
  consequence: string,
): Promise<Target> {
  const codec = await getFirstEncodableVideoCodec(
    TARGETS.map((target) => target.codec),
    { width, height, quality },
  );
  const target = TARGETS.find((candidate) => candidate.codec === codec);
  if (!target) {
    throw new TellscopeError(
      'internal',
      `This browser encodes neither H.264 nor VP9 nor VP8 video of this size, ${consequence}`,
    );
  }
  return target;
}

async function convert(
  input: Input,
  output: Output,
  { codec }: Target,
  { traces, video }: Report,
  width: number,
  height: number,
): Promise<Conversion> {
  const { canvas, context } = createCanvas(width, height);
  const conversion = await Conversion.init({
    input,
    output,
    tracks: 'primary',
    // Zero of the copy is zero of the original, also where the video begins late.
    trim: { start: 0 },
    showWarnings: false,
    video: {
      codec,
      quality: QUALITY,
      forceTranscode: true,
      allowTransformationMetadata: false,
      processedWidth: width,
      processedHeight: height,
      process: (sample) => {
        context.fillStyle = '#000000';
        context.fillRect(0, 0, width, height);
        sample.draw(context, 0, 0, width, height);
        drawTraces(context, {
          traces,
          frame: video,
          timeSeconds: sample.timestamp,
          durationSeconds: sample.duration,
        });
        return canvas;
      },
    },
  });
  if (!conversion.isValid || !conversion.utilizedTracks.some((track) => track.isVideoTrack())) {
    const reasons = conversion.discardedTracks.map(({ reason }) => reason).join(', ');
    throw new TellscopeError(
      'internal',
      `This browser cannot write an annotated copy of this video (${reasons}). Try another browser.`,
    );
  }
  return conversion;
}
