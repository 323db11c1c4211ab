import { afterEach, describe, expect, test } from 'vitest';
import { TellscopeError } from '../../workers/errors';
import { FrameService } from '../../src/lib/frames/frame-service';
import { burntInNumber, type NumberedFrame } from '../support/burnt-in';
import { fixture } from '../support/fixture';

let service: FrameService | undefined;

afterEach(() => {
  service?.dispose();
  service = undefined;
});

async function open(name: string): Promise<FrameService> {
  service = await FrameService.open(await fixture(name));
  return service;
}

async function numberAt(frames: FrameService, seconds: number, kind?: NumberedFrame): Promise<number> {
  const picture = await frames.frameAt(seconds);
  try {
    return burntInNumber(picture, kind);
  } finally {
    picture.close();
  }
}

async function failure(work: Promise<unknown>): Promise<TellscopeError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TellscopeError);
  return error as TellscopeError;
}

describe('frames at packet timestamps', () => {
  test.each([
    ['stepping/variable.mp4', 60, 'upright'],
    ['stepping/fast.mp4', 120, 'upright'],
    ['stepping/stream.m2ts', 40, 'upright'],
    ['stepping/turned.mp4', 25, 'turned'],
  ] as const)('%s: all are there, each under its own timestamp, in any order', async (name, count, kind) => {
    const frames = await open(name);
    expect(frames.timestamps).toHaveLength(count);
    const order = Array.from({ length: count }, (_, frame) => (frame * 7) % count);
    for (const frame of new Set([...order.slice(0, 20), count - 1, 0])) {
      expect(await numberAt(frames, frames.timestamps[frame] ?? NaN, kind)).toBe(frame);
    }
  });

  test('forwards and backwards in runs, over borders of groups of pictures', async () => {
    const frames = await open('stepping/fast.mp4');
    const seen: number[] = [];
    const look = (frame: number, picture: ImageBitmap): void => {
      expect(burntInNumber(picture)).toBe(frame);
      picture.close();
      seen.push(frame);
    };
    for (const [first, last] of [
      [20, 30],
      [31, 33],
      [40, 41],
      [60, 62],
      [19, 25],
    ] as const) {
      await frames.decode({ lane: 'stage', first, last }, undefined, look);
    }
    expect(seen).toEqual([
      20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 40, 41, 60, 61, 62, 19, 20, 21, 22, 23, 24, 25,
    ]);
  });

  test('a time between two timestamps means the frame that is on screen then', async () => {
    const frames = await open('stepping/variable.mp4');
    // A standstill of 0.42 s: the fortieth frame stays.
    expect(await numberAt(frames, 1.9)).toBe(39);
    expect(await numberAt(frames, -1)).toBe(0);
    expect(await numberAt(frames, 99)).toBe(59);
  });

  test('pictures have the displayed shape, scaled and cropped as asked', async () => {
    const frames = await open('stepping/turned.mp4');
    expect(frames.info).toMatchObject({ width: 96, height: 320 });
    const whole = await frames.frameAt(0);
    expect([whole.width, whole.height]).toEqual([96, 320]);
    const small = await frames.frameAt(0, { maxWidth: 48 });
    expect([small.width, small.height]).toEqual([48, 160]);
    const crop = await frames.frameAt(0, { crop: { x: 64, y: 0, width: 64, height: 32 } });
    expect([crop.width, crop.height]).toEqual([64, 32]);
  });
});

describe('what goes wrong', () => {
  test('requests that are no longer wanted end, and the next is served', async () => {
    const frames = await open('stepping/fast.mp4');
    const controller = new AbortController();
    const stale = frames.frameAt(1.9, { signal: controller.signal });
    controller.abort();
    expect((await failure(stale)).code).toBe('cancelled');
    expect(await numberAt(frames, 0)).toBe(0);
  });

  test('nothing waits for a service that was ended', async () => {
    const frames = await open('stepping/fast.mp4');
    const waiting = failure(frames.frameAt(1));
    frames.dispose();
    expect((await waiting).code).toBe('cancelled');
    expect((await failure(frames.frameAt(1))).code).toBe('cancelled');
  });

  test('a damaged frame is refused, not replaced', async () => {
    const frames = await open('bad/noise-for-pictures.mp4');
    expect((await failure(frames.frameAt(0))).code).toBe('decode-failed');
  });

  test('a file without decodable frames says why', async () => {
    expect((await failure(open('bad/hevc.mp4'))).code).toBe('unsupported-codec');
  });
});
