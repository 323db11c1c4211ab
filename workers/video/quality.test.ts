import { describe, expect, it } from 'vitest';
import { measurePicture, QualityMeter, reasonsToAbstain } from './quality';
import type { RgbImage } from './resize';

function picture(level: number, contrast: number): RgbImage {
  const data = new Uint8Array(160 * 120 * 3);
  for (let i = 0; i < data.length; i++) {
    data[i] = level + (Math.floor(i / 3) % 2) * contrast;
  }
  return { data, width: 160, height: 120 };
}

function reasonsFor(image: RgbImage, samples: number, shortSide: number): string[] {
  const meter = new QualityMeter();
  for (let i = 0; i < samples; i++) {
    meter.push(measurePicture(image));
  }
  return reasonsToAbstain(meter.summary(shortSide));
}

describe('reasonsToAbstain', () => {
  it('finds none in an ordinary clip', () => {
    expect(reasonsFor(picture(100, 40), 24, 720)).toEqual([]);
  });

  it.each([
    ['short', picture(100, 40), 2, 720, /too short/],
    ['tiny', picture(100, 40), 24, 90, /too small \(90 px/],
    ['black', picture(2, 2), 24, 720, /almost black/],
    ['flat', picture(128, 0), 24, 720, /without detail/],
  ] as const)('abstains on a %s clip', (_, image, samples, shortSide, words) => {
    const reasons = reasonsFor(image, samples, shortSide);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(words);
  });
});
