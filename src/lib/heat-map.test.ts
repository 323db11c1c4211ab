import { describe, expect, it } from 'vitest';
import { heatOf, type HeatWindow } from '../../workers/traces/heat';
import { heatAt, heatColour, heatPixels } from './heat-map';
import { makeHeat } from './report.fixture';

describe('heatOf', () => {
  it('squeezes logits to bytes, leaves padding out and puts the frame on the grid', () => {
    const logits = Float32Array.from([0, 20, -20, Math.log(3), 1, 1, 1, 1]);
    const outputs = {
      samples: 2,
      rows: 2,
      columns: 2,
      objectness: logits,
      coverage: logits,
      category: logits,
      box: logits,
      boundary: logits,
      subject: logits,
    };
    expect(heatOf(outputs, [0.5], { x: 0, y: 56, width: 224, height: 112 }, 112)).toEqual({
      times: [0.5],
      rows: 2,
      columns: 2,
      place: { x: 0, y: 0.5, width: 2, height: 1 },
      values: Uint8Array.from([128, 255, 0, 191]),
    });
  });
});

describe('heatAt', () => {
  it('is that of a sample at its time, and in between in between', () => {
    expect([...(heatAt([makeHeat()], 1)?.values ?? [])]).toEqual([0, 0, 0, 200]);
    expect([...(heatAt([makeHeat()], 1.25)?.values ?? [])]).toEqual([25, 0, 0, 175]);
    expect([...(heatAt([makeHeat()], 2.5)?.values ?? [])]).toEqual([100, 0, 0, 100]);
  });

  it('averages windows that saw the same time', () => {
    const other = makeHeat({ values: Uint8Array.from([0, 0, 0, 100, 0, 0, 0, 0]) });
    expect([...(heatAt([makeHeat(), other], 1)?.values ?? [])]).toEqual([0, 0, 0, 150]);
  });

  it('knows nothing where no window looked', () => {
    expect(heatAt([makeHeat()], 0.9)).toBeUndefined();
    expect(heatAt([makeHeat()], 3.1)).toBeUndefined();
    expect(heatAt([], 1)).toBeUndefined();
  });
});

describe('heatPixels', () => {
  const pixelsOf = (window: HeatWindow): ReturnType<typeof heatPixels> => {
    const grid = heatAt([window], 1);
    if (!grid) {
      throw new Error('the window does not cover this time');
    }
    return heatPixels(grid);
  };
  const opacityAt = (window: HeatWindow, x: number, y: number): number => {
    const { width, height, rgba } = pixelsOf(window);
    return rgba[(Math.floor(y * height) * width + Math.floor(x * width)) * 4 + 3] ?? NaN;
  };

  it('puts the values where their cells are', () => {
    expect(opacityAt(makeHeat(), 0.8, 0.8)).toBeGreaterThan(150);
    expect(opacityAt(makeHeat(), 0.1, 0.1)).toBe(0);
  });

  it('undoes the letterbox', () => {
    // The frame covers the lower right cell only: the map of the whole frame is that cell's.
    const window = makeHeat({ place: { x: 1, y: 1, width: 1, height: 1 } });
    const { width, height } = pixelsOf(window);
    expect([width, height]).toEqual([8, 8]);
    expect(opacityAt(window, 0.5, 0.5)).toBeGreaterThan(150);
    expect(opacityAt(window, 0.9, 0.9)).toBeGreaterThan(150);
  });
});

describe('heatColour', () => {
  it('is brighter and denser the higher the value', () => {
    const steps = Array.from({ length: 11 }, (_, step) => heatColour(step / 10));
    const weight = steps.map(([red, green, blue, opacity]) => (red + green + blue) * opacity);
    expect(weight).toEqual(weight.toSorted((a, b) => a - b));
    expect(steps[0]?.[3]).toBe(0);
  });
});
