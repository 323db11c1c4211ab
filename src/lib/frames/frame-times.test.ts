import { describe, expect, it } from 'vitest';
import { frameIndexAt } from './frame-times';

describe('frameIndexAt', () => {
  const times = [0.5, 0.52, 0.6, 1];

  it('finds the frame that is on screen', () => {
    expect([0, 0.5, 0.51, 0.52, 0.599, 0.6, 0.99, 1, 7].map((time) => frameIndexAt(times, time))).toEqual([
      0, 0, 0, 1, 1, 2, 2, 3, 3,
    ]);
  });

  it('forgives what players round off', () => {
    expect(frameIndexAt(times, 0.519999)).toBe(1);
  });
});
