/** Packet timestamps and grid times are compared with this slack, in seconds: containers round to their own clock. */
const SLACK = 1e-3;

/**
 * A frame that stays on screen longer than this, in seconds, is not sampled again: more of the same says nothing, and
 * two frames that are a day apart would take hours to judge.
 */
const LONGEST_HOLD = 10;

/**
 * Lays a regular grid over a clip: for each grid time the frame on screen then, that is the latest one not after it.
 * Works on timestamps alone, so variable frame rates and gaps are as the viewer sees them. Of a frame that stands still
 * only the first ten seconds are on the grid.
 *
 * @param timestamps presentation times of all frames in seconds, ascending, not empty.
 * @param framesPerSecond density of the grid.
 * @returns for each grid time its seconds and the index of its frame.
 */
export function sampleGrid(
  timestamps: Float64Array,
  framesPerSecond: number,
): { timeSeconds: number; frame: number }[] {
  const first = timestamps[0];
  const last = timestamps.at(-1);
  if (first === undefined || last === undefined) {
    throw new RangeError('a clip without frames cannot be sampled');
  }
  const count = Math.floor((last - first + SLACK) * framesPerSecond) + 1;
  const grid: { timeSeconds: number; frame: number }[] = [];
  let frame = 0;
  for (let g = 0; g < count; g++) {
    const timeSeconds = first + g / framesPerSecond;
    while (frame + 1 < timestamps.length && timestamps[frame + 1]! <= timeSeconds + SLACK) {
      frame++;
    }
    if (timeSeconds - timestamps[frame]! <= LONGEST_HOLD + SLACK) {
      grid.push({ timeSeconds, frame });
    }
  }
  return grid;
}

/** A run of consecutive samples the model judges at once. */
export type Window<T> = {
  /** Index of the first sample on the clip's grid. */
  start: number;
  /** The samples; a segment shorter than a window repeats its last one. */
  samples: T[];
  /** How many of them are not repetitions. */
  valid: number;
};

/** Counts of a {@link WindowAssembler}, from which it can go on once it has the latest samples again. */
export type AssemblerState = {
  /** Index of the segment's first sample on the clip's grid. */
  segmentStart: number;
  /** Samples of the segment received. */
  received: number;
  /** Samples of the segment that lie in a finished window. */
  covered: number;
};

/**
 * Cuts a stream of samples into overlapping windows that never span a hard cut. Holds one window of samples at most.
 * Inside a segment windows start every `hop` samples; what is left at its end is covered by one window aligned to it.
 */
export class WindowAssembler<T> {
  readonly #length: number;
  readonly #hop: number;
  /** Latest samples of the segment, at most one window of them. */
  #recent: T[] = [];
  #segmentStart: number;
  #received: number;
  #covered: number;

  /**
   * @param length samples a window; @param hop samples between two starts.
   * @param state where to go on; the samples named by {@link remembered} must then be given back by {@link refill}.
   */
  constructor(
    length: number,
    hop: number,
    state: AssemblerState = { segmentStart: 0, received: 0, covered: 0 },
  ) {
    this.#length = length;
    this.#hop = hop;
    this.#segmentStart = state.segmentStart;
    this.#received = state.received;
    this.#covered = state.covered;
  }

  /** Counts to go on from. */
  get state(): AssemblerState {
    return { segmentStart: this.#segmentStart, received: this.#received, covered: this.#covered };
  }

  /** How many of the latest samples of the segment are held. */
  get remembered(): number {
    return Math.min(this.#received, this.#length);
  }

  /** Gives back a sample that was received before the state was taken, in order. */
  refill(sample: T): void {
    this.#recent.push(sample);
  }

  /** Takes the next sample of the segment; returns the window it completes, if any. */
  push(sample: T): Window<T> | undefined {
    this.#recent.push(sample);
    if (this.#recent.length > this.#length) {
      this.#recent.shift();
    }
    this.#received++;
    const start = this.#received - this.#length;
    if (start < 0 || start % this.#hop !== 0) {
      return undefined;
    }
    this.#covered = this.#received;
    return { start: this.#segmentStart + start, samples: [...this.#recent], valid: this.#length };
  }

  /** Ends the segment (at a cut or the end of the clip); returns the window over samples not covered yet, if any. */
  endSegment(): Window<T> | undefined {
    const valid = this.#recent.length;
    const last = this.#recent.at(-1);
    const start = this.#segmentStart + this.#received - valid;
    const uncovered = this.#received > this.#covered;
    const samples = this.#recent;
    this.#segmentStart += this.#received;
    this.#received = 0;
    this.#covered = 0;
    this.#recent = [];
    if (!uncovered || last === undefined) {
      return undefined;
    }
    while (samples.length < this.#length) {
      samples.push(last);
    }
    return { start, samples, valid };
  }
}

/** How many windows a segment of `samples` samples gives. */
export function windowCount(samples: number, length: number, hop: number): number {
  if (samples <= length) {
    return samples > 0 ? 1 : 0;
  }
  return Math.ceil((samples - length) / hop) + 1;
}
