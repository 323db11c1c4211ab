import type { Manifest } from '../model/manifest';
import type { TraceOutputs } from '../model/session';
import { CATEGORIES, type Box, type Trace } from '../report';
import type { Letterbox } from '../video/preprocess';
import { candidatesOf } from './candidates';
import { chooseSubject, explain } from './explain';
import { linkTubes, shownTubes, type SampleCandidates, type Tube } from './tubes';

/** The geometry and times of the clip whose traces are collected. */
export type ClipFrame = {
  /** Displayed size in pixels. */
  width: number;
  height: number;
  /** Where the frame lies in the trace session's input. */
  place: Letterbox;
  clip: { startSeconds: number; endSeconds: number };
};

/** Collects the trace outputs of a clip's windows and makes traces of them, segment by segment. */
export class TraceCollector {
  readonly #manifest: Manifest;
  readonly #frame: ClipFrame;
  readonly #finished: Tube[] = [];
  #segmentStart: number;
  #samples = new Map<number, SampleCandidates>();
  /** Links of the open segment as of {@link #linkedAt} windows. */
  #open: Tube[] = [];
  #windows = 0;
  #linkedAt = 0;

  /** Creates a collector for one clip. */
  constructor(manifest: Manifest, frame: ClipFrame) {
    this.#manifest = manifest;
    this.#frame = frame;
    this.#segmentStart = frame.clip.startSeconds;
  }

  /**
   * Adds one window.
   *
   * @param start index of its first sample on the clip's grid.
   * @param times seconds of its samples, without repetitions.
   */
  push(outputs: TraceOutputs, start: number, times: readonly number[]): void {
    const { sessions, decoding } = this.#manifest;
    for (const [k, timeSeconds] of times.entries()) {
      const found = candidatesOf(outputs, k, this.#frame.place, sessions.trace.stride, decoding);
      const sample = start + k;
      const known = this.#samples.get(sample);
      if (known) {
        known.candidates.push(...found);
      } else {
        this.#samples.set(sample, { sample, timeSeconds, candidates: found });
      }
    }
    this.#windows++;
    // Linking runs over the whole segment again; growing pauses keep the sum of all runs linear in a long one.
    if (this.#windows >= this.#linkedAt * 1.1 + 1) {
      this.#link(this.#frame.clip.endSeconds);
    }
  }

  /** Ends the segment at a hard cut or at the end of the clip: no trace goes on beyond it. */
  endSegment(endSeconds: number): void {
    this.#link(endSeconds);
    this.#finished.push(...this.#open);
    this.#open = [];
    this.#samples = new Map();
    this.#windows = 0;
    this.#linkedAt = 0;
    this.#segmentStart = endSeconds;
  }

  /**
   * Score of the strongest trace, 0 when there is none: a feature of the verdict, so what is shown because of the
   * verdict does not count.
   *
   * @param within only traces that overlap this span of time.
   */
  bestScore(within: { startSeconds: number; endSeconds: number } = this.#frame.clip): number {
    return this.#found()
      .filter((tube) => tube.score >= this.#manifest.decoding.traceThreshold)
      .filter((tube) => tube.startSeconds < within.endSeconds && tube.endSeconds > within.startSeconds)
      .reduce((best, tube) => Math.max(best, tube.score), 0);
  }

  /** Traces found so far, the segment being read included; highest score first. */
  traces(fakeProbability: number): Trace[] {
    return shownTubes(this.#found(), fakeProbability, this.#manifest.decoding)
      .sort((a, b) => b.score - a.score)
      .map((tube, index) => this.#toTrace(tube, `trace-${index + 1}`));
  }

  #found(): Tube[] {
    return [...this.#finished, ...this.#open];
  }

  #link(endSeconds: number): void {
    const { sampling, decoding } = this.#manifest;
    const samples = [...this.#samples.values()].sort((a, b) => a.sample - b.sample);
    const limits = { startSeconds: this.#segmentStart, endSeconds };
    this.#open = linkTubes(samples, limits, sampling.framesPerSecond, decoding);
    this.#linkedAt = this.#windows;
  }

  #toTrace(tube: Tube, id: string): Trace {
    const category = CATEGORIES[argmax(tube.categoryScores)]!;
    const { startSeconds, endSeconds, box, track, score } = tube;
    const subject = chooseSubject(tube.subjectScores, this.#manifest.subjects);
    const slots = { category, subject, box, track, startSeconds, endSeconds, clip: this.#frame.clip };
    return {
      id,
      category,
      score,
      startSeconds,
      endSeconds,
      box: this.#toPixels(box),
      track: track.map((point) => ({ timeSeconds: point.timeSeconds, box: this.#toPixels(point.box) })),
      explanation: explain(slots),
    };
  }

  #toPixels(box: Box): Box {
    const { width, height } = this.#frame;
    return [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
  }
}

function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) {
      best = i;
    }
  }
  return best;
}
