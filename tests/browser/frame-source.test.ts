import { afterEach, describe, expect, test } from 'vitest';
import { TellscopeError } from '../../workers/errors';
import { FrameSource, type SourceFrame } from '../../workers/video/frame-source';
import { toCanonical } from '../../workers/video/preprocess';
import type { RgbImage } from '../../workers/video/resize';
import { fixture } from '../support/fixture';

let source: FrameSource | undefined;

afterEach(() => {
  source?.dispose();
  source = undefined;
});

async function open(name: string): Promise<FrameSource> {
  source = await FrameSource.open(await fixture(name));
  return source;
}

/** Decodes all frames (pixels copied) at the given times. */
async function decode(from: FrameSource, times: readonly number[]): Promise<SourceFrame[]> {
  const frames: SourceFrame[] = [];
  for await (const frame of from.framesAt(times)) {
    frames.push({ ...frame, rgbx: frame.rgbx.slice() });
  }
  return frames;
}

async function openError(name: string): Promise<TellscopeError> {
  const error: unknown = await open(name).catch((thrown: unknown) => thrown);
  if (!(error instanceof TellscopeError)) {
    throw new Error(`${name} was opened or failed otherwise: ${String(error)}`);
  }
  return error;
}

describe('metadata', () => {
  test.each([
    ['good/plain-h264.mp4', 'MP4', 'avc', 320, 180, 3, 72],
    ['good/vp9.webm', 'WebM', 'vp9', 320, 240, 3, 75],
    ['good/vp8.mkv', 'Matroska', 'vp8', 320, 240, 3, 36],
    ['good/av1.mp4', 'MP4', 'av1', 256, 144, 2, 30],
    ['good/odd-size.webm', 'WebM', 'vp9', 161, 91, 2, 48],
    ['good/fragmented.mp4', 'MP4', 'avc', 320, 180, 3, 72],
    ['good/with-sound.mov', 'QuickTime File Format', 'avc', 320, 180, 2, 48],
    ['good/one-frame.mp4', 'MP4', 'avc', 320, 180, 1 / 24, 1],
  ])('%s', async (name, container, codec, width, height, duration, frames) => {
    const { info } = await open(name);
    expect(info).toMatchObject({ container, codec, width, height, rotation: 0, frameCount: frames });
    expect(info.durationSeconds).toBeCloseTo(duration, 1);
  });

  test('a rotated clip has its displayed size', async () => {
    const { info } = await open('good/rotated.mp4');
    expect(info).toMatchObject({ width: 320, height: 240 });
    expect([90, 270]).toContain(info.rotation);
  });

  test('a variable frame rate keeps its uneven packet times', async () => {
    const { timestamps, info } = await open('good/variable-rate.mp4');
    const gaps = timestamps.slice(1).map((time, i) => Math.round((time - timestamps[i]!) * 30));
    expect([...new Set(gaps)].sort((a, b) => a - b)).toEqual([1, 3, 5]);
    expect(info.averageFrameRate).toBeLessThan(15);
  });

  test('a clip that starts late keeps its media times', async () => {
    const { timestamps, info } = await open('good/late-start.mp4');
    expect(timestamps[0]).toBeCloseTo(5, 1);
    expect(info.durationSeconds).toBeCloseTo(2, 1);
  });

  test('frames that an edit list cuts off are not judged', async () => {
    const { timestamps } = await open('good/edit-list.mp4');
    expect(timestamps[0]).toBeGreaterThan(-0.05);
  });
});

describe('frames', () => {
  test('come with their exact packet timestamps', async () => {
    const clip = await open('good/variable-rate.mp4');
    const wanted = [...clip.timestamps].filter((_, i) => i % 3 === 1);
    const frames = await decode(clip, wanted);
    expect(frames.map((frame) => frame.timestamp)).toEqual(wanted);
  });

  test.each([
    ['good/plain-h264.mp4', 1],
    ['good/vp9.webm', 1],
    ['good/rotated.mp4', 1],
    // At odd sizes ffmpeg interpolates the chroma, which shows at every edge of the colour bars.
    ['good/odd-size.webm', 6],
  ])('of %s are upright and have the pixels that training reads', async (name, tolerance) => {
    const image = await canonicalOf(name);
    const reference = await convertedByFfmpeg(name);
    expect([image.width, image.height]).toEqual([reference.width, reference.height]);
    expect(meanDifference(image, reference)).toBeLessThan(tolerance);
  });

  test('can be given up half-way, and the file opened again', async () => {
    const clip = await open('good/plain-h264.mp4');
    for await (const frame of clip.framesAt([...clip.timestamps])) {
      if (frame.timestamp > 0.5) {
        break;
      }
    }
    clip.dispose();
    const again = await open('good/plain-h264.mp4');
    expect(await decode(again, [again.timestamps[0]!])).toHaveLength(1);
  });
});

test('a clip cut off in its data is read up to there', async () => {
  const clip = await open('bad/half-of-the-data.mp4');
  expect(clip.warnings.join()).toMatch(
    /breaks off at second \d\.\d of \d\.\d: only the \d\.\d s before were judged/,
  );
  const frames = await decode(clip, [...clip.timestamps]);
  expect(frames.length).toBe(clip.info.frameCount);
  expect(frames.length).toBeGreaterThan(10);
});

describe('files that are no use', () => {
  test.each([
    ['bad/empty.mp4', 'empty-file', /0 bytes/],
    ['bad/text.mp4', 'not-a-video', /not a video/],
    ['bad/index-cut-off.mp4', 'truncated-file', /cut off/],
    ['bad/sound-only.mp4', 'no-video-track', /no video track/],
    ['bad/mpeg4-part2.mp4', 'unsupported-codec', /MPEG-4 Part 2/],
    ['bad/hevc.mp4', 'unsupported-codec', /HEVC/],
    ['bad/prores.mov', 'unsupported-codec', /ProRes/],
  ] as const)('%s is %s', async (name, code, words) => {
    const error = await openError(name);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
  });

  test('damaged pictures fail in decoding, with a code', async () => {
    const clip = await open('bad/noise-for-pictures.mp4');
    const error: unknown = await decode(clip, [clip.timestamps[0]!]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TellscopeError);
    expect((error as TellscopeError).code).toBe('decode-failed');
  });
});

async function canonicalOf(name: string): Promise<RgbImage> {
  const clip = await open(name);
  const [frame] = await decode(clip, [clip.timestamps[0]!]);
  return toCanonical(frame!, 288);
}

/** The first frame as ffmpeg converts it: what training reads. */
async function convertedByFfmpeg(name: string): Promise<RgbImage> {
  const bitmap = await createImageBitmap(await fixture(`reference/${name.replace('good/', '')}.png`));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)]!,
  );
  return { width, height, data };
}

function meanDifference(a: RgbImage, b: RgbImage): number {
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;
}
