import { describe, expect, test } from 'vitest';
import { pickFrames } from './frames';

/** 25 frames a second for four seconds. */
const FRAMES = Float64Array.from({ length: 100 }, (_, index) => index / 25);
const CLIP = { startSeconds: 0, endSeconds: 4 };

describe('frames for a second opinion', () => {
  test('are those on screen in the middle of equal stretches', () => {
    expect(pickFrames(FRAMES, { ...CLIP, count: 4 }, false)).toEqual([0.48, 1.48, 2.48, 3.48]);
    expect(pickFrames(FRAMES, { count: 1, startSeconds: 2.5, endSeconds: 2.5 }, false)).toEqual([2.48]);
  });

  test('are even in number where they have to be, but for a single one', () => {
    expect(pickFrames(FRAMES, { ...CLIP, count: 5 }, true)).toHaveLength(4);
    expect(pickFrames(FRAMES, { ...CLIP, count: 1 }, true)).toHaveLength(1);
  });

  test('a frame on screen for long is shown once', () => {
    const slides = Float64Array.from([0, 3]);
    expect(pickFrames(slides, { ...CLIP, count: 8 }, false)).toEqual([0, 3]);
    expect(pickFrames(Float64Array.from([0.5]), { ...CLIP, count: 8 }, true)).toEqual([0.5]);
  });
});
