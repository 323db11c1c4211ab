import type { DecodingSettings } from '../model/manifest';
import type { TraceOutputs } from '../model/session';
import type { Box } from '../report';
import type { Letterbox } from '../video/preprocess';

/** One box the model sees at one sample. */
export type Candidate = {
  /** Objectness, 0..1. */
  score: number;
  /** Fractions of the displayed frame. */
  box: Box;
  /** Nine sigmoid scores. */
  category: ArrayLike<number>;
  /** Distribution over the subject nouns. */
  subject: ArrayLike<number>;
  /** Seconds since onset and until offset. */
  boundary: ArrayLike<number>;
};

/** Boxes thinner than this share of the frame are noise. */
const MIN_SIDE = 0.01;

/** Intersection over union of two boxes; 0 when they do not overlap. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) {
    return 0;
  }
  const inner = width * height;
  return inner / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner);
}

/**
 * Reads the candidates of one sample off the output grids (anchor-free, as FCOS, arXiv 1904.01355), best first.
 *
 * @param sample index within the window.
 * @param place where the frame lies in the input, to undo the letterbox.
 * @param stride input pixels a cell covers.
 */
export function candidatesOf(
  outputs: TraceOutputs,
  sample: number,
  place: Letterbox,
  stride: number,
  settings: DecodingSettings,
): Candidate[] {
  const { rows, columns } = outputs;
  const cells = rows * columns;
  const picked: { cell: number; score: number }[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const score = sigmoid(outputs.objectness[sample * cells + cell]!);
    if (score >= settings.candidateThreshold) {
      picked.push({ cell, score });
    }
  }
  picked.sort((a, b) => b.score - a.score);
  const found: Candidate[] = [];
  for (const { cell, score } of picked.slice(0, settings.maxPerSample)) {
    const [left, top, right, bottom] = channels(outputs.box, sample, 4, cells, cell);
    const x = ((cell % columns) + 0.5) * stride;
    const y = (Math.floor(cell / columns) + 0.5) * stride;
    const box: Box = [
      unit((x - left! - place.x) / place.width),
      unit((y - top! - place.y) / place.height),
      unit((x + right! - place.x) / place.width),
      unit((y + bottom! - place.y) / place.height),
    ];
    if (box[2] - box[0] < MIN_SIDE || box[3] - box[1] < MIN_SIDE) {
      continue;
    }
    const subjects = outputs.subject.length / (outputs.samples * cells);
    const categories = outputs.category.length / (outputs.samples * cells);
    found.push({
      score,
      box,
      category: channels(outputs.category, sample, categories, cells, cell).map(sigmoid),
      subject: softmax(channels(outputs.subject, sample, subjects, cells, cell)),
      boundary: channels(outputs.boundary, sample, 2, cells, cell),
    });
  }
  return found;
}

/**
 * Merges the candidates of one sample: each cluster around the best one left becomes its score-weighted mean, with
 * the best one's score.
 */
export function fuse(candidates: readonly Candidate[], nmsIou: number): Candidate[] {
  let left = [...candidates].sort((a, b) => b.score - a.score);
  const fused: Candidate[] = [];
  while (left[0]) {
    const head = left[0];
    const cluster = left.filter((candidate) => candidate === head || iou(head.box, candidate.box) > nmsIou);
    const members = new Set(cluster);
    left = left.filter((candidate) => !members.has(candidate));
    fused.push({
      score: head.score,
      box: meanBox(cluster),
      category: weightedMean(cluster, (candidate) => candidate.category),
      subject: weightedMean(cluster, (candidate) => candidate.subject),
      boundary: weightedMean(cluster, (candidate) => candidate.boundary),
    });
  }
  return fused;
}

/** Score-weighted mean of a vector over candidates. */
export function weightedMean(
  candidates: readonly Candidate[],
  vector: (candidate: Candidate) => ArrayLike<number>,
): Float64Array {
  const mean = new Float64Array(candidates[0] ? vector(candidates[0]).length : 0);
  let total = 0;
  for (const candidate of candidates) {
    const values = vector(candidate);
    for (let i = 0; i < mean.length; i++) {
      mean[i]! += candidate.score * values[i]!;
    }
    total += candidate.score;
  }
  return mean.map((sum) => sum / total);
}

/** Score-weighted mean box of candidates. */
export function meanBox(candidates: readonly Candidate[]): Box {
  const mean = weightedMean(candidates, (candidate) => candidate.box);
  return [mean[0]!, mean[1]!, mean[2]!, mean[3]!];
}

function channels(
  data: Float32Array,
  sample: number,
  count: number,
  cells: number,
  cell: number,
): Float64Array {
  const values = new Float64Array(count);
  for (let c = 0; c < count; c++) {
    values[c] = data[(sample * count + c) * cells + cell]!;
  }
  return values;
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

function softmax(logits: Float64Array): Float64Array {
  const max = Math.max(...logits);
  const exponents = logits.map((logit) => Math.exp(logit - max));
  const sum = exponents.reduce((a, b) => a + b, 0);
  return exponents.map((value) => value / sum);
}

function unit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
