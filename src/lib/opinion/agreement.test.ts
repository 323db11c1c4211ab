import { expect, test } from 'vitest';
import type { OpinionTrace } from '../../../workers/report';
import { makeTrace } from '../report.fixture';
import { compareLabel, compareTraces } from './agreement';

/** TraceNet's trace of the fixture moves to the right by 60 pixels a second, from second 1 to 3. */
const TRACE = makeTrace();

function opinion(changes: Partial<OpinionTrace> = {}): OpinionTrace {
  return {
    category: null,
    box: [160, 100, 260, 200],
    startSeconds: 1,
    endSeconds: 3,
    explanation: 'A hand.',
    ...changes,
  };
}

test('the same place and time agree fully', () => {
  expect(compareTraces([opinion()], [TRACE])).toEqual([
    { traceId: 'trace-1', boxIou: 1, timeIou: 1, onsetSeconds: 0 },
  ]);
});

test('a moving trace is met where it is at that time', () => {
  const [late] = compareTraces(
    [opinion({ box: [220, 100, 320, 200], startSeconds: 3, endSeconds: 4 })],
    [TRACE],
  );
  expect(late).toMatchObject({ traceId: 'trace-1', boxIou: 1, timeIou: 0, onsetSeconds: 2 });
});

test('an opinion without an end has no time overlap, but an onset', () => {
  const [met] = compareTraces([opinion({ startSeconds: 1.5, endSeconds: null })], [TRACE]);
  expect(met?.timeIou).toBeNull();
  expect(met?.onsetSeconds).toBe(0.5);
  expect(met?.boxIou).toBeGreaterThan(0.5);
});

test('another place at the same time is no agreement', () => {
  expect(compareTraces([opinion({ box: [500, 300, 600, 340] })], [TRACE])).toEqual([
    { traceId: null, boxIou: null, timeIou: null, onsetSeconds: null },
  ]);
});

test('of two traces the one met best is taken', () => {
  const other = makeTrace({ id: 'trace-2', track: [{ timeSeconds: 2, box: [180, 100, 280, 200] }] });
  expect(compareTraces([opinion()], [other, TRACE])[0]?.traceId).toBe('trace-1');
});

test('labels are set beside the band, and an inconclusive band agrees with nothing', () => {
  expect(compareLabel('FAKE', 'substantial-evidence')).toBe('same');
  expect(compareLabel('REAL', 'substantial-evidence')).toBe('different');
  expect(compareLabel('REAL', 'no-strong-signs')).toBe('same');
  expect(compareLabel('FAKE', 'inconclusive')).toBe('not-comparable');
  expect(compareLabel('UNNATURAL', 'substantial-evidence')).toBe('not-comparable');
});
