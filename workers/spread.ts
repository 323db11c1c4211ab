import type { Manifest } from './model/manifest';
import { fakeProbability, VerdictEvidence } from './verdict';

/** Half-width of a 95 % interval of a normal distribution, in standard errors. */
const Z95 = 1.96;

/** Probabilities between which a window's probability lies, by how much the crops looked at differ; both 0..1. */
export type ProbabilityInterval = { low: number; high: number };

/**
 * How far a window's probability depends on which crops of the picture the model happened to look at: the 95 % interval
 * by the jackknife standard error of the logit, leaving out one crop at a time (Efron, “The Jackknife, the Bootstrap and
 * Other Resampling Plans”, SIAM 1982, chapter 3). It says nothing about the model being wrong on all of them.
 *
 * @param forensicLogits one for each crop of the window.
 * @param traceScore best trace score in the window, as it went into its probability.
 * @returns nothing when fewer than two crops were looked at.
 */
export function windowInterval(
  verdictLogit: number,
  forensicLogits: ArrayLike<number>,
  traceScore: number,
  settings: Manifest['verdict'],
): ProbabilityInterval | undefined {
  const logits = Array.from(forensicLogits);
  const n = logits.length;
  if (n < 2) {
    return undefined;
  }
  const logitOf = (crops: readonly number[]): number => {
    const evidence = new VerdictEvidence();
    evidence.push(verdictLogit, crops);
    const probability = fakeProbability(evidence.features(traceScore), settings);
    // At the ends of its range, a probability rounds to 0 or 1, which have no logit.
    const inside = Math.min(1 - 1e-12, Math.max(1e-12, probability));
    return Math.log(inside / (1 - inside));
  };
  const without = logits.map((_, left) => logitOf(logits.filter((_crop, index) => index !== left)));
  const mean = without.reduce((sum, value) => sum + value, 0) / n;
  const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(((n - 1) / n) * squares);
  const middle = logitOf(logits);
  const probabilityOf = (logit: number): number => 1 / (1 + Math.exp(-logit));
  return { low: probabilityOf(middle - Z95 * error), high: probabilityOf(middle + Z95 * error) };
}
