import type { Explainer } from '../model/explainer';
import type { Manifest } from '../model/manifest';
import { CATEGORIES, type Box, type Category, type Trace } from '../report';
import type { Letterbox } from '../video/preprocess';
import { explain } from './explain';
import type { TraceContext } from './explain-context';
import { tellTrace } from './explain-trace';
import { placeTubes, type WindowCoverage } from './placement';
import { chooseSubject } from './subject';
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
  #coverage: WindowCoverage[] = [];
  /** Links of the open segment as of {@link #linkedAt} windows. */
  #open: Tube[] = [];
  #windows = 0;
  #linkedAt = 0;
  #links = 0;

  /** Creates a collector for one clip. */
  constructor(manifest: Manifest, frame: ClipFrame) {
    this.#manifest = manifest;
    this.#frame = frame;
    this.#segmentStart = frame.clip.startSeconds;
  }

  /**
   * Adds one window.
   *
   * @param samples its samples, without repetitions.
   * @param coverage how likely a trace covers each cell over the window.
   */
  push(samples: readonly SampleCandidates[], coverage: WindowCoverage): void {
    for (const { sample, timeSeconds, candidates } of samples) {
      const known = this.#samples.get(sample);
      if (known) {
        known.candidates.push(...candidates);
      } else {
        this.#samples.set(sample, { sample, timeSeconds, candidates: [...candidates] });
      }
    }
    this.#coverage.push(coverage);
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
    this.#coverage = [];
    this.#windows = 0;
    this.#linkedAt = 0;
    this.#segmentStart = endSeconds;
  }

  /** How often samples were linked to tubes; what {@link traces} returns changes no oftener. */
  get links(): number {
    return this.#links;
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
    return this.#shown(fakeProbability).map((tube, index) => this.#toTrace(tube, `trace-${index + 1}`));
  }

  /**
   * The final traces, in the words of the model's decoder where its sentence passes the check, in those of the grammar
   * elsewhere.
   */
  async explainedTraces(
    fakeProbability: number,
    explainer: Explainer,
    context: TraceContext,
  ): Promise<Trace[]> {
    const { categories, subjects } = this.#manifest;
    const { place, clip } = this.#frame;
    const traces = this.traces(fakeProbability);
    for (const [index, tube] of this.#shown(fakeProbability).entries()) {
      const sentence = await tellTrace(explainer, context, {
        tube,
        category: CATEGORIES.indexOf(traces[index]!.category),
        categories: categories.length,
        subject: chooseSubject(tube.subjectScores, subjects),
        subjects,
        place,
        clip,
      });
      if (sentence !== undefined) {
        traces[index] = { ...traces[index]!, explanation: sentence, explanationSource: 'decoder' };
      }
    }
    return traces;
  }

  #shown(fakeProbability: number): Tube[] {
    const bestFirst = this.#found().sort((a, b) => b.score - a.score);
    return shownTubes(bestFirst, fakeProbability, this.#manifest.decoding);
  }

  #found(): Tube[] {
    return [...this.#finished, ...this.#open];
  }

  #link(endSeconds: number): void {
    const { sampling, decoding, sessions } = this.#manifest;
    const samples = [...this.#samples.values()].sort((a, b) => a.sample - b.sample);
    const limits = { startSeconds: this.#segmentStart, endSeconds };
    const tubes = linkTubes(samples, limits, sampling.framesPerSecond, decoding);
    const grid = { place: this.#frame.place, stride: sessions.trace.stride };
    this.#open = placeTubes(tubes, this.#coverage, grid, decoding);
    this.#linkedAt = this.#windows;
    this.#links++;
  }

  #toTrace(tube: Tube, id: string): Trace {
    const category = categoryOf(tube.categoryScores, this.#manifest.decoding.categoryBias);
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
      explanationSource: 'grammar',
    };
  }

  #toPixels(box: Box): Box {
    const { width, height } = this.#frame;
    return [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
  }
}

/**
 * The category of a tube.
 *
 * @param scores of the nine categories, 0..1.
 * @param bias added to the logarithm of each: rare categories would otherwise hardly ever win.
 */
export function categoryOf(scores: ArrayLike<number>, bias: readonly number[]): Category {
  let best = 0;
  let highest = -Infinity;
  for (let i = 0; i < scores.length; i++) {
    const value = Math.log(scores[i]! + 1e-9) + bias[i]!;
    if (value > highest) {
      [best, highest] = [i, value];
    }
  }
  return CATEGORIES[best]!;
}
