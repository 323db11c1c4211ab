import { describe, expect, it } from 'vitest';
import { makeTrace } from './report.fixture';
import { describeWindows, lanes, rulerTicks, stepCurve } from './timeline';

const window = (startSeconds: number, endSeconds: number, fakeProbability: number) => ({
  startSeconds,
  endSeconds,
  fakeProbability,
});

describe('stepCurve', () => {
  it('takes the mean where windows overlap and leaves gaps open', () => {
    expect(stepCurve([window(0, 2, 0.4), window(1.5, 3.5, 0.8), window(5, 6, 0.1)])).toEqual([
      { startSeconds: 0, endSeconds: 1.5, probability: 0.4 },
      { startSeconds: 1.5, endSeconds: 2, probability: expect.closeTo(0.6) as number },
      { startSeconds: 2, endSeconds: 3.5, probability: 0.8 },
      { startSeconds: 5, endSeconds: 6, probability: 0.1 },
    ]);
  });

  it('is empty without windows', () => {
    expect(stepCurve([])).toEqual([]);
  });
});

describe('describeWindows', () => {
  it('names the extremes', () => {
    expect(describeWindows([window(0, 2, 0.4), window(1.5, 3.5, 0.8)])).toBe(
      '2 windows judged; highest 80% at 0:01.5 – 0:03.5, lowest 40% at 0:00.0 – 0:02.0.',
    );
    expect(describeWindows([window(0, 2, 0.4)])).toBe('One window judged: 40% at 0:00.0 – 0:02.0.');
    expect(describeWindows([])).toBe('No window has been judged yet.');
  });
});

describe('lanes', () => {
  it('groups by category in table order and stacks what overlaps', () => {
    const traces = [
      makeTrace({ id: 'c', category: 'unexpected-move' }),
      makeTrace({ id: 'b', startSeconds: 2, endSeconds: 4 }),
      makeTrace({ id: 'a', startSeconds: 0, endSeconds: 3 }),
      makeTrace({ id: 'd', startSeconds: 3, endSeconds: 5 }),
    ];
    expect(
      lanes(traces).map(({ category, rows }) => [category, rows.map((row) => row.map(({ id }) => id))]),
    ).toEqual([
      ['object-distortion', [['a', 'd'], ['b']]],
      ['unexpected-move', [['c']]],
    ]);
  });
});

describe('rulerTicks', () => {
  it('takes round steps that fit', () => {
    expect(rulerTicks(9.6, 6)).toEqual([0, 2, 4, 6, 8]);
    expect(rulerTicks(2, 5)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(rulerTicks(0.1, 6)).toHaveLength(6);
    expect(rulerTicks(0, 10)).toEqual([0]);
    expect(rulerTicks(36_000, 4)).toHaveLength(5);
  });
});
