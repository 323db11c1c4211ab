import type { VideoSample } from 'mediabunny';
import { yuvToRgbx, type Plane, type YuvImage, type YuvMatrix } from './yuv';

/** Pixels of a frame as RGBX; `upright` when rotation and pixel shape were already applied to them. */
export type FramePixels = { rgbx: Uint8Array; width: number; height: number; upright: boolean };

type YuvLayout = { shiftX: 0 | 1; shiftY: 0 | 1; interleaved: boolean; bits: 8 | 10 | 12 };

/** The planar formats of WebCodecs; an alpha plane, if any, comes last and is not read. */
const YUV_LAYOUTS: Record<string, YuvLayout> = {
  NV12: { shiftX: 1, shiftY: 1, interleaved: true, bits: 8 },
};
for (const [name, shiftX, shiftY] of [
  ['I420', 1, 1],
  ['I422', 1, 0],
  ['I444', 0, 0],
] as const) {
  for (const [depth, bits] of [
    ['', 8],
    ['P10', 10],
    ['P12', 12],
  ] as const) {
    for (const alpha of ['', 'A']) {
      YUV_LAYOUTS[`${name}${alpha}${depth}`] = { shiftX, shiftY, interleaved: false, bits };
    }
  }
}

/** The colour space a file states, in the terms of WebCodecs; what it leaves open is null or missing. */
export type StatedColour = { matrix?: string | null; transfer?: string | null; fullRange?: boolean | null };

/**
 * Reads the pixels of a decoded frame. Planar frames are converted here, with the matrix and range the file states
 * (BT.601 and limited where it states none, as ffmpeg does); what the engine does not expose, and high dynamic range,
 * is drawn on a canvas.
 *
 * @param stated of the file: a frame whose file states nothing claims to be BT.709 in Chromium.
 * @param reuse a buffer to write to if it has the right length.
 */
export async function readPixels(
  sample: VideoSample,
  stated: StatedColour,
  reuse: Uint8Array,
): Promise<FramePixels> {
  const { matrix, transfer } = stated;
  const fullRange = stated.fullRange ?? sample.colorSpace.fullRange ?? false;
  const layout = YUV_LAYOUTS[sample.format ?? ''];
  if (!layout || ['pq', 'hlg'].includes(transfer ?? '')) {
    return drawUpright(sample);
  }
  const { width, height } = sample.visibleRect;
  const bytes = width * height * 4;
  const rgbx = reuse.length === bytes ? reuse : new Uint8Array(bytes);
  yuvToRgbx(await readPlanes(sample, layout), toMatrix(matrix), fullRange, rgbx);
  return { rgbx, width, height, upright: false };
}

async function readPlanes(sample: VideoSample, layout: YuvLayout): Promise<YuvImage> {
  const raw = new Uint8Array(sample.allocationSize());
  const planes = await sample.copyTo(raw);
  const data = layout.bits === 8 ? raw : toEightBits(raw, layout.bits);
  const scale = layout.bits === 8 ? 1 : 2;
  const plane = (index: number, shift = 0): Plane => {
    const { offset, stride } = planes[index]!;
    return { data, offset: offset / scale + shift, stride: stride / scale };
  };
  const { width, height } = sample.visibleRect;
  const { shiftX, shiftY, interleaved } = layout;
  return {
    width,
    height,
    luma: plane(0),
    blue: plane(1),
    red: interleaved ? plane(1, 1) : plane(2),
    chromaStep: interleaved ? 2 : 1,
    shiftX,
    shiftY,
  };
}

/** Drops the low bits of little-endian 16-bit values. */
function toEightBits(raw: Uint8Array, bits: number): Uint8Array {
  const values = new Uint16Array(raw.buffer, raw.byteOffset, raw.byteLength / 2);
  return Uint8Array.from(values, (value) => value >> (bits - 8));
}

function toMatrix(matrix: string | null | undefined): YuvMatrix {
  return matrix === 'bt709' || matrix === 'bt2020-ncl' ? matrix : 'smpte170m';
}

function drawUpright(sample: VideoSample): FramePixels {
  const { displayWidth: width, displayHeight: height } = sample;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) {
    throw new Error('no 2D canvas');
  }
  sample.draw(context, 0, 0, width, height);
  const rgbx = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
  return { rgbx, width, height, upright: true };
}
