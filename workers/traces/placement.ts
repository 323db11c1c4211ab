import type { DecodingSettings } from '../model/manifest';
import type { Box } from '../report';
import type { Letterbox } from '../video/preprocess';
import { iou } from './candidates';
import type { Tube } from './tubes';

/** How likely a trace covers each cell of the grid over one window. */
export type WindowCoverage = {
  /** Samples the window covers, on the clip's grid: `start` to `end - 1`. */
  start: number;
  end: number;
  rows: number;
  columns: number;
  /** `[rows, columns]` probabilities. */
  values: Float64Array;
};

/** Where the frame lies on the grid that a coverage map stands on. */
export type GridPlace = {
  place: Letterbox;
  /** Input pixels a cell covers. */
  stride: number;
};

/** Corners of the boxes that are tried lie on a grid of the frame of so many steps a side ... */
const STEPS = 16;
/** ... and no side is shorter than so many of them. */
const LEAST_STEPS = 3;

/** Sides of the boxes that are tried, in fractions of the frame. */
const SPANS: readonly [number, number][] = Array.from({ length: STEPS + 1 }, (_, from) =>
  Array.from({ length: Math.max(0, STEPS - from - LEAST_STEPS + 1) }, (_unused, more): [number, number] => [
    from / STEPS,
    (from + LEAST_STEPS + more) / STEPS,
  ]),
).flat();

/**
 * Weighs tubes by the coverage map, gives the leading ones their best box, and drops duplicates.
 *
 * A tube's score is multiplied by the expected IoU of its box over that of the best box. Of tubes that share time the
 * one with the highest score leads: its place is taken from the map, its track keeps its motion. The same steps as
 * `training/tracenet/decode.py`.
 *
 * @returns best first, at most `maxTraces`.
 */
export function placeTubes(
  tubes: readonly Tube[],
  windows: readonly WindowCoverage[],
  grid: GridPlace,
  settings: Pick<DecodingSettings, 'duplicateIou' | 'maxTraces'>,
): Tube[] {
  const weighed = tubes
    .map((tube) => {
      const map = meanCoverage(windows, tube.firstSample, tube.lastSample);
      const best = bestBox(map, grid);
      const score = tube.score * Math.min(1, expectedIou(tube.box, map, grid) / best.expectedIou);
      return { tube: { ...tube, score }, full: tube.score, box: best.box };
    })
    .sort((a, b) => b.tube.score - a.tube.score);
  const leading: Tube[] = [];
  const others: Tube[] = [];
  for (const { tube, full, box } of weighed) {
    if (leading.some((other) => sharesTime(other, tube))) {
      others.push(tube);
    } else {
      leading.push({ ...moved(tube, box), score: full });
    }
  }
  const ranked = [...leading, ...others].sort((a, b) => b.score - a.score);
  return withoutDuplicates(ranked, settings.duplicateIou).slice(0, settings.maxTraces);
}

/** Mean coverage of the windows that share a sample with `first` to `last`. */
function meanCoverage(windows: readonly WindowCoverage[], first: number, last: number): WindowCoverage {
  const shared = windows.filter(({ start, end }) => start <= last && end > first);
  const { rows, columns } = shared[0]!;
  const values = new Float64Array(rows * columns);
  for (const window of shared) {
    for (let i = 0; i < values.length; i++) {
      values[i]! += window.values[i]! / shared.length;
    }
  }
  return { start: first, end: last + 1, rows, columns, values };
}

/** Edges of `count` cells along one axis, in fractions of the frame; beyond 0..1 on the field around it. */
function edgesOf(count: number, stride: number, offset: number, length: number): Float64Array {
  return Float64Array.from({ length: count + 1 }, (_, i) => (i * stride - offset) / length);
}

