import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../workers/report';
import { CATEGORY_INFO } from './categories';
import { reportFileName } from './download';
import { backendFromQuery, findLimitations } from './environment';
import { describeTestSet, figureRows, type Figures } from './model-card';
import { makeReport } from './report.fixture';
import { BAND_WORDS, explainProbability } from './verdict';

const FIGURES: Figures = {
  testSet: { generated: 97, real: 55, generatedFamilies: ['pika10'], description: 'held out' },
  auc: { value: 0.883, low: 0.82, high: 0.93 },
  realFlagged: { count: 2, of: 55, rate: 2 / 55, upper95: 0.111 },
  realFlaggedStockBroadcast: { count: 1, of: 18 },
  generatedFound: { count: 58, of: 97, rate: 58 / 97 },
  boxIou: { value: 0.41 },
  centreBoxIou: { value: 0.32 },
};

describe('explainProbability', () => {
  it('tells the measured false alarm rate in one sentence', () => {
    const text = explainProbability(makeReport().verdict, FIGURES);
    expect(text).toBe(
      'The model puts the probability that this clip was generated at 93%, which speaks for generation but does not prove it; in tests on clips it had not seen, it found substantial evidence in 58 of 97 generated clips and, wrongly, in 2 of 55 real clips (4%, plausibly up to 11%).',
    );
    expect(text.match(/\.(\s|$)/g)).toHaveLength(1);
  });

  it('says so when nothing was measured', () => {
    expect(explainProbability(makeReport().verdict, {})).toContain('has not been measured');
  });

  it('calls no clip real', () => {
    const verdict = { band: 'no-strong-signs', fakeProbability: 0.02, reasons: [] } as const;
    expect(explainProbability({ ...verdict, reasons: [] }, FIGURES)).toContain('does not make it real');
    expect(Object.values(BAND_WORDS).some(({ title }) => /\breal\b/i.test(title))).toBe(false);
  });
});

describe('figures', () => {
  it('lists what was measured', () => {
    expect(figureRows(FIGURES).map(({ value }) => value)).toEqual([
      '2 of 55',
      '1 of 18',
      '58 of 97',
      '0.88 (0.82–0.93)',
      '0.41',
    ]);
    expect(describeTestSet(FIGURES)).toContain('97 generated (made by pika10) and 55 real clips');
  });

  it('invents nothing', () => {
    expect(figureRows({})).toEqual([]);
    expect(describeTestSet({})).toBeUndefined();
  });
});

describe('categories', () => {
  it('differ in name, stroke pattern and icon', () => {
    const infos = CATEGORIES.map((category) => CATEGORY_INFO[category]);
    for (const key of ['name', 'dash', 'icon'] as const) {
      expect(new Set(infos.map((info) => info[key])).size).toBe(CATEGORIES.length);
    }
  });
});

describe('environment', () => {
  it('says what is missing, and what of it is fatal', () => {
    const complete = { VideoDecoder: {}, navigator: { gpu: {} }, crossOriginIsolated: true };
    expect(findLimitations(complete)).toEqual([]);
    const bare = findLimitations({ navigator: {}, crossOriginIsolated: false });
    expect(bare.map(({ blocking }) => blocking)).toEqual([true, false, false]);
    expect(bare[1]?.message).toContain('runs on the CPU');
  });

  it('reads the backend from the address', () => {
    expect(backendFromQuery('?backend=wasm')).toBe('wasm');
    expect(backendFromQuery('?backend=webgpu')).toBe('webgpu');
    expect(backendFromQuery('?backend=abacus')).toBe('auto');
    expect(backendFromQuery('')).toBe('auto');
  });
});

describe('reportFileName', () => {
  it('drops the extension of the clip', () => {
    expect(reportFileName(makeReport({ file: { name: 'a.b.mp4', bytes: 1, sha256: '' } }))).toBe(
      'a.b.tellscope.json',
    );
  });
});
