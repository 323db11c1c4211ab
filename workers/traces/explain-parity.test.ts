import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseVocabulary } from '../model/vocabulary';
import { CATEGORIES, type Box } from '../report';
import { letterboxOf } from '../video/preprocess';
import { region } from './explain';
import { decodeGreedily, objectionTo, writeSentence, type Bars, type MeasuredSlots } from './explain-check';
import { binsOf, TraceContext } from './explain-context';
import { slotVector } from './explain-trace';
import type { Tube } from './tubes';

type Parity = {
  pooling: {
    frame: { width: number; height: number };
    limit: number;
    windows: { times: number[]; context: number[] }[];
    bins: { start: number; end: number; mean: number }[];
    traces: {
      box: Box;
      start: number;
      end: number;
      track: { time: number; box: Box }[];
      features: number[];
    }[];
  };
  vocabulary: unknown;
  bars: Bars;
  box: Box;
  sentences: {
    slots: MeasuredSlots;
    logits: number[][];
    tokens: number[];
    finished: boolean;
    likelihood: number;
    nounLikelihood: number;
    objection: string | null;
    text: string;
  }[];
  subjects: string[];
  slotVector: {
    box: Box;
    category: number;
    subject: number;
    share: number;
    start: number;
    end: number;
    length: number;
    values: number[];
  };
};

const parity = JSON.parse(
  readFileSync(new URL('../../tests/fixtures/explain/parity.json', import.meta.url), 'utf8'),
) as Parity;
const vocabulary = parseVocabulary(JSON.stringify(parity.vocabulary));

function tubeOf(box: Box, startSeconds: number, endSeconds: number, track: Tube['track'] = []): Tube {
  const empty = new Float64Array();
  return {
    score: 1,
    box,
    startSeconds,
    endSeconds,
    track,
    firstSample: 0,
    lastSample: 0,
    categoryScores: empty,
    subjectScores: empty,
  };
}

describe('pooling parity with training', () => {
  const { frame, limit, windows, bins, traces } = parity.pooling;
  const grid = { inputSize: 224, cells: 7, channels: 3 };
  const context = new TraceContext(grid, [], limit);
  for (const { times, context: values } of windows) {
    context.push(binsOf(Float32Array.from(values), times, 12, 6));
  }

  it('keeps and merges the same bins', () => {
    expect(context.bins).toHaveLength(bins.length);
    for (const [i, bin] of bins.entries()) {
      const found = context.bins[i]!;
      expect(found.startSeconds).toBeCloseTo(bin.start, 5);
      expect(found.endSeconds).toBeCloseTo(bin.end, 5);
      expect(found.mean.reduce((a, b) => a + b, 0)).toBeCloseTo(bin.mean, 3);
    }
  });

  it.each(traces)('pools the trace from $start s to $end s', ({ box, start, end, track, features }) => {
    const points = track.map(({ time, box: at }) => ({ timeSeconds: time, box: at }));
    const place = letterboxOf(frame.width, frame.height, grid.inputSize);
    const found = context.pool(tubeOf(box, start, end, points), place);
    expect(found).toHaveLength(features.length);
    for (const [i, value] of features.entries()) {
      expect(found[i]).toBeCloseTo(value, 4);
    }
  });

  it('never keeps more bins than its limit, however long the clip', () => {
    const long = new TraceContext(grid, [], 8);
    for (let start = 0; start < 9000; start += 9) {
      const times = Array.from({ length: 12 }, (_, k) => (start + k) / 6);
      long.push(binsOf(new Float32Array(4 * 3 * 49).fill(1), times, 12, 6));
      expect(long.bins.length).toBeLessThanOrEqual(8);
    }
    expect(long.bins[0]?.startSeconds).toBe(0);
    expect(long.bins.at(-1)?.endSeconds).toBeCloseTo(9003 / 6, 5);
    const place = letterboxOf(16, 9, grid.inputSize);
    expect(long.pool(tubeOf([0.1, 0.1, 0.5, 0.5], 700, 800), place)[0]).toBeCloseTo(1, 5);
  });
});