/** How much of every cell of an axis lies between two fractions of the frame. */
function covered(edges: Float64Array, from: number, to: number): Float64Array {
  return Float64Array.from({ length: edges.length - 1 }, (_, i) =>
    Math.max(0, Math.min(edges[i + 1]!, to) - Math.max(edges[i]!, from)),
  );
}

function axesOf(map: WindowCoverage, { place, stride }: GridPlace): { x: Float64Array; y: Float64Array } {
  return {
    x: edgesOf(map.columns, stride, place.x, place.width),
    y: edgesOf(map.rows, stride, place.y, place.height),
  };
}

/** Sum of the map over rows, each weighted: one number a column. */
function columnSums(map: WindowCoverage, rowWeights: Float64Array): Float64Array {
  const sums = new Float64Array(map.columns);
  for (let row = 0; row < map.rows; row++) {
    for (let column = 0; column < map.columns; column++) {
      sums[column]! += rowWeights[row]! * map.values[row * map.columns + column]!;
    }
  }
  return sums;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum += a[i]! * b[i]!;
  }
  return sum;
}

/** Covered area of the whole frame that the map expects, in frames. */
function totalCoverage(map: WindowCoverage, x: Float64Array, y: Float64Array): number {
  return dot(columnSums(map, covered(y, 0, 1)), covered(x, 0, 1));
}

/**
 * Expected intersection over expected union of a box with a trace of the given coverage.
 *
 * @param box in fractions of the frame.
 */
export function expectedIou(box: Box, map: WindowCoverage, grid: GridPlace): number {
  const { x, y } = axesOf(map, grid);
  const inner = dot(columnSums(map, covered(y, box[1], box[3])), covered(x, box[0], box[2]));
  const area = (box[2] - box[0]) * (box[3] - box[1]);
  return inner / (area + totalCoverage(map, x, y) - inner);
}

/** The box, of those on a grid of 16 x 16 corners, with the highest expected IoU; the first of equals. */
export function bestBox(map: WindowCoverage, grid: GridPlace): { box: Box; expectedIou: number } {
  const { x, y } = axesOf(map, grid);
  const total = totalCoverage(map, x, y);
  const columns = SPANS.map(([x0, x1]) => covered(x, x0, x1));
  let best: { box: Box; expectedIou: number } = { box: [0, 0, 1, 1], expectedIou: -1 };
  for (const [y0, y1] of SPANS) {
    const sums = columnSums(map, covered(y, y0, y1));
    for (const [index, [x0, x1]] of SPANS.entries()) {
      const inner = dot(sums, columns[index]!);
      const value = inner / ((x1 - x0) * (y1 - y0) + total - inner);
      if (value > best.expectedIou) {
        best = { box: [x0, y0, x1, y1], expectedIou: value };
      }
    }
  }
  return best;
}

/** The tube with another summary box; its track keeps its motion and takes on the size. */
function moved(tube: Tube, box: Box): Tube {
  const centre = (of: Box, axis: 0 | 1): number => (of[axis] + of[axis + 2]!) / 2;
  const track = tube.track.map((point) => {
    const dx = centre(point.box, 0) - centre(tube.box, 0);
    const dy = centre(point.box, 1) - centre(tube.box, 1);
    const shifted: Box = [unit(box[0] + dx), unit(box[1] + dy), unit(box[2] + dx), unit(box[3] + dy)];
    return { ...point, box: shifted };
  });
  return { ...tube, box, track };
}

function unit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

function sharesTime(a: Tube, b: Tube): boolean {
  return a.startSeconds < b.endSeconds && b.startSeconds < a.endSeconds;
}

/** Drops every tube that shares time and place with a stronger one. */
function withoutDuplicates(tubes: readonly Tube[], duplicateIou: number): Tube[] {
  const kept: Tube[] = [];
  for (const tube of tubes) {
    if (!kept.some((other) => sharesTime(other, tube) && iou(other.box, tube.box) > duplicateIou)) {
      kept.push(tube);
    }
  }
  return kept;
}
