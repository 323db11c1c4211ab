import { describe, expect, it } from 'vitest';
import { sampleGrid, WindowAssembler, windowCount, type Window } from './sampling';

describe('sampleGrid', () => {
  it('takes the latest frame not after each grid time', () => {
    const grid = sampleGrid(Float64Array.of(0.5, 0.6, 1.0, 1.1, 1.5), 2);
    expect(grid).toEqual([
      { timeSeconds: 0.5, frame: 0 },
      { timeSeconds: 1, frame: 2 },
      { timeSeconds: 1.5, frame: 4 },
    ]);
  });

  it('repeats a frame that stays on screen', () => {
    const grid = sampleGrid(Float64Array.of(0, 2), 2);
    expect(grid.map(({ frame }) => frame)).toEqual([0, 0, 0, 0, 1]);
  });

  it('forgives the rounding of container clocks', () => {
    expect(sampleGrid(Float64Array.of(0, 0.1666, 0.3337), 6).map(({ frame }) => frame)).toEqual([0, 1, 2]);
  });

  it('samples a single frame once', () => {
    expect(sampleGrid(Float64Array.of(3), 6)).toEqual([{ timeSeconds: 3, frame: 0 }]);
  });

  it('a frame that stands still for hours is sampled for its first ten seconds', () => {
    const grid = sampleGrid(Float64Array.of(0, 7200, 7201), 2);
    expect(grid).toHaveLength(21 + 3);
    expect(grid.slice(20, 22)).toEqual([
      { timeSeconds: 10, frame: 0 },
      { timeSeconds: 7200, frame: 1 },
    ]);
    expect(grid.at(-1)).toEqual({ timeSeconds: 7201, frame: 2 });
  });
});

function windowsOf(segments: number[]): Window<number>[] {
  const assembler = new WindowAssembler<number>(12, 9);
  const windows: Window<number>[] = [];
  let sample = 0;
  for (const length of segments) {
    for (let i = 0; i < length; i++) {
      windows.push(...[assembler.push(sample++)].filter((window) => window !== undefined));
    }
    windows.push(...[assembler.endSegment()].filter((window) => window !== undefined));
  }
  return windows;
}

describe('WindowAssembler', () => {
  it('covers every sample of every segment, in order, without spanning a cut', () => {
    for (let first = 1; first < 45; first++) {
      const segments = [first, 17];
      const windows = windowsOf(segments);
      const covered = new Set(windows.flatMap((window) => window.samples.slice(0, window.valid)));
      expect([...covered].sort((a, b) => a - b)).toEqual(Array.from({ length: first + 17 }, (_, i) => i));
      for (const { start, samples, valid } of windows) {
        expect(samples).toHaveLength(12);
        expect(samples.slice(0, valid)).toEqual(Array.from({ length: valid }, (_, i) => start + i));
        expect(start >= first || start + valid <= first).toBe(true);
      }
      expect(windows).toHaveLength(windowCount(first, 12, 9) + windowCount(17, 12, 9));
    }
  });

  it('starts every hop and aligns the last window to the end', () => {
    expect(windowsOf([24]).map(({ start }) => start)).toEqual([0, 9, 12]);
    expect(windowsOf([21]).map(({ start }) => start)).toEqual([0, 9]);
  });

  it('repeats the last sample of a segment shorter than a window', () => {
    const [window] = windowsOf([3]);
    expect(window).toEqual({ start: 0, valid: 3, samples: [0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2] });
  });
});
