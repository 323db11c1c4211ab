import type { Manifest, VerdictFeature } from './model/manifest';
import type { Band, Verdict } from './report';

/** Clip-level numbers the verdict is computed from. No property of the file is among them. */
export type VerdictFeatures = Record<VerdictFeature, number>;

/** What each window and crop said, gathered over a clip. */
export class VerdictEvidence {
  readonly #verdictLogits: number[] = [];
  readonly #forensicLogits: number[] = [];

  /** Adds one window's logits. */
  push(verdictLogit: number, forensicLogits: ArrayLike<number>): void {
    this.#verdictLogits.push(verdictLogit);
    this.#forensicLogits.push(...Array.from(forensicLogits));
  }

  /** The features of the clip; `traceScoreMax` is the best trace's score, 0 when there is none. */
  features(traceScoreMax: number): VerdictFeatures {
    const descending = [...this.#forensicLogits].sort((a, b) => b - a);
    const top = descending.slice(0, Math.max(1, Math.floor(descending.length / 4)));
    return {
      verdictLogitMean: mean(this.#verdictLogits),
      verdictLogitMax: this.#verdictLogits.reduce((a, b) => Math.max(a, b), -Infinity),
      forensicLogitMean: mean(descending),
      forensicLogitTop: mean(top),
      traceScoreMax,
    };
  }
}

/** Calibrated probability that a clip with these features is generated: a logistic regression fitted in training. */
export function fakeProbability(features: VerdictFeatures, { bias, weights }: Manifest['verdict']): number {
  let logit = bias;
  for (const [name, weight] of Object.entries(weights) as [VerdictFeature, number][]) {
    logit += weight * features[name];
  }
  return 1 / (1 + Math.exp(-logit));
}

/** The band a probability falls into. */
export function bandOf(probability: number, bands: Manifest['verdict']['bands']): Band {
  if (probability >= bands.substantialEvidence) {
    return 'substantial-evidence';
  }
  return probability <= bands.noStrongSigns ? 'no-strong-signs' : 'inconclusive';
}

/**
 * The verdict over a clip.
 *
 * @param windowProbabilities the model's probability for each window alone.
 * @param traceScores scores of the traces shown, highest first.
 * @param abstentions why no judgement should be given (see `reasonsToAbstain`); any makes it `inconclusive`.
 */
export function conclude(
  features: VerdictFeatures,
  windowProbabilities: readonly number[],
  traceScores: readonly number[],
  abstentions: readonly string[],
  settings: Manifest['verdict'],
): Verdict {
  const probability = fakeProbability(features, settings);
  const band = abstentions.length > 0 ? 'inconclusive' : bandOf(probability, settings.bands);
  return {
    band,
    fakeProbability: probability,
    reasons: [...abstentions, ...evidence(features, windowProbabilities, traceScores)],
  };
}

function evidence(
  features: VerdictFeatures,
  windows: readonly number[],
  traceScores: readonly number[],
): string[] {
  const texture = 1 / (1 + Math.exp(-features.forensicLogitMean));
  const high = windows.filter((probability) => probability >= 0.5).length;
  const reasons = [
    `Fine texture, looked at without scaling, resembles ${texture >= 0.5 ? 'generated' : 'camera'} video ` +
      `(texture score ${percent(texture)}).`,
    windows.length === 1
      ? `The one window of the clip, taken alone, scores ${percent(windows[0] ?? 0)}.`
      : `${high} of ${windows.length} windows, each taken alone, score above 50%.`,
  ];
  const [best] = traceScores;
  if (best === undefined) {
    reasons.push('No single place stood out as a trace.');
  } else if (traceScores.length === 1) {
    reasons.push(`One trace was found, with a score of ${best.toFixed(2)}.`);
  } else {
    reasons.push(
      `${traceScores.length} traces were found, the strongest with a score of ${best.toFixed(2)}.`,
    );
  }
  return reasons;
}

function percent(value: number): string {
  return `${Math.round(value * 100)}%`;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
