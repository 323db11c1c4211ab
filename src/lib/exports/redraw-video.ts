import {
  BufferTarget,
  Conversion,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
  type ConversionAudioOptions,
  type Input,
  type Quality,
  type VideoCodec,
  type VideoSample,
} from 'mediabunny';
import { TellscopeError } from '../../../workers/errors';
import { createCanvas, type OnProgress } from './stills';

/** Made in this order, by what the browser can encode. */
const TARGETS = [
  { codec: 'avc', extension: 'mp4', mimeType: 'video/mp4' },
  { codec: 'vp9', extension: 'webm', mimeType: 'video/webm' },
  { codec: 'vp8', extension: 'webm', mimeType: 'video/webm' },
] as const satisfies { codec: VideoCodec; extension: string; mimeType: string }[];

type Target = (typeof TARGETS)[number];

/** How a video is to be drawn again. */
export type Redrawing = {
  /** Size of the new frames in pixels, even: encoders of 4:2:0 video take no other. */
  width: number;
  height: number;
  quality: Quality;
  /** What becomes of the sound; without it, it is copied where the container takes it, else encoded anew. */
  audio?: ConversionAudioOptions;
  /** Draws a frame of the original on the black canvas of the new one. */
  draw: (context: OffscreenCanvasRenderingContext2D, sample: VideoSample) => void;
  /** What does not work without a codec to encode with, to end the sentence of the error. */
  withoutCodec: string;
  /** What cannot be made, for the sentence of the error: `write an annotated copy of this video`. */
  purpose: string;
};

/** A video that was drawn again. */
export type Redrawn = {
  blob: Blob;
  extension: Target['extension'];
  hasSound: boolean;
};

/**
 * Encodes a video again with every frame drawn anew, into what the browser can encode; times stay those of the original.
 *
 * @throws {TellscopeError} when the browser encodes no video of this size.
 */
export async function redrawVideo(
  input: Input,
  { width, height, quality, audio, draw, withoutCodec, purpose }: Redrawing,
  onProgress: OnProgress,
): Promise<Redrawn> {
  const target = await chooseTarget(width, height, quality, withoutCodec);
  const format = target.extension === 'mp4' ? new Mp4OutputFormat() : new WebMOutputFormat();
  const output = new Output({ format, target: new BufferTarget() });
  const { canvas, context } = createCanvas(width, height);
  const conversion = await Conversion.init({
    input,
    output,
    tracks: 'primary',
    // Zero of the copy is zero of the original, also where the video begins late.
    trim: { start: 0 },
    showWarnings: false,
    ...(audio && { audio }),
    video: {
      codec: target.codec,
      quality,
      forceTranscode: true,
      allowTransformationMetadata: false,
      processedWidth: width,
      processedHeight: height,
      process: (sample) => {
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.fillStyle = '#000000';
        context.fillRect(0, 0, width, height);
        draw(context, sample);
        return canvas;
      },
    },
  });
  if (!conversion.isValid || !conversion.utilizedTracks.some((track) => track.isVideoTrack())) {
    const reasons = conversion.discardedTracks.map(({ reason }) => reason).join(', ');
    throw new TellscopeError('internal', `This browser cannot ${purpose} (${reasons}). Try another browser.`);
  }
  conversion.onProgress = (share) => onProgress(share);
  await conversion.execute();
  const { buffer } = output.target;
  if (!buffer) {
    throw new Error('the encoder wrote nothing');
  }
  return {
    blob: new Blob([buffer], { type: target.mimeType }),
    extension: target.extension,
    hasSound: conversion.utilizedTracks.some((track) => track.isAudioTrack()),
  };
}

async function chooseTarget(
  width: number,
  height: number,
  quality: Quality,
  withoutCodec: string,
): Promise<Target> {
  const codec = await getFirstEncodableVideoCodec(
    TARGETS.map((target) => target.codec),
    { width, height, quality },
  );
  const target = TARGETS.find((candidate) => candidate.codec === codec);
  if (!target) {
    throw new TellscopeError(
      'internal',
      `This browser encodes neither H.264 nor VP9 nor VP8 video of this size, ${withoutCodec}`,
    );
  }
  return target;
}
