import { describe, expect, it } from 'vitest';
import { bandOf, conclude, fakeProbability, VerdictEvidence } from './verdict';

const settings = {
  bias: -1,
  weights: { verdictLogitMean: 2, forensicLogitTop: 0.5, traceScoreMax: 1 },
  bands: { substantialEvidence: 0.9, noStrongSigns: 0.2 },
};

function evidenceOf(...windows: [number, number[]][]): VerdictEvidence {
  const evidence = new VerdictEvidence();
  for (const [logit, crops] of windows) {
    evidence.push(logit, crops);
  }
  return evidence;
}

describe('VerdictEvidence', () => {
  it('pools windows and crops as training does', () => {
    const features = evidenceOf([1, [0, 1, 2, 3]], [3, [4, 5, 6, 7]]).features(0.4);
    expect(features).toEqual({
      verdictLogitMean: 2,
      verdictLogitMax: 3,
      forensicLogitMean: 3.5,
      forensicLogitTop: 6.5,
      traceScoreMax: 0.4,
    });
  });

  it('takes one crop at least as the top quarter', () => {
    expect(evidenceOf([0, [2, 1]]).features(0).forensicLogitTop).toBe(2);
  });
});

describe('fakeProbability', () => {
  it('is the logistic of the weighted sum', () => {
    const features = evidenceOf([1, [2]]).features(0.5);
    expect(fakeProbability(features, settings)).toBeCloseTo(1 / (1 + Math.exp(-(-1 + 2 + 1 + 0.5))));
  });
});

describe('bands', () => {
  it.each([
    [0.95, 'substantial-evidence'],
    [0.9, 'substantial-evidence'],
    [0.5, 'inconclusive'],
    [0.2, 'no-strong-signs'],
  ] as const)('puts %d into %s', (probability, band) => {
    expect(bandOf(probability, settings.bands)).toBe(band);
  });

  it('abstains whatever the probability when the quality is too low, and says why', () => {
    const features = evidenceOf([9, [9]]).features(0);
    const verdict = conclude(features, [0.99], [], ['Not judged: too small.'], settings);
    expect(verdict.band).toBe('inconclusive');
    expect(verdict.reasons[0]).toBe('Not judged: too small.');
  });

  it('never says real', () => {
    const verdict = conclude(evidenceOf([-9, [-9]]).features(0), [0.01], [], [], settings);
    expect(verdict.band).toBe('no-strong-signs');
    expect(verdict.reasons.join(' ')).not.toMatch(/\breal\b|authentic|genuine/i);
  });
});
