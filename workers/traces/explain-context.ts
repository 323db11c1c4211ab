import type { Box } from '../report';
import type { Letterbox } from '../video/preprocess';
import type { Tube } from './tubes';

/** Frozen features of one stretch of time, averaged over it. */
export type Bin = {
  startSeconds: number;
  endSeconds: number;
  /** `[channels, cells, cells]` mean. */
  mean: Float32Array;
  /** `[channels, cells, cells]` mean absolute step to the next sample. */
  step: Float32Array;
};

/**
 * Bins of a clip, two a window. Beyond this many, neighbours are merged: about 16 MB at most, whatever the clip's
 * length. Up to 72 s nothing is merged; later traces are described from coarser bins, which may straddle a cut.
 */
const MAX_BINS = 96;

/** Sides of the square input of the trace session, and of the grid its `context` output lies on, in cells. */
export type ContextGrid = { inputSize: number; cells: number; channels: number };

/** Keeps what the explainer needs of a clip's windows, in bounded memory. */
export class TraceContext {
  readonly #grid: ContextGrid;
  readonly #limit: number;
  #bins: Bin[] = [];

  /** Creates a context. `bins`: those of an interrupted job's windows. `limit`: most bins to keep. */
  constructor(grid: ContextGrid, bins: readonly Bin[] = [], limit = MAX_BINS) {
    this.#grid = grid;
    this.#bins = [...bins];
    this.#limit = limit;
  }

  /** The bins so far, in the order of their windows. */
  get bins(): readonly Bin[] {
    return this.#bins;
  }

  /** Adds the bins of one window. */
  push(bins: readonly Bin[]): void {
    this.#bins = withBins(this.#bins, bins, this.#limit);
  }

