import type { HeatWindow } from '../../workers/traces/heat';

/** The trace map at one moment: one value a cell, 0 to 255 for 0 to 1. */
export type HeatGrid = Pick<HeatWindow, 'rows' | 'columns' | 'place'> & { values: Float32Array };

/**
 * The trace map at a media time, interpolated between the samples of each window and averaged over the windows that
 * saw this time. Undefined where none did: nothing is made up beyond the last sample but for the time until the next
 * would have come.
 */
export function heatAt(windows: readonly HeatWindow[], seconds: number): HeatGrid | undefined {
  let sum: HeatGrid | undefined;
  let count = 0;
  for (const window of windows) {
    const grid = gridAt(window, seconds);
    if (!grid) {
      continue;
    }
    count += 1;
    if (sum) {
      addTo(sum.values, grid.values);
    } else {
      sum = grid;
    }
  }
  if (sum && count > 1) {
    sum.values = sum.values.map((value) => value / count);
  }
  return sum;
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (const [cell, value] of values.entries()) {
    sum[cell] = (sum[cell] ?? 0) + value;
  }
}

function gridAt({ times, rows, columns, place, values }: HeatWindow, seconds: number): HeatGrid | undefined {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const spacing = times.length > 1 ? (last - first) / (times.length - 1) : 0;
  if (seconds < first || seconds > last + spacing) {
    return undefined;
  }
  const after = times.findIndex((time) => time > seconds);
  const [low, high] = after === -1 ? [times.length - 1, times.length - 1] : [after - 1, after];
  const [lowTime, highTime] = [times[low] ?? 0, times[high] ?? 0];
  const share = high > low ? (seconds - lowTime) / (highTime - lowTime) : 0;
  const cells = rows * columns;
  const mixed = Float32Array.from({ length: cells }, (_, cell) => {
    const from = values[low * cells + cell] ?? 0;
    return from + ((values[high * cells + cell] ?? 0) - from) * share;
  });
  return { rows, columns, place, values: mixed };
}

/** Pixels of the drawn map for each cell of the grid. */
const FINENESS = 8;

/**
 * Draws the part of the map that lies on the frame, smoothly between the middles of the cells.
 *
 * @returns RGBA pixels to be stretched over the frame.
 */
export function heatPixels(grid: HeatGrid): {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
} {
  const { place, rows, columns, values } = grid;
  const width = Math.max(1, Math.round(place.width * FINENESS));
  const height = Math.max(1, Math.round(place.height * FINENESS));
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    // In cells, where the middle of the first is 0.
    const row = place.y + ((y + 0.5) / height) * place.height - 0.5;
    for (let x = 0; x < width; x++) {
      const column = place.x + ((x + 0.5) / width) * place.width - 0.5;
      const value = bilinear(values, rows, columns, row, column);
      rgba.set(heatColour(value / 255), (y * width + x) * 4);
    }
  }
  return { width, height, rgba };
}

function bilinear(values: Float32Array, rows: number, columns: number, row: number, column: number): number {
  const at = (r: number, c: number): number =>
    values[Math.min(rows - 1, Math.max(0, r)) * columns + Math.min(columns - 1, Math.max(0, c))] ?? 0;
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [down, right] = [row - top, column - left];
  const upper = at(top, left) * (1 - right) + at(top, left + 1) * right;
  const lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right;
  return upper * (1 - down) + lower * down;
}

/**
 * Stops of the scale: from nothing over violet and orange to pale yellow, each brighter than the one before, so that
 * the order shows without colours too. Red, green, blue and opacity.
 */
const STOPS: readonly (readonly [at: number, colour: readonly [number, number, number, number]])[] = [
  [0, [40, 10, 90, 0]],
  [0.25, [96, 24, 140, 90]],
  [0.5, [204, 58, 96, 145]],
  [0.75, [250, 146, 40, 180]],
  [1, [255, 246, 170, 215]],
];

/** Colour of a value of the map, 0 to 1, as red, green, blue and opacity, 0 to 255. */
export function heatColour(value: number): [number, number, number, number] {
  const bounded = Math.min(1, Math.max(0, value));
  const above = Math.max(
    1,
    STOPS.findIndex(([at]) => at >= bounded),
  );
  const [from, to] = [STOPS[above - 1], STOPS[above]];
  if (!from || !to) {
    return [0, 0, 0, 0];
  }
  const share = (bounded - from[0]) / (to[0] - from[0]);
  const mix = (channel: 0 | 1 | 2 | 3): number =>
    from[1][channel] + (to[1][channel] - from[1][channel]) * share;
  return [mix(0), mix(1), mix(2), mix(3)];
}
