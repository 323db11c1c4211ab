import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../../workers/report';
import { boxDistance, boxIou, clipBox, temporalIou } from './geometry';

const FRAME = { width: 1000, height: 500 };

const span = (limit: number): fc.Arbitrary<[number, number]> =>
  fc
    .tuple(fc.integer({ min: 0, max: limit - 1 }), fc.integer({ min: 1, max: limit }))
    .map(([start, length]) => [start, Math.min(limit, start + length)]);

const box: fc.Arbitrary<Box> = fc
  .tuple(span(FRAME.width), span(FRAME.height))
  .map(([[x0, x1], [y0, y1]]) => [x0, y0, x1, y1]);

const scaled = ([x0, y0, x1, y1]: Box, x: number, y: number): Box => [x0 * x, y0 * y, x1 * x, y1 * y];

describe('boxIou', () => {
  it.each<[string, Box, Box, number]>([
    ['the same box', [10, 10, 30, 20], [10, 10, 30, 20], 1],
    ['half of it', [0, 0, 10, 10], [0, 0, 10, 5], 0.5],
    ['a quarter in common: 25 / (100 + 100 - 25)', [0, 0, 10, 10], [5, 5, 15, 15], 25 / 175],
    ['an edge in common', [0, 0, 10, 10], [10, 0, 20, 10], 0],
    ['boxes without an area', [5, 5, 5, 5], [5, 5, 5, 5], 0],
  ])('of %s', (_, a, b, expected) => {
    expect(boxIou(a, b)).toBeCloseTo(expected, 12);
  });

  it('is symmetric, bounded, 1 for the same box only, and the same at any scale', () => {
    fc.assert(
      fc.property(
        box,
        box,
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        (a, b, x, y) => {
          const iou = boxIou(a, b);
          expect(boxIou(b, a)).toBe(iou);
          expect(iou).toBeGreaterThanOrEqual(0);
          expect(iou).toBeLessThanOrEqual(1);
          expect(iou === 1).toBe(a.every((edge, index) => edge === b[index]));
          expect(boxIou(scaled(a, x / 8, y / 8), scaled(b, x / 8, y / 8))).toBeCloseTo(iou, 12);
        },
      ),
    );
  });
});

describe('boxDistance', () => {
  it('is the distance of the centres in ratios, divided by the square root of 2', () => {
    // Centres (100, 100) and (400, 300): 0.3 of the width, 0.4 of the height apart.
    expect(boxDistance([50, 50, 150, 150], [350, 250, 450, 350], FRAME)).toBeCloseTo(0.5 / Math.SQRT2, 12);
    expect(boxDistance([0, 0, 0, 0], [1000, 500, 1000, 500], FRAME)).toBe(1);
  });

  it('is symmetric, bounded, and the same at any scale', () => {
    fc.assert(
      fc.property(box, box, fc.integer({ min: 1, max: 64 }), (a, b, scale) => {
        const distance = boxDistance(a, b, FRAME);
        expect(boxDistance(b, a, FRAME)).toBeCloseTo(distance, 12);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(1);
        const larger = { width: FRAME.width * scale, height: FRAME.height * scale };
        expect(boxDistance(scaled(a, scale, scale), scaled(b, scale, scale), larger)).toBeCloseTo(
          distance,
          12,
        );
      }),
    );
  });
});

describe('temporalIou', () => {
  it('of [0, 3] and [0.5, 3.875] is 2.5 / 3.875', () => {
    expect(temporalIou([0, 3], [0.5, 3.875])).toBeCloseTo(2.5 / 3.875, 12);
    expect(temporalIou([0, 1], [2, 3])).toBe(0);
    expect(temporalIou([1, 1], [1, 1])).toBe(0);
  });

  it('is symmetric, bounded, and the same when both are moved', () => {
    fc.assert(
      fc.property(span(100), span(100), fc.integer({ min: -50, max: 50 }), (a, b, by) => {
        const iou = temporalIou(a, b);
        expect(temporalIou(b, a)).toBe(iou);
        expect(iou).toBeGreaterThanOrEqual(0);
        expect(iou).toBeLessThanOrEqual(1);
        expect(temporalIou([a[0] + by, a[1] + by], [b[0] + by, b[1] + by])).toBe(iou);
      }),
    );
  });
});

describe('clipBox', () => {
  it('cuts a box to the frame, and finds nothing outside of it', () => {
    expect(clipBox([-10, 400, 20, 600], FRAME)).toEqual([0, 400, 20, 500]);
    expect(clipBox([1000, 0, 1100, 100], FRAME)).toBeUndefined();
    expect(clipBox([20, 20, 10, 30], FRAME)).toBeUndefined();
  });
});
