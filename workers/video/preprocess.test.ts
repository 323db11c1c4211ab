import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { crop, letterbox, letterboxOf, toCanonical, toTensor } from './preprocess';
import { resizeRgb, rotateRgb, type RgbImage } from './resize';

type Stored = { width: number; height: number; rgb: string };
type Parity = {
  images: Record<string, Stored>;
  resize: { image: string; result: Stored }[];
  canonical: { image: string; shortSide: number; result: Stored }[];
  letterbox: { image: string; size: number; fill: number; result: Stored }[];
  crop: { image: string; anchor: [number, number]; size: number; result: Stored }[];
};

const parity = JSON.parse(
  readFileSync(new URL('../../tests/fixtures/preprocess/parity.json', import.meta.url), 'utf8'),
) as Parity;

function load({ width, height, rgb }: Stored): RgbImage {
  return { width, height, data: Uint8Array.from(Buffer.from(rgb, 'base64')) };
}

function image(name: string): RgbImage {
  return load(parity.images[name]!);
}

function rgbxOf({ data, width, height }: RgbImage): Uint8Array {
  const rgbx = new Uint8Array(width * height * 4).fill(77);
  for (let i = 0; i < width * height; i++) {
    rgbx.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  }
  return rgbx;
}

describe('preprocessing parity with training (Pillow BILINEAR)', () => {
  it.each(parity.resize)(
    'resizes image $image to $result.width x $result.height',
    ({ image: name, result }) => {
      const { data, width, height } = image(name);
      expect(resizeRgb(data, 3, width, height, result.width, result.height)).toEqual(load(result));
      expect(resizeRgb(rgbxOf(image(name)), 4, width, height, result.width, result.height)).toEqual(
        load(result),
      );
    },
  );

  it.each(parity.canonical)(
    'brings image $image to short side $shortSide',
    ({ image: name, shortSide, result }) => {
      const { width, height } = image(name);
      const frame = {
        timestamp: 0,
        rgbx: rgbxOf(image(name)),
        width,
        height,
        rotation: 0 as const,
        displayWidth: width,
        displayHeight: height,
      };
      expect(toCanonical(frame, shortSide)).toEqual(load(result));
    },
  );

  it.each(parity.letterbox)('letterboxes image $image into $size', ({ image: name, size, fill, result }) => {
    expect(letterbox(image(name), size, fill)).toEqual(load(result));
  });

  it.each(parity.crop)('crops image $image at $anchor', ({ image: name, anchor, size, result }) => {
    expect(crop(image(name), anchor[0], anchor[1], size)).toEqual(load(result));
  });
});

describe('geometry', () => {
  const tiny: RgbImage = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };

  it('rotates clockwise', () => {
    expect(rotateRgb(tiny, 90)).toEqual({ width: 1, height: 2, data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    expect(rotateRgb(tiny, 180)).toEqual({ width: 2, height: 1, data: Uint8Array.of(4, 5, 6, 1, 2, 3) });
    expect(rotateRgb(tiny, 270)).toEqual({ width: 1, height: 2, data: Uint8Array.of(4, 5, 6, 1, 2, 3) });
  });

  it('turns a rotated frame with oblong pixels upright and square', () => {
    const frame = {
      timestamp: 0,
      rgbx: new Uint8Array(40 * 20 * 4),
      width: 40,
      height: 20,
      rotation: 90 as const,
      displayWidth: 20,
      displayHeight: 80,
    };
    const { width, height } = toCanonical(frame, 10);
    expect([width, height]).toEqual([10, 40]);
  });

  it('never scales up to the canonical size', () => {
    const frame = {
      timestamp: 0,
      rgbx: new Uint8Array(8),
      width: 2,
      height: 1,
      rotation: 0 as const,
      displayWidth: 2,
      displayHeight: 1,
    };
    expect(toCanonical(frame, 288).width).toBe(2);
  });

  it('centres the frame in the input', () => {
    expect(letterboxOf(1920, 1080, 224)).toEqual({ x: 0, y: 49, width: 224, height: 126 });
    expect(letterboxOf(100, 300, 224)).toEqual({ x: 74, y: 0, width: 75, height: 224 });
  });

  it('lays tensors out by image, channel, row', () => {
    const pixel: RgbImage = { width: 1, height: 1, data: Uint8Array.of(255, 0, 51) };
    expect([...toTensor([pixel, pixel], 1)]).toEqual([1, 0, Math.fround(0.2), 1, 0, Math.fround(0.2)]);
  });
});
