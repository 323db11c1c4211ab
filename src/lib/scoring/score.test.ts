import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarks, readPredictions, type Prediction } from './predictions';
import { readRewardData, type RewardVideo } from './reward-data';
import { scorePredictions, type Scores } from './score';

const FOLDER = new URL('../../../tests/fixtures/reward-data/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

const data = readRewardData(text('all_data.json'));
const videos = data.videos.filter(({ split }) => split === 'test');
const { byVideo } = readPredictions(text('predictions.jsonl'));
const { byTrace } = readMarks(text('marks.jsonl'));

const value = (scores: Scores | undefined, name: keyof Scores): number | null => {
  const figure = scores?.[name];
  return typeof figure === 'object' && figure !== null && 'value' in figure ? figure.value : null;
};

const answer = (videoId: string, changes: Partial<Prediction>): [string, Prediction] => [
  videoId,
  {
    videoId,
    modelId: undefined,
    label: undefined,
    box: undefined,
    startSeconds: undefined,
    endSeconds: undefined,
    explanation: '',
    localizer: false,
    ...changes,
  },
];

describe('the miniature data set, worked out by hand', () => {
  const { scores, byCategory, bySource, baselines, unanswered, unmatched } = scorePredictions(
    videos,
    byVideo,
    byTrace,
  );

  it('counts videos, not rows, and every row once', () => {
    expect(data.problems).toEqual([]);
    expect([scores.videos, scores.fakeVideos, scores.realVideos, scores.traces]).toEqual([6, 3, 3, 4]);
    expect([unanswered, unmatched]).toEqual([0, 0]);
  });

  it('names videos that are there', () => {
    expect(data.videos.filter(({ path }) => !existsSync(new URL(path, FOLDER)))).toEqual([]);
  });

  it.each([
    // Right: ship, mural, walk. Wrong: one missed, one false alarm, one answer that is neither.
    ['accuracy', 50],
    ['fakeAccuracy', 200 / 3],
    ['realAccuracy', 100 / 3],
    // Marks 1, 0 and 0.5; the fourth trace has no written explanation.
    ['explanation', 50],
    // Ship: upper half of the first box, nothing of the second; mural: the box itself; the missed video: 0.
    ['boxIou', (100 * (0.5 + 0 + 1 + 0)) / 4],
    // Ship: 27 of 288 rows apart; 44 of 432 columns and 207 of 288 rows apart.
    [
      'boxDistance',
      (100 * (27 / 288 / Math.SQRT2 + Math.hypot(44 / 432, 207 / 288) / Math.SQRT2 + 0 + 1)) / 4,
    ],
    // Ship: 0 and 0.5 s of 3.875 s off; mural: 0.775 s of 3.875 s; the missed video: 1.
    ['timeDistance', (100 * (0 + 0.5 / 3.875 + 0.2 + 1)) / 4],
    ['overall', (50 + 50 + 37.5 + (100 - (100 * (0.5 / 3.875 + 1.2)) / 4)) / 4],
    // [0, 3] against [0, 3.875] and [0.5, 3.875]; without an end or an answer 0.
    ['temporalIou', (100 * (3 / 3.875 + 2.5 / 3.875)) / 4],
  ] as const)('%s', (name, expected) => {
    expect(value(scores, name)).toBeCloseTo(expected, 9);
  });

  it('scores categories by the rows that carry the tag, and sources by their videos', () => {
    expect(Object.keys(byCategory)).toEqual([
      'object-distortion',
      'sudden-blurring',
      'object-merging',
      'background-distortion',
      'unexpected-move',
    ]);
    expect(value(byCategory['object-distortion'], 'boxIou')).toBeCloseTo(50, 9);
    expect(value(byCategory['object-merging'], 'boxIou')).toBeCloseTo(100, 9);
    expect(value(byCategory['unexpected-move'], 'explanation')).toBe(0);
    expect(value(bySource['CogVideoX'], 'fakeAccuracy')).toBe(100);
    expect(value(bySource['Test pattern'], 'accuracy')).toBe(0);
    // Overall asks for generated and real videos.
    expect(value(bySource['CogVideoX'], 'overall')).toBeNull();
  });

  it('puts answers beside it that look at no video', () => {
    const areas = [144 * 108, 432 * 108, 90 * 72].map((area) => area / (432 * 288));
    const expected = (100 * (areas.reduce((sum, area) => sum + area, 0) + 0.25)) / 4;
    expect(baselines?.wholeFrame.boxIou).toBeCloseTo(expected, 9);
    // Onsets at 0, 0.5 and 0.5 of 3.875 s, and 2 of 4 s.
    expect(baselines?.startAtZero.timeDistance).toBeCloseTo((100 * (1 / 3.875 + 0.5)) / 4, 9);
  });

  it('leaves explanations out without a judge, and says that Overall is partial', () => {
    const unjudged = scorePredictions(videos, byVideo).scores;
    expect(value(unjudged, 'explanation')).toBeNull();
    expect(unjudged.overallPartial).toBe(true);
    expect(unjudged.marks).toEqual({ needed: 3, missing: 3 });
    const timeDistance = (100 * (0.5 / 3.875 + 1.2)) / 4;
    expect(value(unjudged, 'overall')).toBeCloseTo((50 + 37.5 + 100 - timeDistance) / 3, 9);
    // One mark that is missing is no 0.
    const oneMissing = new Map([...byTrace].slice(1));
    expect(scorePredictions(videos, byVideo, oneMissing).scores.explanation).toBeNull();
    expect(scores.overallPartial).toBe(false);
  });
});

describe('strictness', () => {
  const worst = {
    accuracy: 0,
    fakeAccuracy: 0,
    boxIou: 0,
    boxDistance: 100,
    timeDistance: 100,
    explanation: 0,
  };

  it('gives a missing answer the worst score everywhere', () => {
    const card = scorePredictions(videos, new Map());
    expect(card.unanswered).toBe(6);
    for (const [name, expected] of Object.entries(worst)) {
      expect(value(card.scores, name as keyof Scores), name).toBe(expected);
    }
    expect(value(card.scores, 'overall')).toBe(0);
  });

  it('looks at no box of a clip that was called real, but at that of a localizer', () => {
    const found = { label: 'REAL', box: [195, 10, 285, 82], startSeconds: 0.5 } as const;
    const mural = videos.filter(({ videoId }) => videoId === 'generated-mural');
    const score = (changes: Partial<Prediction>): Scores =>
      scorePredictions(mural, new Map([answer('generated-mural', changes)])).scores;
    const called = score({ ...found, box: [...found.box] });
    expect([value(called, 'boxIou'), value(called, 'timeDistance')]).toEqual([0, 100]);
    const localized = score({ ...found, box: [...found.box], localizer: true });
    expect([value(localized, 'boxIou'), value(localized, 'timeDistance')]).toEqual([100, 0]);
    expect(value(localized, 'accuracy')).toBe(0);
  });

  it('counts predictions for videos of other splits, and uses them for nothing', () => {
    const card = scorePredictions(videos, new Map([answer('variable-rate', { label: 'REAL' })]));
    expect(card.unmatched).toBe(1);
    expect(value(card.scores, 'accuracy')).toBe(0);
  });
});

describe('intervals', () => {
  it('are the same for the same seed, and hold the value', () => {
    const one = scorePredictions(videos, byVideo, byTrace, { resamples: 200, seed: 7 });
    expect(scorePredictions(videos, byVideo, byTrace, { resamples: 200, seed: 7 })).toEqual(one);
    const other = scorePredictions(videos, byVideo, byTrace, { resamples: 200, seed: 8 });
    expect(other.scores.overall).not.toEqual(one.scores.overall);
    expect(other.scores.overall?.value).toBe(one.scores.overall?.value);
  });

  it('come near the textbook interval of a share', () => {
    // 60 of 100 real videos right: 60 +- 1.96 * sqrt(0.6 * 0.4 / 100) = 50.4 to 69.6.
    const many: RewardVideo[] = Array.from({ length: 100 }, (_, index) => ({
      videoId: `v${index}`,
      path: '',
      fake: false,
      source: 'real',
      split: 'test',
      frame: { width: 10, height: 10 },
      durationSeconds: 1,
      traces: [],
    }));
    const answers = new Map(
      many.map((video, index) => answer(video.videoId, { label: index < 60 ? 'REAL' : 'FAKE' })),
    );
    const { accuracy, boxIou } = scorePredictions(many, answers, undefined, {
      resamples: 2000,
      seed: 1,
    }).scores;
    expect(accuracy?.value).toBe(60);
    expect(Math.abs((accuracy?.low ?? 0) - 50.4)).toBeLessThan(1.5);
    expect(Math.abs((accuracy?.high ?? 0) - 69.6)).toBeLessThan(1.5);
    expect(boxIou).toBeNull();
  });
});

it('any set of answers scores between 0 and 100', () => {
  const box = fc.array(fc.integer({ min: -50, max: 500 }), { minLength: 4, maxLength: 4 });
  const line = fc.record({
    video_id: fc.constantFrom(...videos.map(({ videoId }) => videoId)),
    predicted_label: fc.constantFrom('REAL', 'FAKE', 'other', null),
    bbox: fc.option(box),
    start_time: fc.option(fc.double({ min: -10, max: 10, noNaN: true })),
    explanation: fc.option(fc.string()),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const answers = readPredictions(lines.map((one) => JSON.stringify(one)).join('\n')).byVideo;
      const { scores } = scorePredictions(videos, answers, byTrace, { resamples: 5, seed: 1 });
      for (const figure of Object.values(scores)) {
        if (typeof figure === 'object' && figure !== null && 'value' in figure) {
          for (const one of [figure.value, figure.low, figure.high]) {
            expect(one).toBeGreaterThanOrEqual(0);
            expect(one).toBeLessThanOrEqual(100 + 1e-9);
          }
        }
      }
    }),
    { numRuns: 40 },
  );
});
