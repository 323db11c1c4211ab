/** Interleaved 8-bit RGB pixels, row by row. */
export type RgbImage = { data: Uint8Array; width: number; height: number };

/** Fixed-point bits of the weights; with 8-bit pixels the sums stay below 2^31. */
const PRECISION_BITS = 22;

type Kernel = {
  /** First input index for each output index. */
  starts: Int32Array;
  /** Number of inputs for each output index. */
  counts: Int32Array;
  /** `size` weights for each output index. */
  weights: Int32Array;
  size: number;
};

/**
 * Weights of an antialiased triangle filter, as Pillow's `Image.resize(..., BILINEAR)` computes them: training reads
 * its frames with Pillow, and the app must see what the model was validated with.
 */
function triangleKernel(inputSize: number, outputSize: number): Kernel {
  const scale = inputSize / outputSize;
  const filterScale = Math.max(1, scale);
  const support = filterScale;
  const size = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outputSize);
  const counts = new Int32Array(outputSize);
  const weights = new Int32Array(outputSize * size);
  const row = new Float64Array(size);
  for (let i = 0; i < outputSize; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(inputSize, Math.trunc(centre + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = Math.max(0, 1 - Math.abs((k + start - centre + 0.5) / filterScale));
      row[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) {
      weights[i * size + k] = Math.round(((row[k] ?? 0) / sum) * (1 << PRECISION_BITS));
    }
    starts[i] = start;
    counts[i] = count;
  }
  return { starts, counts, weights, size };
}

const HALF = 1 << (PRECISION_BITS - 1);

/**
 * Scales 8-bit RGB or RGBX pixels to RGB with an antialiased triangle filter, rows first, rounding to 8 bits between
 * the passes, exactly as Pillow's BILINEAR does.
 *
 * @param data interleaved pixels.
 * @param channels 3 (RGB) or 4 (the fourth is skipped).
 */
export function resizeRgb(
  data: Uint8Array,
  channels: 3 | 4,
  width: number,
  height: number,
  outWidth: number,
  outHeight: number,
): RgbImage {
  const rows = width === outWidth ? dropAlpha(data, channels, width * height) : undefined;
  const horizontal = rows ?? resizeRows(data, channels, width, height, outWidth);
  const output = height === outHeight ? horizontal : resizeColumns(horizontal, outWidth, height, outHeight);
  return { data: output, width: outWidth, height: outHeight };
}

function dropAlpha(data: Uint8Array, channels: 3 | 4, pixels: number): Uint8Array {
  if (channels === 3) {
    return data.slice(0, pixels * 3);
  }
  const output = new Uint8Array(pixels * 3);
  for (let i = 0, j = 0; j < output.length; i += 4, j += 3) {
    output[j] = data[i]!;
    output[j + 1] = data[i + 1]!;
    output[j + 2] = data[i + 2]!;
  }
  return output;
}

function resizeRows(
  data: Uint8Array,
  channels: 3 | 4,
  width: number,
  height: number,
  outWidth: number,
): Uint8Array {
  const { starts, counts, weights, size } = triangleKernel(width, outWidth);
  const output = new Uint8Array(outWidth * height * 3);
  let target = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width * channels;
    for (let x = 0; x < outWidth; x++) {
      let source = row + starts[x]! * channels;
      const first = x * size;
      const last = first + counts[x]!;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = first; k < last; k++) {
        const weight = weights[k]!;
        red += data[source]! * weight;
        green += data[source + 1]! * weight;
        blue += data[source + 2]! * weight;
        source += channels;
      }
      // Weights are never negative, so the sums cannot leave 0..255.
      output[target++] = red >> PRECISION_BITS;
      output[target++] = green >> PRECISION_BITS;
      output[target++] = blue >> PRECISION_BITS;
    }
  }
  return output;
}

function resizeColumns(data: Uint8Array, width: number, height: number, outHeight: number): Uint8Array {
  const { starts, counts, weights, size } = triangleKernel(height, outHeight);
  const stride = width * 3;
  const output = new Uint8Array(stride * outHeight);
  const sums = new Float64Array(stride);
  for (let y = 0; y < outHeight; y++) {
    sums.fill(HALF);
    const start = starts[y]!;
    for (let k = 0; k < counts[y]!; k++) {
      const weight = weights[y * size + k]!;
      const row = (start + k) * stride;
      for (let i = 0; i < stride; i++) {
        sums[i]! += data[row + i]! * weight;
      }
    }
    const target = y * stride;
    for (let i = 0; i < stride; i++) {
      output[target + i] = sums[i]! >> PRECISION_BITS;
    }
  }
  return output;
}

/** Turns an image clockwise by a multiple of 90 degrees. */
export function rotateRgb(image: RgbImage, rotation: 0 | 90 | 180 | 270): RgbImage {
  if (rotation === 0) {
    return image;
  }
  const { data, width, height } = image;
  const turned = rotation !== 180;
  const output = new Uint8Array(data.length);
  const outWidth = turned ? height : width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const outX = rotation === 90 ? height - 1 - y : rotation === 180 ? width - 1 - x : y;
      const outY = rotation === 90 ? x : rotation === 180 ? height - 1 - y : width - 1 - x;
      const source = (y * width + x) * 3;
      const target = (outY * outWidth + outX) * 3;
      output[target] = data[source]!;
      output[target + 1] = data[source + 1]!;
      output[target + 2] = data[source + 2]!;
    }
  }
  return { data: output, width: outWidth, height: turned ? width : height };
}
