import { describe, expect, it } from 'vitest';
import {
  boxAt,
  boxOfRect,
  closeUpCrop,
  containRect,
  hitTest,
  isVisibleAt,
  placeBox,
  placeLabels,
} from './geometry';
import { makeTrace } from './report.fixture';

describe('containRect', () => {
  it('centres a wide and a tall frame', () => {
    expect(containRect({ width: 400, height: 400 }, { width: 800, height: 400 })).toEqual({
      x: 0,
      y: 100,
      width: 400,
      height: 200,
    });
    expect(containRect({ width: 400, height: 200 }, { width: 100, height: 200 })).toEqual({
      x: 150,
      y: 0,
      width: 100,
      height: 200,
    });
  });

  it('is empty before the stage has a size', () => {
    expect(containRect({ width: 0, height: 0 }, { width: 800, height: 400 }).width).toBe(0);
    expect(containRect({ width: 10, height: 10 }, { width: 0, height: 0 }).width).toBe(0);
  });
});

describe('boxes over time', () => {
  it('interpolates along the tube and holds the ends', () => {
    const trace = makeTrace();
    expect(boxAt(trace, 1.5)).toEqual([130, 100, 230, 200]);
    expect(boxAt(trace, 2)).toEqual([160, 100, 260, 200]);
    expect(boxAt(trace, 0)).toEqual([100, 100, 200, 200]);
    expect(boxAt(trace, 9)).toEqual([220, 100, 320, 200]);
  });

  it('falls back on the summary box of an empty track', () => {
    expect(boxAt(makeTrace({ track: [] }), 1)).toEqual([160, 100, 260, 200]);
  });

  it('shows a trace from the frame that is on screen at its onset until its offset', () => {
    const trace = makeTrace();
    const frame = 1 / 24;
    expect(isVisibleAt(trace, 0.9, frame)).toBe(false);
    expect(isVisibleAt(trace, 0.97, frame)).toBe(true);
    expect(isVisibleAt(trace, 3, frame)).toBe(true);
    expect(isVisibleAt(trace, 3.01, frame)).toBe(false);
  });

  it('scales boxes to the stage', () => {
    const content = { x: 10, y: 20, width: 320, height: 180 };
    expect(placeBox([64, 36, 128, 72], { width: 640, height: 360 }, content)).toEqual({
      x: 42,
      y: 38,
      width: 32,
      height: 18,
    });
  });
});

describe('hitTest', () => {
  it('prefers the inner of two nested boxes', () => {
    const outer = { id: 'outer', rect: { x: 0, y: 0, width: 100, height: 100 } };
    const inner = { id: 'inner', rect: { x: 40, y: 40, width: 20, height: 20 } };
    expect(hitTest([outer, inner], 50, 50)).toBe(inner);
    expect(hitTest([inner, outer], 10, 10)).toBe(outer);
    expect(hitTest([inner, outer], 101, 10)).toBeUndefined();
  });
});

describe('placeLabels', () => {
  const content = { x: 0, y: 0, width: 400, height: 300 };
  const label = { width: 100, height: 24 };

  it('stands above its box, or inside at the upper edge of the picture', () => {
    const [above, inside] = placeLabels(
      [
        { rect: { x: 50, y: 100, width: 80, height: 80 }, label },
        { rect: { x: 250, y: 5, width: 80, height: 80 }, label },
      ],
      content,
    );
    expect(above).toEqual({ x: 50, y: 76, ...label });
    expect(inside).toEqual({ x: 250, y: 5, ...label });
  });

  it('stays inside the picture and off earlier labels', () => {
    const rect = { x: 380, y: 100, width: 20, height: 50 };
    const [first, second] = placeLabels(
      [
        { rect, label },
        { rect, label },
      ],
      content,
    );
    expect(first).toEqual({ x: 300, y: 76, ...label });
    expect(second).toEqual({ x: 300, y: 100, ...label });
  });
});

describe('closeUpCrop', () => {
  it('centres on the box, with margin and aspect ratio', () => {
    const crop = closeUpCrop([100, 100, 200, 150], 1.6, 0.2);
    expect(crop.width).toBeCloseTo(140);
    expect(crop.height).toBeCloseTo(87.5);
    expect(crop.x + crop.width / 2).toBeCloseTo(150);
    expect(crop.y + crop.height / 2).toBeCloseTo(125);
  });
});

describe('boxOfRect', () => {
  it('undoes placeBox, to the pixel', () => {
    const [frame, content] = [
      { width: 1920, height: 1080 },
      { x: 12, y: 40, width: 731, height: 411.1875 },
    ];
    const box = [101, 7, 1919, 1080] as const;
    expect(boxOfRect(placeBox([...box], frame, content), frame, content)).toEqual(box);
  });
});
