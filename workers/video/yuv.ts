/** One plane of a decoded frame: 8-bit values, row by row. */
export type Plane = { data: Uint8Array; offset: number; stride: number };

/** Planes of a frame in YUV, with chroma at `1 >> shift` of the luma's resolution. */
export type YuvImage = {
  width: number;
  height: number;
  luma: Plane;
  blue: Plane;
  red: Plane;
  /** Bytes from one chroma value to the next: 2 where the planes are interleaved (NV12). */
  chromaStep: 1 | 2;
  shiftX: 0 | 1;
  shiftY: 0 | 1;
};

/** Matrix coefficients as WebCodecs names them. */
export type YuvMatrix = 'bt709' | 'smpte170m' | 'bt2020-ncl';

/** Luma shares of red and blue (ITU-R BT.601, BT.709, BT.2020). */
const SHARES: Record<YuvMatrix, readonly [red: number, blue: number]> = {
  smpte170m: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  'bt2020-ncl': [0.2627, 0.0593],
};

/** Bits of the fixed-point products. */
const BITS = 14;

/**
 * Converts YUV to interleaved RGBX, repeating chroma values, without any change of gamut or transfer curve: what
 * ffmpeg's unscaled conversion does, and so what the model was trained on. A browser's own conversion to RGB takes what
 * the file leaves unsaid to be BT.709 (Chromium), which shifts saturated colours by up to 25 levels.
 *
 * @param target receives `width * height * 4` bytes; the fourth of each four is left as it is.
 */
export function yuvToRgbx(image: YuvImage, matrix: YuvMatrix, fullRange: boolean, target: Uint8Array): void {
  const [kr, kb] = SHARES[matrix];
  const lumaScale = fullRange ? 1 : 255 / 219;
  const chromaScale = fullRange ? 1 : 255 / 224;
  const black = fullRange ? 0 : 16;
  const fixed = (value: number): number => Math.round(value * (1 << BITS));
  const fromLuma = fixed(lumaScale);
  const redFromRed = fixed(2 * (1 - kr) * chromaScale);
  const greenFromRed = fixed((2 * kr * (1 - kr) * chromaScale) / (1 - kr - kb));
  const greenFromBlue = fixed((2 * kb * (1 - kb) * chromaScale) / (1 - kr - kb));
  const blueFromBlue = fixed(2 * (1 - kb) * chromaScale);
  const half = 1 << (BITS - 1);
  const { width, height, luma, blue, red, chromaStep, shiftX, shiftY } = image;
  let out = 0;
  for (let y = 0; y < height; y++) {
    const lumaRow = luma.offset + y * luma.stride;
    const blueRow = blue.offset + (y >> shiftY) * blue.stride;
    const redRow = red.offset + (y >> shiftY) * red.stride;
    for (let x = 0; x < width; x++) {
      const chroma = (x >> shiftX) * chromaStep;
      const base = (luma.data[lumaRow + x]! - black) * fromLuma + half;
      const cb = blue.data[blueRow + chroma]! - 128;
      const cr = red.data[redRow + chroma]! - 128;
      target[out] = clip((base + cr * redFromRed) >> BITS);
      target[out + 1] = clip((base - cr * greenFromRed - cb * greenFromBlue) >> BITS);
      target[out + 2] = clip((base + cb * blueFromBlue) >> BITS);
      out += 4;
    }
  }
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
