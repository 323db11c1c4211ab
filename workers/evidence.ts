import type { Candidate } from './traces/candidates';
import type { Box } from './report';
import type { Bin } from './traces/explain-context';
import type { Letterbox } from './video/preprocess';

/**
 * All that is kept of a window once the model has judged it, without a pixel: what the report is made from, and what
 * the job log holds so that a finished window is never run again. Whatever later stages need of a window belongs here.
 */
export type WindowEvidence = {
  /** Index of its first sample on the clip's grid. */
  start: number;
  /** Samples that are not repetitions. */
  valid: number;
  startSeconds: number;
  endSeconds: number;
  /** Logit that the window is generated, by the trace stream. */
  verdictLogit: number;
  /** Logit that a crop is generated, one a crop, by the forensic stream. */
  forensicLogits: Float32Array;
  /** Mean luma and detail of its samples (see `Quality`), and how much the codec's blocks show. */
  quality: { brightness: number; detail: number; blockiness: number };
  /** Where the frame lies in the trace session's input. */
  place: Letterbox;
  /** The boxes the model sees, by sample. */
  candidates: PackedCandidates;
  /** `[rows, columns]` logits that a trace of the window covers the cell. */
  coverage: { rows: number; columns: number; logits: Float32Array };
  /**
   * Features the explainer pools, where the model has one. The job log keeps them apart from the windows: together they
   * are bounded, whatever the clip's length, and those of single windows are not.
   */
  bins?: Bin[];
};

/** Candidates of a run of samples in two flat arrays: small to keep, cheap to hand from thread to thread. */
export type PackedCandidates = {
  /** Candidates of each sample. */
  counts: Uint16Array;
  /** Length of a candidate's category and subject vectors. */
  categories: number;
  subjects: number;
  /** One after the other: score, box, boundary, category, subject. */
  values: Float32Array;
};

/** Score, four sides, time since onset and until offset. */
const FIXED_VALUES = 7;

/** Packs the candidates of consecutive samples. Numbers are rounded to 32 bits, which is what the model gave. */
export function packCandidates(samples: readonly (readonly Candidate[])[]): PackedCandidates {
  const all = samples.flat();
  const categories = all[0]?.category.length ?? 0;
  const subjects = all[0]?.subject.length ?? 0;
  const values = new Float32Array(all.length * (FIXED_VALUES + categories + subjects));
  let offset = 0;
  const write = (numbers: ArrayLike<number>): void => {
    values.set(numbers, offset);
    offset += numbers.length;
  };
  for (const { score, box, boundary, category, subject } of all) {
    for (const numbers of [[score], box, boundary, category, subject]) {
      write(numbers);
    }
  }
  return { counts: Uint16Array.from(samples, (found) => found.length), categories, subjects, values };
}

/** The candidates of each sample; vectors are views of the packed array. */
export function unpackCandidates({ counts, categories, subjects, values }: PackedCandidates): Candidate[][] {
  let offset = 0;
  const read = (length: number): Float32Array => values.subarray(offset, (offset += length));
  return Array.from(counts, (count) =>
    Array.from({ length: count }, () => ({
      score: read(1)[0]!,
      box: [...read(4)] as Box,
      boundary: read(2),
      category: read(categories),
      subject: read(subjects),
    })),
  );
}
