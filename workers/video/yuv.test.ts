import { describe, expect, it } from 'vitest';
import { yuvToRgbx, type YuvImage, type YuvMatrix } from './yuv';

function convert(y: number, cb: number, cr: number, matrix: YuvMatrix, fullRange: boolean): number[] {
  const plane = (value: number) => ({ data: Uint8Array.of(value), offset: 0, stride: 1 });
  const image: YuvImage = {
    width: 1,
    height: 1,
    luma: plane(y),
    blue: plane(cb),
    red: plane(cr),
    chromaStep: 1,
    shiftX: 1,
    shiftY: 1,
  };
  const target = new Uint8Array(4);
  yuvToRgbx(image, matrix, fullRange, target);
  return [...target.slice(0, 3)];
}

describe('yuvToRgbx', () => {
  it.each([
    // The primaries of ITU-R BT.601 and BT.709 in limited range.
    [[16, 128, 128], 'smpte170m', false, [0, 0, 0]],
    [[235, 128, 128], 'bt709', false, [255, 255, 255]],
    [[81, 90, 240], 'smpte170m', false, [254, 0, 0]],
    [[63, 102, 240], 'bt709', false, [255, 0, 0]],
    [[145, 54, 34], 'smpte170m', false, [0, 255, 1]],
    [[173, 42, 26], 'bt709', false, [0, 255, 1]],
    [[255, 128, 128], 'smpte170m', true, [255, 255, 255]],
    [[76, 85, 255], 'smpte170m', true, [254, 0, 0]],
  ] as [[number, number, number], YuvMatrix, boolean, number[]][])(
    'converts %j in %s (full range: %s)',
    ([y, cb, cr], matrix, fullRange, expected) => {
      for (const [i, value] of convert(y, cb, cr, matrix, fullRange).entries()) {
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1);
      }
    },
  );

  it('reads subsampled, interleaved and padded planes', () => {
    // 3 x 2 luma in rows of 4, one row of interleaved chroma (NV12).
    const data = Uint8Array.of(16, 235, 16, 99, 235, 16, 235, 99, 128, 128, 90, 240);
    const target = new Uint8Array(24);
    const chroma = (offset: number) => ({ data, offset, stride: 4 });
    yuvToRgbx(
      {
        width: 3,
        height: 2,
        luma: { data, offset: 0, stride: 4 },
        blue: chroma(8),
        red: chroma(9),
        chromaStep: 2,
        shiftX: 1,
        shiftY: 1,
      },
      'smpte170m',
      false,
      target,
    );
    expect([...target.slice(0, 8)]).toEqual([0, 0, 0, 0, 255, 255, 255, 0]);
    expect(target[8]! - target[9]!).toBeGreaterThan(150);
  });
});
