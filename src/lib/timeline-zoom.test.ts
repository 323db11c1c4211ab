import { describe, expect, test } from 'vitest';
import { maxZoom, scrollAfterZoom, scrollIntoSight, thumbnailTimes } from './timeline-zoom';

test('a timeline is zoomed until its frames are told apart, and not further', () => {
  expect(maxZoom(10, 0.1, 1200)).toBeCloseTo(2);
  expect(maxZoom(1, 0.1, 1200)).toBe(1);
  expect(maxZoom(36000, 0.04, 800)).toBe(400);
});

test('the moment under the pointer stays there while the zoom changes', () => {
  const [width, share, from, to] = [1000, 0.4, 2, 8];
  const scroll = 300;
  const onScreen = share * width * from - scroll;
  const next = scrollAfterZoom(width, share, scroll, from, to);
  expect(share * width * to - next).toBeCloseTo(onScreen);
});

test('the playhead is brought into sight, and nothing moves where it is in sight', () => {
  expect(scrollIntoSight(1000, 4, 0.5, 1500)).toBe(1500);
  expect(scrollIntoSight(1000, 4, 0.75, 0)).toBe(2900);
});

describe('thumbnails', () => {
  test('cover the clip evenly', () => {
    const times = thumbnailTimes(10, 1000, 1, 0, 100);
    expect(times).toHaveLength(10);
    expect(times[0]).toBeCloseTo(0.5);
    expect(times.at(-1)).toBeCloseTo(9.5);
  });

  test('are there for what is in sight only', () => {
    const times = thumbnailTimes(600, 1000, 50, 20_000, 100);
    expect(times.length).toBeLessThan(25);
    const [from, to] = [(19_000 / 50_000) * 600, (22_000 / 50_000) * 600];
    expect(times.every((time) => time > from && time < to)).toBe(true);
  });
});
