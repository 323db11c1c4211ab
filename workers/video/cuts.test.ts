import { describe, expect, it } from 'vitest';
import { CutDetector } from './cuts';
import type { RgbImage } from './resize';

/** A striped picture: `hue` gives its colours, `shift` moves the stripes. */
function scene(hue: 'day' | 'night', shift = 0): RgbImage {
  const width = 96;
  const height = 72;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const stripe = ((i % width) + shift) % 24 < 12;
    const level = stripe ? 220 : 150;
    data.set(hue === 'day' ? [level, level - 40, 90] : [20, 30, stripe ? 80 : 20], i * 3);
  }
  return { data, width, height };
}

function cutsIn(frames: RgbImage[]): number[] {
  const detector = new CutDetector();
  // A cut reported at sample k lies between k - 2 and k - 1.
  return frames.flatMap((frame, k) => (detector.push(frame) ? [k - 1] : []));
}

describe('CutDetector', () => {
  it('finds a hard cut at the first sample of the new scene', () => {
    const frames = [0, 1, 2, 3].map(() => scene('day')).concat([0, 1, 2].map(() => scene('night')));
    expect(cutsIn(frames)).toEqual([4]);
  });

  it('does not take motion for a cut', () => {
    expect(cutsIn(Array.from({ length: 12 }, (_, i) => scene('day', i * 5)))).toEqual([]);
  });

  it('does not take a flash for a cut', () => {
    const flash: RgbImage = { ...scene('day'), data: new Uint8Array(96 * 72 * 3).fill(255) };
    expect(cutsIn([scene('night'), scene('night'), flash, scene('night'), scene('night')])).toEqual([]);
  });
});