  /**
   * Features of a trace `[4 * channels]`: inside its box, inside minus whole frame, step inside, last minus first bin.
   * Bins count by how much of them the trace lasts; without any overlap the one whose middle is nearest is taken.
   */
  pool(tube: Pick<Tube, 'box' | 'track' | 'startSeconds' | 'endSeconds'>, place: Letterbox): Float32Array {
    const { channels, cells, inputSize } = this.#grid;
    const features = new Float32Array(4 * channels);
    const shares = sharesOf(this.#bins, tube.startSeconds, tube.endSeconds);
    const frame = cellWeights([0, 0, 1, 1], place, inputSize, cells);
    const totals = [0, 1, 2].map(() => new Float64Array(channels));
    const [inside, whole, step] = totals as [Float64Array, Float64Array, Float64Array];
    let first: Float64Array | undefined;
    let last: Float64Array | undefined;
    for (const [index, bin] of this.#bins.entries()) {
      const share = shares[index]!;
      if (share === 0) {
        continue;
      }
      const boxes = tube.track
        .filter(({ timeSeconds }) => bin.startSeconds <= timeSeconds && timeSeconds < bin.endSeconds)
        .map((point) => point.box);
      const weights = cellWeights(boxes.length > 0 ? meanOf(boxes) : tube.box, place, inputSize, cells);
      last = weighted(bin.mean, weights, channels);
      first ??= last;
      add(inside, last, share);
      add(whole, weighted(bin.mean, frame, channels), share);
      add(step, weighted(bin.step, weights, channels), share);
    }
    for (let c = 0; c < channels; c++) {
      features[c] = inside[c]!;
      features[channels + c] = inside[c]! - whole[c]!;
      features[2 * channels + c] = step[c]!;
      features[3 * channels + c] = (last?.[c] ?? 0) - (first?.[c] ?? 0);
    }
    return features;
  }
}

/**
 * The bins of one window: one for each half that has samples.
 *
 * @param context `[4, channels, cells, cells]`: mean over both halves of the window, then mean absolute step.
 * @param times seconds of its samples, without repetitions.
 * @param samples of a whole window.
 */
export function binsOf(
  context: Float32Array,
  times: readonly number[],
  samples: number,
  samplesPerSecond: number,
): Bin[] {
  const size = context.length / 4;
  const half = samples / 2;
  return [0, 1].flatMap((part) => {
    const inside = times.slice(part * half, (part + 1) * half);
    const [first, last] = [inside[0], inside.at(-1)];
    if (first === undefined || last === undefined) {
      return [];
    }
    return [
      {
        startSeconds: first,
        endSeconds: last + 1 / samplesPerSecond,
        mean: context.slice(part * size, (part + 1) * size),
        step: context.slice((part + 2) * size, (part + 3) * size),
      },
    ];
  });
}

/** Bins with those of the next window: the same list, wherever and in how many parts it is built. */
export function withBins(bins: readonly Bin[], more: readonly Bin[], limit = MAX_BINS): Bin[] {
  const all = [...bins, ...more];
  return all.length > limit ? mergePairs(all) : all;
}

function mergePairs(bins: readonly Bin[]): Bin[] {
  const merged: Bin[] = [];
  for (let i = 0; i < bins.length; i += 2) {
    const [a, b] = [bins[i]!, bins[i + 1]];
    if (!b) {
      merged.push(a);
      continue;
    }
    const share =
      (a.endSeconds - a.startSeconds) / (a.endSeconds - a.startSeconds + b.endSeconds - b.startSeconds);
    merged.push({
      startSeconds: Math.min(a.startSeconds, b.startSeconds),
      endSeconds: Math.max(a.endSeconds, b.endSeconds),
      mean: a.mean.map((value, k) => share * value + (1 - share) * b.mean[k]!),
      step: a.step.map((value, k) => share * value + (1 - share) * b.step[k]!),
    });
  }
  return merged;
}

/** How much each bin counts for a span of time; sums to 1. */
function sharesOf(bins: readonly Bin[], startSeconds: number, endSeconds: number): number[] {
  const shares = bins.map((bin) =>
    Math.max(0, Math.min(endSeconds, bin.endSeconds) - Math.max(startSeconds, bin.startSeconds)),
  );
  let total = shares.reduce((a, b) => a + b, 0);
  if (total === 0 && bins.length > 0) {
    const distance = (bin: Bin): number =>
      Math.abs((bin.startSeconds + bin.endSeconds - startSeconds - endSeconds) / 2);
    const nearest = bins.reduce((best, bin, i) => (distance(bin) < distance(bins[best]!) ? i : best), 0);
    shares[nearest] = total = 1;
  }
  return shares.map((share) => share / total);
}

/** Share of a box (fractions of the frame) in every cell; a box without area counts as the cell of its centre. */
function cellWeights(box: Box, place: Letterbox, inputSize: number, cells: number): Float64Array {
  const side = inputSize / cells;
  const x0 = box[0] * place.width + place.x;
  const y0 = box[1] * place.height + place.y;
  const x1 = box[2] * place.width + place.x;
  const y1 = box[3] * place.height + place.y;
  const weights = new Float64Array(cells * cells);
  let total = 0;
  for (let row = 0; row < cells; row++) {
    const down = Math.max(0, Math.min(y1, (row + 1) * side) - Math.max(y0, row * side));
    for (let column = 0; column < cells; column++) {
      const across = Math.max(0, Math.min(x1, (column + 1) * side) - Math.max(x0, column * side));
      weights[row * cells + column] = down * across;
      total += down * across;
    }
  }
  if (total <= 0) {
    const cell = (middle: number): number => Math.min(Math.max(Math.floor(middle / side), 0), cells - 1);
    weights[cell((y0 + y1) / 2) * cells + cell((x0 + x1) / 2)] = total = 1;
  }
  return weights.map((weight) => weight / total);
}

function weighted(map: Float32Array, weights: Float64Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    for (let cell = 0; cell < weights.length; cell++) {
      sums[c]! += map[c * weights.length + cell]! * weights[cell]!;
    }
  }
  return sums;
}

function add(total: Float64Array, values: Float64Array, share: number): void {
  for (let i = 0; i < total.length; i++) {
    total[i]! += share * values[i]!;
  }
}

function meanOf(boxes: readonly Box[]): Box {
  const mean = (edge: 0 | 1 | 2 | 3): number => boxes.reduce((sum, box) => sum + box[edge], 0) / boxes.length;
  return [mean(0), mean(1), mean(2), mean(3)];
}