describe('decoding parity with training', () => {
  it.each(parity.sentences)('says "$text"', async (expected) => {
    const rows = expected.logits.map((row) => Float32Array.from(row)).values();
    const sentence = await decodeGreedily(
      () => Promise.resolve(rows.next().value!),
      vocabulary,
      expected.slots,
    );
    expect(sentence.tokens).toEqual(expected.tokens);
    expect(sentence.finished).toBe(expected.finished);
    expect(sentence.likelihood).toBeCloseTo(expected.likelihood, 4);
    expect(Math.max(sentence.nounLikelihood, -1e9)).toBeCloseTo(expected.nounLikelihood, 4);
    expect(objectionTo(sentence, vocabulary, expected.slots, parity.bars) ?? null).toBe(expected.objection);
    expect(
      writeSentence(
        sentence.tokens,
        vocabulary,
        expected.slots,
        parity.subjects,
        region(parity.box),
        'throughout the clip',
      ),
    ).toBe(expected.text);
  });

  it('builds the same slots', () => {
    const { box, category, subject, share, start, end, length, values } = parity.slotVector;
    const found = slotVector({
      tube: tubeOf(box, start, end),
      category,
      categories: CATEGORIES.length,
      subject: { index: subject, noun: 'arm', share, certain: true },
      subjects: parity.subjects,
      place: letterboxOf(16, 9, 224),
      clip: { startSeconds: 0, endSeconds: length },
    });
    expect(found).toHaveLength(values.length);
    for (const [i, value] of values.entries()) {
      expect(found[i]).toBeCloseTo(value, 5);
    }
  });
});

describe('objectionTo', () => {
  const slots: MeasuredSlots = {
    category: CATEGORIES.indexOf('object-distortion'),
    subject: {
      index: vocabulary.words.find(({ word }) => word === 'leg')!.noun!,
      noun: 'leg',
      certain: true,
    },
    startSeconds: 0,
    endSeconds: 2,
    clipSeconds: 4,
  };
  const objection = (
    text: string,
    change: Partial<MeasuredSlots> = {},
    likelihood = 0,
  ): string | undefined => {
    const tokens = text.split(' ').map((word) => vocabulary.words.findIndex((entry) => entry.word === word));
    expect(tokens).not.toContain(-1);
    const sentence = { tokens, finished: true, likelihood, nounLikelihood: likelihood };
    return objectionTo(sentence, vocabulary, { ...slots, ...change }, parity.bars);
  };

  it('passes a sentence that agrees with every slot', () => {
    expect(objection('the leg bends')).toBeUndefined();
    expect(objection("the dog's leg suddenly bends")).toBeUndefined();
  });

  it.each([
    ['the leg merges', {}, 'category'],
    ['the leg bends , merges', {}, 'category'],
    ['the wall bends', {}, 'subject'],
    ['the leg suddenly bends', { endSeconds: 4 }, 'time'],
    ['the leg keeps bending', { endSeconds: 0.5 }, 'time'],
    ['the leg melts into its shape', {}, 'category'],
    ['the leg', {}, 'degenerate'],
    ['the leg bends the leg bends', {}, 'degenerate'],
  ] as const)('objects to "%s"', (text, change, reason) => {
    expect(objection(text, change)).toBe(reason);
  });

  it('says nothing of the subject where none was measured', () => {
    expect(objection('the wall bends', { subject: undefined })).toBeUndefined();
  });

  it('does not take what stands behind the verb for the subject', () => {
    const merging = { category: CATEGORIES.indexOf('object-merging') };
    expect(objection('the leg melts into the background', merging)).toBeUndefined();
  });

  it('takes a guess for a guess', () => {
    expect(objection('the leg bends', {}, -9)).toBe('unlikely');
  });
});
