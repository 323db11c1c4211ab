import { unpackCandidates, type WindowEvidence } from './evidence';
import type { JobStep } from './job-log';
import type { Explainer } from './model/explainer';
import type { Manifest } from './model/manifest';
import type { Trace, WindowJudgement } from './report';
import { windowInterval } from './spread';
import { TraceCollector, type ClipFrame } from './traces/collector';
import type { TraceContext } from './traces/explain-context';
import { fakeProbability, VerdictEvidence, type VerdictFeatures } from './verdict';

/**
 * What a clip amounts to so far, built step by step from the evidence of its windows. Depends on the steps and their
 * order alone, so a job taken up from its log ends in the report it would have ended in.
 */
export class ClipJudgement {
  readonly windows: WindowJudgement[] = [];
  /** Hard cuts, in seconds. */
  readonly cuts: number[] = [];
  readonly #manifest: Manifest;
  readonly #frame: Omit<ClipFrame, 'place'>;
  /** Made with the first window, which tells where the frame lies in the model's input. */
  #collector: TraceCollector | undefined;
  readonly #evidence = new VerdictEvidence();
  readonly #timeOf: (sample: number) => number;
  #probabilities = 0;

  /** @param timeOf seconds of a sample of the clip's grid. */
  constructor(manifest: Manifest, frame: Omit<ClipFrame, 'place'>, timeOf: (sample: number) => number) {
    this.#manifest = manifest;
    this.#frame = frame;
    this.#timeOf = timeOf;
  }

  /** Takes the next step. */
  take(step: JobStep): void {
    if (step.type === 'window') {
      this.#takeWindow(step.evidence);
    } else {
      this.#collector?.endSegment(step.seconds);
      this.cuts.push(step.seconds);
    }
  }

  /** Ends the clip: nothing goes on beyond `endSeconds`. */
  end(endSeconds: number): void {
    this.#collector?.endSegment(endSeconds);
  }

  /** Features of the verdict over all windows. */
  features(): VerdictFeatures {
    return this.#evidence.features(this.#collector?.bestScore() ?? 0);
  }

  /** How often the traces were linked anew: they change with nothing else. */
  get links(): number {
    return this.#collector?.links ?? 0;
  }

  /** Traces so far, for the eye: judged by the mean of the windows, which is cheaper than the features. */
  partialTraces(): Trace[] {
    return this.traces(this.#probabilities / Math.max(1, this.windows.length));
  }

  /** Traces of the whole clip, given its probability. */
  traces(probability: number): Trace[] {
    return this.#collector?.traces(probability) ?? [];
  }

  /** The same in the words of the model's decoder, where they pass its check. */
  async explainedTraces(probability: number, explainer: Explainer, context: TraceContext): Promise<Trace[]> {
    return (await this.#collector?.explainedTraces(probability, explainer, context)) ?? [];
  }

  #takeWindow(evidence: WindowEvidence): void {
    const { start, valid, startSeconds, endSeconds, verdictLogit, forensicLogits, quality } = evidence;
    this.#evidence.push(verdictLogit, forensicLogits);
    const { rows, columns, logits } = evidence.coverage;
    const values = Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
    const collector = (this.#collector ??= new TraceCollector(this.#manifest, {
      ...this.#frame,
      place: evidence.place,
    }));
    collector.push(
      unpackCandidates(evidence.candidates).map((candidates, k) => ({
        sample: start + k,
        timeSeconds: this.#timeOf(start + k),
        candidates,
      })),
      { start, end: start + valid, rows, columns, values },
    );
    const alone = new VerdictEvidence();
    alone.push(verdictLogit, forensicLogits);
    const { verdict } = this.#manifest;
    const score = collector.bestScore({ startSeconds, endSeconds });
    const probability = fakeProbability(alone.features(score), verdict);
    const interval = windowInterval(verdictLogit, forensicLogits, score, verdict);
    this.windows.push({
      startSeconds,
      endSeconds,
      fakeProbability: probability,
      ...(interval && { interval }),
      quality,
    });
    this.#probabilities += probability;
  }
}
