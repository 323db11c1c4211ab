import type { Box } from '../../../workers/report';

/** Width and height of a video in pixels. */
export type FrameSize = { width: number; height: number };

/**
 * Cuts a box to its frame.
 *
 * @returns nothing when no pixel of the frame is left in it.
 */
export function clipBox([x0, y0, x1, y1]: Box, { width, height }: FrameSize): Box | undefined {
  const within = (value: number, limit: number): number => Math.min(limit, Math.max(0, value));
  const clipped: Box = [within(x0, width), within(y0, height), within(x1, width), within(y1, height)];
  return clipped[2] > clipped[0] && clipped[3] > clipped[1] ? clipped : undefined;
}

/** Intersection over union of two boxes of one frame, 0..1. Ratios of the frame give the same as pixels. */
export function boxIou(a: Box, b: Box): number {
  const intersection = overlap(a[0], a[2], b[0], b[2]) * overlap(a[1], a[3], b[1], b[3]);
  const union = area(a) + area(b) - intersection;
  return union > 0 ? intersection / union : 0;
}

/** Share of the smaller of two boxes that lies in the other, 0..1. */
export function boxOverlap(a: Box, b: Box): number {
  const intersection = overlap(a[0], a[2], b[0], b[2]) * overlap(a[1], a[3], b[1], b[3]);
  const smaller = Math.min(area(a), area(b));
  return smaller > 0 ? intersection / smaller : 0;
}

/** Distance of the box centres in ratios of the frame, divided by its largest value, the square root of 2: 0..1. */
export function boxDistance(a: Box, b: Box, { width, height }: FrameSize): number {
  const dx = (a[0] + a[2] - b[0] - b[2]) / 2 / width;
  const dy = (a[1] + a[3] - b[1] - b[3]) / 2 / height;
  return Math.min(1, Math.hypot(dx, dy) / Math.SQRT2);
}

/** Intersection over union of two stretches of time `[start, end]` in one unit, 0..1. */
export function temporalIou(a: readonly [number, number], b: readonly [number, number]): number {
  const intersection = overlap(a[0], a[1], b[0], b[1]);
  const union = Math.max(0, a[1] - a[0]) + Math.max(0, b[1] - b[0]) - intersection;
  return union > 0 ? intersection / union : 0;
}

function overlap(fromA: number, toA: number, fromB: number, toB: number): number {
  return Math.max(0, Math.min(toA, toB) - Math.max(fromA, fromB));
}

function area([x0, y0, x1, y1]: Box): number {
  return Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
}
