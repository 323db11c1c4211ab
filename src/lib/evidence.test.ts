import { describe, expect, test } from 'vitest';
import { conclude } from '../../workers/verdict';
import { weigh } from './evidence';
import { describeQuality, qualityLimits, qualitySteps } from './picture-quality';
import { makeReport } from './report.fixture';

describe('reasons for and against', () => {
  test('count the windows on both sides and name the extremes', () => {
    const windows = [0.9, 0.2, 0.6].map((fakeProbability, index) => ({
      startSeconds: index,
      endSeconds: index + 2,
      fakeProbability,
    }));
    const { speaksFor, speaksAgainst } = weigh(makeReport({ windows }), {});
    expect(speaksFor[0]).toBe('2 of 3 windows above 50%; the highest is 90% at 0:00.0 – 0:02.0.');
    expect(speaksAgainst[0]).toBe('1 of 3 windows below 50%; the lowest is 20% at 0:01.0 – 0:03.0.');
  });

  test('put traces beside the rate at which the model draws them in real clips', () => {
    const figures = { falseTracesPerRealMinute: { value: 3.29 } };
    const { speaksFor, speaksAgainst } = weigh(makeReport(), figures);
    expect(speaksFor).toContain('1 trace; the strongest is object distortion with a score of 0.80.');
    expect(speaksAgainst.at(-1)).toContain('3.3 of them a minute');
    expect(weigh(makeReport({ traces: [] }), figures).speaksAgainst.at(-1)).toBe(
      'No place in the picture stood out as a trace.',
    );
  });
});

describe('the verdict’s own reasons', () => {
  const settings = {
    bias: 0,
    weights: {
      verdictLogitMean: 1,
      verdictLogitMax: 0,
      forensicLogitMean: 0,
      forensicLogitTop: 0,
      traceScoreMax: 0,
    },
    bands: { substantialEvidence: 0.9, noStrongSigns: 0.1 },
  };
  const weighed = (texture: number, windows: number[], traces: number[], abstentions: string[]) => {
    const features = {
      ...{ verdictLogitMean: 0, verdictLogitMax: 0, forensicLogitTop: 0, traceScoreMax: 0 },
      forensicLogitMean: texture,
    };
    const verdict = conclude(features, windows, traces, abstentions, settings);
    return weigh(makeReport({ verdict }), {});
  };

  test('are told once, on the side they are on', () => {
    for (const [windows, traces] of [
      [[0.7], []],
      [[0.7, 0.2], [0.8]],
      [
        [0.7, 0.2, 0.1],
        [0.8, 0.7],
      ],
    ] as const) {
      const generated = weighed(2, [...windows], [...traces], []);
      expect(generated.speaksFor[0]).toContain('resembles generated video (texture score 88%)');
      expect(generated.others).toEqual([]);
      const camera = weighed(-2, [...windows], [...traces], []);
      expect(camera.speaksAgainst[0]).toContain('resembles camera video');
      expect(camera.others).toEqual([]);
    }
  });

  test('for no judgement stand by themselves', () => {
    const tooDark = 'Not judged: the picture is almost black.';
    expect(weighed(2, [0.7], [], [tooDark]).others).toEqual([tooDark]);
  });
});

describe('the quality of the picture', () => {
  const quality = (detail: number, blockiness: number) => ({ brightness: 100, detail, blockiness });
  const windows = [
    { startSeconds: 0, endSeconds: 2, fakeProbability: 0.5, quality: quality(4, 1.5) },
    { startSeconds: 1.5, endSeconds: 3.5, fakeProbability: 0.5, quality: quality(1, 1) },
    { startSeconds: 3, endSeconds: 5, fakeProbability: 0.5, quality: quality(1, 1.4) },
  ];

  test('is drawn without overlaps and told in words', () => {
    const steps = qualitySteps(windows);
    expect(steps.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([
      [0, 1.5],
      [1.5, 3],
      [3, 5],
    ]);
    expect(steps[0]).toMatchObject({ detail: 0.5, blocks: 1 });
    expect(steps[1]?.blocks).toBe(0);
    expect(describeQuality(windows)).toContain('Detail: 1.0 to 4.0');
    expect(describeQuality([])).toBe('Picture quality was not measured.');
  });

  test('limits the verdict where most of the clip is soft, blocky, small or short, and says so', () => {
    const limits = qualityLimits(makeReport({ windows })).join(' ');
    expect(limits).toContain('little detail');
    expect(limits).toContain('Blocks of the codec');
    expect(limits).not.toContain('dark');
    const sharp = windows.map((window) => ({ ...window, quality: quality(6, 1) }));
    expect(qualityLimits(makeReport({ windows: sharp }))).toEqual([]);
    const short = qualityLimits(makeReport({ windows: sharp.slice(0, 1) }));
    expect(short).toEqual([expect.stringContaining('in one window')]);
  });
});
