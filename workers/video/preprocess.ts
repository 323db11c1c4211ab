import type { Manifest } from '../model/manifest';
import { resizeRgb, rotateRgb, type RgbImage } from './resize';
import type { SourceFrame } from './frame-source';

/** Where the frame lies in the model's square input, in input pixels. */
export type Letterbox = { x: number; y: number; width: number; height: number };

/** Brings a decoded frame upright, with square pixels, and down to the canonical short side (never up). */
export function toCanonical(frame: SourceFrame, shortSide: number): RgbImage {
  const scale = Math.min(1, shortSide / Math.min(frame.displayWidth, frame.displayHeight));
  const width = Math.max(1, Math.round(frame.displayWidth * scale));
  const height = Math.max(1, Math.round(frame.displayHeight * scale));
  const turned = frame.rotation % 180 !== 0;
  const [codedWidth, codedHeight] = turned ? [height, width] : [width, height];
  const scaled = resizeRgb(frame.rgbx, 4, frame.width, frame.height, codedWidth, codedHeight);
  return rotateRgb(scaled, frame.rotation);
}

/** Where a frame of the given size is placed in a square input of `size` pixels. */
export function letterboxOf(width: number, height: number, size: number): Letterbox {
  const scale = size / Math.max(width, height);
  const placedWidth = Math.max(1, Math.round(width * scale));
  const placedHeight = Math.max(1, Math.round(height * scale));
  return {
    x: Math.floor((size - placedWidth) / 2),
    y: Math.floor((size - placedHeight) / 2),
    width: placedWidth,
    height: placedHeight,
  };
}

/** Scales a canonical frame into a square of `size` pixels on a field of grey level `fill`. */
export function letterbox(image: RgbImage, size: number, fill: number): RgbImage {
  const place = letterboxOf(image.width, image.height, size);
  const scaled = resizeRgb(image.data, 3, image.width, image.height, place.width, place.height);
  const data = new Uint8Array(size * size * 3).fill(fill);
  for (let y = 0; y < place.height; y++) {
    const row = scaled.data.subarray(y * place.width * 3, (y + 1) * place.width * 3);
    data.set(row, ((y + place.y) * size + place.x) * 3);
  }
  return { data, width: size, height: size };
}

/**
 * Cuts a square out of a canonical frame without scaling. Pixels outside a frame smaller than the crop repeat its edge.
 *
 * @param anchorX where between the frame's left and right edges the crop lies, 0..1; `anchorY` likewise.
 */
export function crop(image: RgbImage, anchorX: number, anchorY: number, size: number): RgbImage {
  const left = Math.round(anchorX * (image.width - size));
  const top = Math.round(anchorY * (image.height - size));
  const data = new Uint8Array(size * size * 3);
  let target = 0;
  for (let y = 0; y < size; y++) {
    const row = clamp(top + y, image.height) * image.width;
    for (let x = 0; x < size; x++) {
      const source = (row + clamp(left + x, image.width)) * 3;
      data[target++] = image.data[source]!;
      data[target++] = image.data[source + 1]!;
      data[target++] = image.data[source + 2]!;
    }
  }
  return { data, width: size, height: size };
}

function clamp(value: number, size: number): number {
  return Math.min(Math.max(value, 0), size - 1);
}

/** 8-bit level to the 0..1 the model takes; its mean and deviation are part of the graph. */
const UNIT = Float32Array.from({ length: 256 }, (_, level) => level / 255);

/** Stacks square images of one size into a planar tensor `[n, 3, size, size]` with values 0..1. */
export function toTensor(images: readonly RgbImage[], size: number): Float32Array {
  const plane = size * size;
  const tensor = new Float32Array(images.length * 3 * plane);
  for (const [n, { data }] of images.entries()) {
    const offset = n * 3 * plane;
    for (let i = 0, j = 0; i < plane; i++, j += 3) {
      tensor[offset + i] = UNIT[data[j]!]!;
      tensor[offset + plane + i] = UNIT[data[j + 1]!]!;
      tensor[offset + 2 * plane + i] = UNIT[data[j + 2]!]!;
    }
  }
  return tensor;
}

/** A sampled frame made ready for both streams. */
export type PreparedSample = {
  /** Time of the sample on the grid, in seconds of the media timeline. */
  timeSeconds: number;
  canonical: RgbImage;
  letterboxed: RgbImage;
};

/** The tensors of one window: `frames` `[samples, 3, s, s]`, `crops` `[crops, 3, c, c]`. */
export type WindowTensors = { frames: Float32Array; crops: Float32Array };

/** Builds the input tensors of a window from its samples (as many as the trace session takes). */
export function windowTensors(
  samples: readonly PreparedSample[],
  sessions: Manifest['sessions'],
): WindowTensors {
  const frameSize = sessions.trace.input.shape[2];
  const cropSize = sessions.forensic.input.shape[2];
  const crops = sessions.forensic.input.anchors.map(([index, x, y]) => {
    const sample = samples[index];
    if (!sample) {
      throw new RangeError(`the manifest asks for a crop of sample ${index}, a window has ${samples.length}`);
    }
    return crop(sample.canonical, x, y, cropSize);
  });
  return {
    frames: toTensor(
      samples.map((sample) => sample.letterboxed),
      frameSize,
    ),
    crops: toTensor(crops, cropSize),
  };
}
