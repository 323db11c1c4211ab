import { type VideoSample, VideoSampleSink } from 'mediabunny';
import { TellscopeError } from '../../../workers/errors';
import type { Trace, VideoInfo } from '../../../workers/report';
import type { Size } from '../geometry';
import { drawTraces, type DrawnTrace } from './draw';
import { openVideo } from './open-video';

/** Pictures of one trace, as PNG files. */
export type Still = {
  traceId: string;
  /** Media time of the frame, in seconds. */
  timeSeconds: number;
  /** The frame with the trace's box. */
  frame: Blob;
  /** The place of the trace with some of its surroundings, untouched. */
  crop: Blob;
};

/** What pictures are taken of; `video` is the size the boxes are in. */
export type PicturedTraces = { traces: readonly DrawnTrace[]; video: Pick<VideoInfo, 'width' | 'height'> };

/** Told after each step how much is done, 0..1. */
export type OnProgress = (share: number) => void;

/** Share of the box that is added around it on each side of a crop. */
const CROP_MARGIN = 0.2;

/**
 * Pictures each trace in the middle of its track, where its box was measured.
 *
 * @param maxSide the frame is scaled down until its long side has at most so many pixels.
 * @throws {TellscopeError} when the file can no longer be read or decoded.
 */
export async function renderStills(
  file: Blob,
  { traces, video }: PicturedTraces,
  maxSide: number,
  onProgress: OnProgress,
): Promise<Still[]> {
  const { input, track } = await openVideo(file);
  try {
    const sink = new VideoSampleSink(track);
    const stills: Still[] = [];
    for (const [index, trace] of traces.entries()) {
      stills.push(await renderStill(sink, trace, video, maxSide));
      onProgress((index + 1) / traces.length);
    }
    return stills;
  } finally {
    input.dispose();
  }
}

async function renderStill(
  sink: VideoSampleSink,
  trace: DrawnTrace,
  frame: Size,
  maxSide: number,
): Promise<Still> {
  const point = trace.track[Math.floor(trace.track.length / 2)] ?? {
    timeSeconds: trace.startSeconds,
    box: trace.box,
  };
  // The time of a sample is that of its packet, but for rounding.
  const sample = await sink.getSample(point.timeSeconds + 1e-6);
  if (!sample) {
    throw new TellscopeError(
      'decode-failed',
      `The frame at ${point.timeSeconds.toFixed(2)} s could not be decoded.`,
    );
  }
  try {
    return await picture(sample, trace, point, frame, maxSide);
  } finally {
    sample.close();
  }
}

async function picture(
  sample: VideoSample,
  trace: DrawnTrace,
  point: Trace['track'][number],
  frame: Size,
  maxSide: number,
): Promise<Still> {
  const scale = Math.min(1, maxSide / Math.max(frame.width, frame.height));
  const width = Math.max(1, Math.round(frame.width * scale));
  const height = Math.max(1, Math.round(frame.height * scale));
  const { canvas, context } = createCanvas(width, height);
  sample.draw(context, 0, 0, width, height);
  const crop = cutOut(canvas, point.box, scale);
  drawTraces(context, { traces: [trace], frame, timeSeconds: point.timeSeconds, durationSeconds: 0.001 });
  return {
    traceId: trace.id,
    timeSeconds: point.timeSeconds,
    frame: await canvas.convertToBlob({ type: 'image/png' }),
    crop: await crop.convertToBlob({ type: 'image/png' }),
  };
}

function cutOut(from: OffscreenCanvas, [x0, y0, x1, y1]: Trace['box'], scale: number): OffscreenCanvas {
  const [marginX, marginY] = [(x1 - x0) * CROP_MARGIN, (y1 - y0) * CROP_MARGIN];
  const left = Math.max(0, Math.floor((x0 - marginX) * scale));
  const top = Math.max(0, Math.floor((y0 - marginY) * scale));
  const right = Math.min(from.width, Math.ceil((x1 + marginX) * scale));
  const bottom = Math.min(from.height, Math.ceil((y1 + marginY) * scale));
  const { canvas, context } = createCanvas(Math.max(1, right - left), Math.max(1, bottom - top));
  context.drawImage(from, -left, -top);
  return canvas;
}

/** A canvas with a black ground, on which transparent video shows as in the player. */
export function createCanvas(
  width: number,
  height: number,
): { canvas: OffscreenCanvas; context: OffscreenCanvasRenderingContext2D } {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) {
    throw new TellscopeError('internal', 'The browser has no canvas left to draw on. Close other tabs.');
  }
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}
