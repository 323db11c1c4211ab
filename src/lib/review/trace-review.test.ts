import { describe, expect, test } from 'vitest';
import type { Report } from '../../../workers/report';
import { makeReport, makeTrace } from '../report.fixture';
import { humanTraceOf, matchMarks, parseReview, withBoxAt, type Review } from './review';
import { TraceReview, type ReviewStore } from './trace-review.svelte';

const NOW = '2026-01-02T03:04:05.000Z';

/** Keeps reviews in memory as JSON, as a store between two visits does. */
function memory(): ReviewStore & { stored: () => Review | undefined } {
  let json: string | undefined;
  const stored = (): Review | undefined => (json === undefined ? undefined : (JSON.parse(json) as Review));
  return {
    stored,
    load: () => Promise.resolve(stored()),
    save: (review) => {
      json = JSON.stringify(review);
      return Promise.resolve();
    },
  };
}

async function open(store: ReviewStore, report: Report = makeReport()): Promise<TraceReview> {
  const review = new TraceReview(report, store, () => NOW);
  await review.ready;
  return review;
}

const twoTraces = (): Report =>
  makeReport({
    traces: [makeTrace({ id: 'a' }), makeTrace({ id: 'b', category: 'sudden-blurring', score: 0.3 })],
  });

describe('a review', () => {
  test('is there again on the next visit, and the report is as it was', async () => {
    const store = memory();
    const report = twoTraces();
    const before = structuredClone(report);
    const [first, second] = report.traces as [Report['traces'][0], Report['traces'][0]];
    const review = await open(store, report);
    review.decide(first, 'confirmed');
    review.correct(second, {
      ...humanTraceOf(second),
      category: 'object-merging',
      words: 'Two dogs, one tail.',
    });
    const id = review.add({
      ...humanTraceOf(first),
      startSeconds: 0,
      endSeconds: 0.5,
      words: 'Sixth finger.',
    });
    review.setReviewer('  R. Viewer ');
    await review.saved;

    expect(report).toEqual(before);
    const again = await open(store, twoTraces());
    expect(again.markOf(first)?.decision).toBe('confirmed');
    expect(again.markOf(second)?.correction?.category).toBe('object-merging');
    expect(again.review.added).toMatchObject([{ id, trace: { words: 'Sixth finger.' } }]);
    expect(again.review.reviewer).toBe('R. Viewer');
    expect(again.review.madeBy).toBe('human');
    expect(parseReview(store.stored())).toHaveProperty('review');
  });

  test('takes changes back and makes them again', async () => {
    const report = makeReport();
    const [trace] = report.traces as [Report['traces'][0]];
    const review = await open(memory(), report);
    review.decide(trace, 'rejected');
    review.add(humanTraceOf(trace));
    review.undo();
    expect(review.review.added).toEqual([]);
    expect(review.markOf(trace)?.decision).toBe('rejected');
    review.undo();
    expect(review.markOf(trace)).toBeUndefined();
    expect(review.undoable).toBe(0);
    review.redo();
    review.redo();
    expect(review.review.added).toHaveLength(1);
    review.undo();
    review.decide(trace, 'confirmed');
    expect(review.redoable, 'a new change ends what could be made again').toBe(0);
  });

  test('the same decision again takes it back, another one replaces it', async () => {
    const report = makeReport();
    const [trace] = report.traces as [Report['traces'][0]];
    const review = await open(memory(), report);
    review.decide(trace, 'rejected');
    review.decide(trace, 'confirmed');
    expect(review.review.marks).toHaveLength(1);
    review.decide(trace, 'confirmed');
    expect(review.review.marks).toEqual([]);
  });

  test('goes on in memory where nothing can be stored, and says so', async () => {
    const store: ReviewStore = {
      load: () => Promise.reject(new Error('no database')),
      save: () => Promise.reject(new Error('the disk is full')),
    };
    const report = makeReport();
    const review = await open(store, report);
    expect(review.problem).toContain('no database');
    review.decide(report.traces[0] as Report['traces'][0], 'confirmed');
    await review.saved;
    expect(review.problem).toContain('the disk is full');
    expect(review.review.marks).toHaveLength(1);
  });
});

describe('marks', () => {
  test('follow their trace to another id, and none to a trace that is elsewhere', async () => {
    const report = makeReport();
    const [trace] = report.traces as [Report['traces'][0]];
    const review = await open(memory(), report);
    review.decide(trace, 'confirmed');
    const renamed = [makeTrace({ id: 'trace-7', startSeconds: 1.1 })];
    expect(matchMarks(review.review, renamed).byTraceId.get('trace-7')?.decision).toBe('confirmed');
    const elsewhere = [makeTrace({ id: trace.id, box: [400, 200, 500, 300] })];
    expect(matchMarks(review.review, elsewhere).byTraceId.size).toBe(0);
    expect(matchMarks(review.review, elsewhere).orphans).toHaveLength(1);
  });
});

describe('a stored review', () => {
  const review = (): Review => ({
    schema: 'tellscope-review/1',
    madeBy: 'human',
    file: { sha256: 'a'.repeat(64) },
    model: { sha256: 'b'.repeat(64) },
    marks: [],
    added: [{ id: 'human-1', addedAt: NOW, trace: { ...humanTraceOf(makeTrace()), words: 'A third arm.' } }],
    createdAt: NOW,
    changedAt: NOW,
  });

  test.each<[string, (review: Review) => unknown]>([
    [
      'another category',
      (data) => ((data.added[0] as Review['added'][0]).trace.category = 'glitch' as never),
    ],
    ['an end before its onset', (data) => ((data.added[0] as Review['added'][0]).trace.endSeconds = -1)],
    ['no box', (data) => ((data.added[0] as Review['added'][0]).trace.track = [])],
    ['another maker', (data) => (data.madeBy = 'model' as never)],
    ['no time', (data) => (data.changedAt = 'yesterday')],
  ])('with %s is refused by name of the field', (_, damage) => {
    const data = review();
    expect(parseReview(data)).toEqual({ review: data });
    damage(data);
    expect(parseReview(data)).toEqual({ problem: expect.stringMatching(/^[\w.]+: ./) as string });
  });
});

test('a box set near another one replaces it', () => {
  const track = withBoxAt([{ timeSeconds: 1, box: [0, 0, 10, 10] }], 1.01, [5, 5, 20, 20], 1 / 24);
  expect(track).toEqual([{ timeSeconds: 1.01, box: [5, 5, 20, 20] }]);
  expect(withBoxAt(track, 0.5, [1, 1, 2, 2], 1 / 24).map(({ timeSeconds }) => timeSeconds)).toEqual([
    0.5, 1.01,
  ]);
});
