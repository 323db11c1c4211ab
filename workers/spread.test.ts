import { expect, test } from 'vitest';
import { windowInterval } from './spread';
import { fakeProbability, VerdictEvidence } from './verdict';

const settings = {
  bias: 0,
  weights: { forensicLogitMean: 1 },
  bands: { substantialEvidence: 0.9, noStrongSigns: 0.1 },
};

function probability(logits: number[]): number {
  const evidence = new VerdictEvidence();
  evidence.push(0, logits);
  return fakeProbability(evidence.features(0), settings);
}

test('crops that agree leave no room, crops that differ leave some, around the probability itself', () => {
  const agreed = windowInterval(0, [1, 1, 1, 1], 0, settings)!;
  expect(agreed.high - agreed.low).toBeCloseTo(0);
  const logits = [-1, 0, 2, 3];
  const split = windowInterval(0, logits, 0, settings)!;
  expect(split.low).toBeLessThan(probability(logits));
  expect(split.high).toBeGreaterThan(probability(logits));
});

test('for a mean, the jackknife is the standard error of the mean', () => {
  const logits = [-1, 0, 2, 3, 1];
  const mean = logits.reduce((sum, value) => sum + value, 0) / logits.length;
  const variance = logits.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (logits.length - 1);
  const error = Math.sqrt(variance / logits.length);
  const interval = windowInterval(0, logits, 0, settings)!;
  expect(Math.log(interval.high / (1 - interval.high))).toBeCloseTo(mean + 1.96 * error, 6);
});

test('one crop alone says nothing of how far crops differ', () => {
  expect(windowInterval(0, [1], 0, settings)).toBeUndefined();
});
