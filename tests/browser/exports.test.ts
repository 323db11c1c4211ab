import { ALL_FORMATS, BlobSource, Input } from 'mediabunny';
import { afterEach, describe, expect, test } from 'vitest';
import { TellscopeError } from '../../workers/errors';
import { CATEGORIES, type Report } from '../../workers/report';
import { FrameSource } from '../../workers/video/frame-source';
import { toCvatXml } from '../../src/lib/exports/cvat';
import { makeAnnotatedVideo, makeStills, readTimestamps } from '../../src/lib/exports/media-client';
import { BRIGHT_TINTS } from '../../src/lib/exports/palette';
import { makeReport, makeReview, makeTrace } from '../../src/lib/report.fixture';
import { fixture } from '../support/fixture';

/** A picture as the tests look at it: interleaved, with the count of bytes a pixel. */
type Picture = { pixels: ArrayLike<number>; width: number; height: number };

const sources: FrameSource[] = [];

afterEach(() => {
  for (const source of sources.splice(0)) {
    source.dispose();
  }
});

const options = { onProgress: () => {}, signal: new AbortController().signal };

/** A report on a fixture with one trace that stands still; its category is drawn with an unbroken line. */
async function reportOn(file: File, changes: Partial<ReturnType<typeof makeTrace>> = {}): Promise<Report> {
  const source = await open(file);
  const box: [number, number, number, number] = [80, 60, 240, 140];
  const times = [1, 1.5, 2].map((time) => source.timestamps.find((one) => one >= time) ?? 0);
  const trace = makeTrace({
    box,
    startSeconds: 1,
    endSeconds: 2,
    track: times.map((timeSeconds) => ({ timeSeconds, box })),
    ...changes,
  });
  return makeReport({ video: source.info, traces: [trace] });
}

async function open(file: Blob): Promise<FrameSource> {
  const source = await FrameSource.open(file);
  sources.push(source);
  return source;
}

/** Share of the points along a box that have the colour its category is drawn in, as far as an encoder keeps it. */
function tinted(
  picture: Picture,
  [x0, y0, x1, y1]: number[],
  tint = BRIGHT_TINTS['object-distortion'],
): number {
  const colour = [1, 3, 5].map((index) => parseInt(tint.slice(index, index + 2), 16));
  const matches = (x: number, y: number): boolean => {
    const at = (y * picture.width + x) * 4;
    return colour.every((value, channel) => Math.abs(value - (picture.pixels[at + channel] ?? 0)) < 64);
  };
  // A line lies on both sides of its edge.
  const near = (x: number, y: number): boolean =>
    [0, -1].some((dx) => [0, -1].some((dy) => matches(Math.round(x) + dx, Math.round(y) + dy)));
  let hits = 0;
  const count = 40;
  // The label lies on the upper edge.
  for (let index = 1; index < count; index++) {
    const share = index / count;
    hits += near(x0! + share * (x1! - x0!), y1!) ? 1 : 0;
    hits += near(x0!, y0! + share * (y1! - y0!)) ? 1 : 0;
    hits += near(x1!, y0! + share * (y1! - y0!)) ? 1 : 0;
  }
  return hits / (3 * (count - 1));
}

async function frameAt(source: FrameSource, seconds: number): Promise<Picture> {
  const time = source.timestamps.filter((one) => one <= seconds + 1e-3).at(-1) ?? 0;
  for await (const { rgbx, width, height } of source.framesAt([time])) {
    return { pixels: rgbx.slice(), width, height };
  }
  throw new Error(`no frame at ${seconds} s`);
}

/** Mean difference of the green of a picture and a part of another that begins at (left, top). */
function difference(
  picture: Picture,
  whole: Picture,
  left: number,
  top: number,
  [x0, y0, x1, y1] = [0, 0, picture.width, picture.height],
): number {
  let sum = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const here = (y * picture.width + x) * 4 + 1;
      const there = ((y + top) * whole.width + x + left) * 4 + 1;
      sum += Math.abs(picture.pixels[here]! - whole.pixels[there]!);
    }
  }
  return sum / ((x1 - x0) * (y1 - y0));
}

async function decodePng(blob: Blob): Promise<Picture> {
  const bitmap = await createImageBitmap(blob);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { pixels: data, width, height };
}

