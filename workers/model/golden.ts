import type { SessionSpec } from './manifest';

/**
 * The deterministic input every backend must answer alike: an integer lattice that any language computes exactly.
 * `v = ((3x + 5y + 7t + 85c) ^ (31 (x>>4) + 17 (y>>4) + 13t)) & 255`, as `v / 255`.
 *
 * @param shape `[t, c, y, x]` sizes.
 * @returns values in that order, 0..1.
 */
export function latticeInput(shape: readonly [number, number, number, number]): Float32Array {
  const [samples, channels, height, width] = shape;
  const data = new Float32Array(samples * channels * height * width);
  let i = 0;
  for (let t = 0; t < samples; t++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = (x * 3 + y * 5 + t * 7 + c * 85) ^ ((x >> 4) * 31 + (y >> 4) * 17 + t * 13);
          data[i++] = (value & 255) / 255;
        }
      }
    }
  }
  return data;
}

/**
 * Compares a session's outputs on the lattice with the manifest's golden values.
 *
 * @returns `undefined` when they agree, else one sentence naming the worst output. Non-finite values never agree:
 * runtimes have returned NaN and zeros without an error (onnxruntime#29130, #31626).
 */
export function goldenMismatch(
  spec: SessionSpec,
  outputs: Readonly<Record<string, Float32Array>>,
): string | undefined {
  let worst = 0;
  let worstName = '';
  for (const [name, expected] of Object.entries(spec.golden.outputs)) {
    const actual = outputs[name];
    for (const [position, index] of expected.indices.entries()) {
      const want = expected.values[position] ?? NaN;
      const difference = Math.abs((actual?.[index] ?? NaN) - want) / (1 + Math.abs(want));
      if (!(difference <= worst)) {
        worst = Number.isFinite(difference) ? difference : Infinity;
        worstName = name;
      }
    }
  }
  if (worst <= spec.golden.tolerance) {
    return undefined;
  }
  return `its output "${worstName}" differs from the reference by ${worst.toPrecision(2)} (allowed ${spec.golden.tolerance})`;
}
