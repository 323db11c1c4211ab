import { expect, test } from 'vitest';
import { blockiness } from './blockiness';

/** A picture of `width` x `height` whose grey level at each place is told. */
function picture(width: number, height: number, level: (x: number, y: number) => number) {
  const rgbx = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rgbx.fill(level(x, y), (y * width + x) * 4, (y * width + x) * 4 + 4);
    }
  }
  return { rgbx, width, height };
}

/** Noise that is the same in every run. */
function noise(x: number, y: number): number {
  const value = Math.sin(x * 12.9898 + y * 78.233) * 43758.5453;
  return (value - Math.floor(value)) * 40;
}

test('a picture without a grid has a blockiness of 1', () => {
  expect(blockiness(picture(256, 144, (x, y) => 100 + noise(x, y)))).toBeCloseTo(1, 1);
  expect(blockiness(picture(64, 64, () => 80))).toBe(1);
});

test('steps every eight pixels raise it, the more the higher they are', () => {
  const stepped = (height: number) =>
    blockiness(
      picture(256, 144, (x, y) => 100 + noise(x, y) + ((Math.floor(x / 8) + Math.floor(y / 8)) % 2) * height),
    );
  expect(stepped(10)).toBeGreaterThan(1.1);
  expect(stepped(40)).toBeGreaterThan(stepped(10) + 0.5);
});

test('steps off the grid do not', () => {
  const shifted = blockiness(
    picture(256, 144, (x, y) => 100 + noise(x, y) + (Math.floor((x + 3) / 8) % 2) * 40),
  );
  expect(shifted).toBeLessThan(1.05);
});