describe('annotated video', () => {
  test('has the box on the frames of the trace, and on no other', async () => {
    const file = await fixture('good/plain-h264.mp4');
    const report = await reportOn(file);
    const shares: number[] = [];
    const made = await makeAnnotatedVideo(file, report, {
      ...options,
      onProgress: (share) => shares.push(share),
    });
    expect(made.notes).toEqual([]);
    const copy = await open(made.blob);
    const original = await open(file);
    expect(copy.info.container).toBe(made.extension === 'mp4' ? 'MP4' : 'WebM');
    expect([copy.info.width, copy.info.height]).toEqual([320, 180]);
    expect(copy.info.frameCount).toBe(original.info.frameCount);
    const [box] = report.traces.map((trace) => trace.box);
    for (const [seconds, drawn] of [
      [0.25, false],
      [0.9, false],
      [1.1, true],
      [1.9, true],
      [2.2, false],
      [2.8, false],
    ] as const) {
      const share = tinted(await frameAt(copy, seconds), box!);
      if (drawn) {
        expect(share, `box at ${seconds} s`).toBeGreaterThan(0.7);
      } else {
        expect(share, `box at ${seconds} s`).toBeLessThan(0.2);
      }
      expect(tinted(await frameAt(original, seconds), box!), `original at ${seconds} s`).toBeLessThan(0.2);
    }
    expect(shares.length).toBeGreaterThan(5);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  test('follows a trace that moves', async () => {
    const file = await fixture('good/plain-h264.mp4');
    const report = await reportOn(file, {
      track: [
        { timeSeconds: 1, box: [20, 60, 100, 140] },
        { timeSeconds: 2, box: [220, 60, 300, 140] },
      ],
    });
    const copy = await open((await makeAnnotatedVideo(file, report, options)).blob);
    const picture = await frameAt(copy, 1.5);
    expect(tinted(picture, [120, 60, 200, 140])).toBeGreaterThan(0.5);
    expect(tinted(picture, [20, 60, 100, 140])).toBeLessThan(0.2);
  });

  test('is upright where the original is turned, and keeps odd sizes within a pixel', async () => {
    const turned = await fixture('good/rotated.mp4');
    const copy = await open((await makeAnnotatedVideo(turned, await reportOn(turned), options)).blob);
    expect([copy.info.width, copy.info.height, copy.info.rotation]).toEqual([320, 240, 0]);
    expect(tinted(await frameAt(copy, 1.5), [80, 60, 240, 140])).toBeGreaterThan(0.7);
    const odd = await fixture('good/odd-size.webm');
    const oddReport = await reportOn(odd, { track: [{ timeSeconds: 1, box: [20, 20, 120, 70] }] });
    const oddCopy = await open((await makeAnnotatedVideo(odd, oddReport, options)).blob);
    expect([oddCopy.info.width, oddCopy.info.height]).toEqual([162, 92]);
    expect(tinted(await frameAt(oddCopy, 1.5), [20, 20, 121, 71])).toBeGreaterThan(0.5);
  });

  test('keeps the times of a video that begins late', async () => {
    const file = await fixture('good/late-start.mp4');
    const original = await open(file);
    const first = original.timestamps[0]!;
    expect(first).toBeGreaterThan(1);
    const report = await reportOn(file, {
      startSeconds: first + 1,
      endSeconds: first + 2,
      track: [{ timeSeconds: first + 1, box: [80, 60, 240, 140] }],
    });
    const copy = await open((await makeAnnotatedVideo(file, report, options)).blob);
    expect(copy.timestamps[0]).toBeCloseTo(first, 1);
    expect(tinted(await frameAt(copy, first + 1.5), [80, 60, 240, 140])).toBeGreaterThan(0.7);
    expect(tinted(await frameAt(copy, first + 0.5), [80, 60, 240, 140])).toBeLessThan(0.2);
  });

  test('keeps the sound, or says that it could not', async () => {
    const file = await fixture('good/with-sound.mov');
    const { blob, notes } = await makeAnnotatedVideo(file, await reportOn(file), options);
    const input = new Input({ source: new BlobSource(blob), formats: ALL_FORMATS });
    const sound = await input.getPrimaryAudioTrack();
    expect(notes).toEqual(sound ? [] : ['The sound is left out: this browser cannot encode it.']);
    if (sound) {
      expect(await sound.computeDuration()).toBeCloseTo(2, 0);
    }
    input.dispose();
  });

  test('can be cancelled', async () => {
    const file = await fixture('good/plain-h264.mp4');
    const controller = new AbortController();
    const job = makeAnnotatedVideo(file, await reportOn(file), {
      onProgress: () => controller.abort(),
      signal: controller.signal,
    });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('of a file that is no longer a video ends in words', async () => {
    const report = await reportOn(await fixture('good/plain-h264.mp4'));
    const error: unknown = await makeAnnotatedVideo(new Blob(['gone']), report, options).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TellscopeError);
    expect(error).toHaveProperty('code', 'unreadable-file');
    expect(error).toHaveProperty('message', expect.stringContaining('can no longer be read'));
  });
});

describe('CVAT tracks', () => {
  /** What the format's specification says of a track and its boxes. */
  function read(xml: string) {
    const document = new DOMParser().parseFromString(xml, 'application/xml');
    expect(document.querySelector('parsererror')).toBeNull();
    expect(document.documentElement.nodeName).toBe('annotations');
    expect(document.querySelector('annotations > version')?.textContent).toBe('1.1');
    const labels = [...document.querySelectorAll('meta > task > labels > label > name')];
    expect(labels.map((label) => label.textContent)).toEqual([...CATEGORIES]);
    return [...document.querySelectorAll('annotations > track')].map((track, index) => {
      expect(track.getAttribute('id')).toBe(String(index));
      const boxes = [...track.querySelectorAll(':scope > box')].map((box) => {
        const number = (name: string): number => Number(box.getAttribute(name) ?? NaN);
        return {
          frame: number('frame'),
          outside: number('outside'),
          keyframe: number('keyframe'),
          box: ['xtl', 'ytl', 'xbr', 'ybr'].map(number),
          said: [...box.querySelectorAll('attribute')].map((one) => [
            one.getAttribute('name'),
            one.textContent,
          ]),
        };
      });
      return { label: track.getAttribute('label'), source: track.getAttribute('source'), boxes };
    });
  }

  test('stand on the frames of the trace, also where the rate varies', async () => {
    const file = await fixture('good/variable-rate.mp4');
    const report = await reportOn(file, { explanation: 'Bent & <b>broken</b> \u0001' });
    const source = await open(file);
    const timestamps = await readTimestamps(file, options);
    expect([...timestamps]).toEqual([...source.timestamps]);
    const [track] = read(toCvatXml(report, timestamps));
    expect([track?.label, track?.source]).toEqual(['object-distortion', 'auto']);
    const frames = track?.boxes.map(({ frame }) => frame) ?? [];
    const last = [...source.timestamps].filter((time) => time <= 2 + 1e-6).length - 1;
    expect(frames.at(-1)).toBe(last + 1);
    expect(track?.boxes.at(-1)?.outside).toBe(1);
    expect(frames).toEqual(frames.toSorted((a, b) => a - b));
    expect(track?.boxes[0]).toMatchObject({ keyframe: 1, outside: 0, box: [80, 60, 240, 140] });
    expect(track?.boxes[0]?.said).toEqual([
      ['explanation', 'Bent & <b>broken</b> \uFFFD'],
      ['score', '0.8'],
      ['made_by', 'model'],
    ]);
  });

  test('have a person’s corrections in place of what they correct', () => {
    const tracks = read(toCvatXml({ ...makeReport(), humanReview: makeReview() }));
    expect(tracks.map(({ label, source }) => [label, source])).toEqual([
      ['object-merging', 'manual'],
      ['object-disappearance', 'manual'],
    ]);
    expect(tracks[0]?.boxes.map(({ frame, outside }) => [frame, outside])).toEqual([
      [36, 0],
      [72, 0],
      [73, 1],
    ]);
  });
});

describe('stills', () => {
  test('show the box on the frame, and the place itself untouched', async () => {
    const file = await fixture('good/plain-h264.mp4');
    const report = await reportOn(file);
    const [still] = await makeStills(file, report, Infinity, options);
    expect(still?.timeSeconds).toBe(report.traces[0]?.track[1]?.timeSeconds);
    const frame = await decodePng(still!.frame);
    expect([frame.width, frame.height]).toEqual([320, 180]);
    expect(tinted(frame, report.traces[0]!.box)).toBeGreaterThan(0.8);
    // The box with a fifth of its size around it.
    const crop = await decodePng(still!.crop);
    expect([crop.width, crop.height]).toEqual([224, 112]);
    expect(tinted(crop, [32, 16, 192, 96])).toBeLessThan(0.2);
    const source = await open(file);
    const away = async (seconds: number): Promise<number> =>
      difference(crop, await frameAt(source, seconds), 48, 44);
    const own = await away(still!.timeSeconds);
    // The browser's colours are a little off those the model sees, so other frames are the measure.
    expect(own).toBeLessThan((await away(still!.timeSeconds - 0.5)) - 2);
    expect(own).toBeLessThan((await away(still!.timeSeconds + 0.5)) - 2);
    // Inside of the line both pictures are the same.
    const inner = { pixels: frame.pixels, width: frame.width, height: frame.height };
    expect(difference(crop, inner, 48, 44, [40, 24, 180, 84])).toBe(0);
  });

  test('are scaled down where asked, and turned upright', async () => {
    const file = await fixture('good/rotated.mp4');
    const [still] = await makeStills(file, await reportOn(file), 160, options);
    const frame = await decodePng(still!.frame);
    expect([frame.width, frame.height]).toEqual([160, 120]);
    expect(tinted(frame, [40, 30, 120, 70])).toBeGreaterThan(0.5);
  });
});
