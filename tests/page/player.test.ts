import { mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import App from '../../src/App.svelte';
import '../../src/app.css';
import { AnalysisManager } from '../../src/lib/analyses.svelte';
import { makeHeat, makeReport, makeTrace } from '../../src/lib/report.fixture';
import { shortcutSettings } from '../../src/lib/shortcut-settings.svelte';
import type { Trace } from '../../workers/report';
import type { HeatWindow } from '../../workers/traces/heat';
import { burntInNumber, type NumberedFrame } from '../support/burnt-in';
import { fixture } from '../support/fixture';

let app: Record<string, unknown>;
let analyses: AnalysisManager;

/** What the next file dropped is said to hold. */
let traces: Trace[];
let heat: HeatWindow[];

beforeEach(async () => {
  await page.viewport(1280, 900);
  traces = [];
  heat = [];
  analyses = new AnalysisManager({
    prepare: () => {},
    analyse: (_file, tell) => {
      for (const window of heat) {
        tell({ type: 'window', startSeconds: 0, endSeconds: 2, fakeProbability: 0.5, traces, heat: window });
      }
      return Promise.resolve(makeReport({ traces, video: { ...makeReport().video, ...shape } }));
    },
  });
  app = mount(App, { target: document.body, props: { analyses } });
});

afterEach(async () => {
  shortcutSettings.characters = true;
  localStorage.clear();
  await unmount(app);
});

let shape: { width: number; height: number };

/** Drops a clip of numbered frames and waits until its first frame stands on the stage. */
async function open(name: string, size = { width: 160, height: 96 }): Promise<void> {
  shape = size;
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(await fixture(name));
  window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  await expect.poll(() => stage().classList.contains('shown'), { timeout: 20_000 }).toBe(true);
  surface().focus();
}

const stage = (): HTMLCanvasElement => document.querySelector('.stage .picture')!;
const surface = (): HTMLElement => document.querySelector('.surface')!;
const readout = (): string => document.querySelector('.time .frame')!.textContent.trim();
const box = (): SVGRectElement | null => document.querySelector('.overlay rect.stroke');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

/** Presses a key where the focus is, as often as the test needs it without a round trip for each. */
function press(key: string): void {
  document.activeElement?.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
  );
}

/** The number of the frame on screen: told in words, and burnt into the pixels of the canvas. */
async function shownFrame(kind?: NumberedFrame): Promise<{ told: number; burntIn: number }> {
  const told = Number(/^Frame (\d+) of/.exec(readout())?.[1]) - 1;
  const picture = await createImageBitmap(stage());
  const burntIn = burntInNumber(picture, kind);
  picture.close();
  return { told, burntIn };
}

async function waitForFrame(frame: number, count: number): Promise<void> {
  const wanted = `Frame ${frame + 1} of ${count}`;
  for (let tries = 0; readout() !== wanted && tries < 2000; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(readout()).toBe(wanted);
}

/** When the frames of `variable.mp4` begin, in seconds, as its maker set it. */
function variableTime(frame: number): number {
  const within = [0, 20, 80][frame % 3]!;
  return (120 * Math.floor(frame / 3) + within + (frame >= 40 ? 400 : 0)) / 1000;
}

/** A trace whose box moves right by ten pixels a second. */
const moving = makeTrace({
  startSeconds: 0,
  endSeconds: 3,
  track: [
    { timeSeconds: 0, box: [10, 20, 60, 70] },
    { timeSeconds: 3, box: [40, 20, 90, 70] },
  ],
});

/** Left edge of the box on screen, in pixels of the video. */
function boxLeft(): number {
  const rect = document.querySelector('.stage')!.getBoundingClientRect();
  const scale = Math.min(rect.width / 160, rect.height / 96);
  return (box()!.x.baseVal.value - (rect.width - 160 * scale) / 2) / scale;
}

describe('stepping', () => {
  test.each([
    ['variable.mp4', 60],
    ['fast.mp4', 120],
  ] as const)(
    '%s: visits every frame exactly once in each direction',
    async (name, count) => {
      await open(`stepping/${name}`);
      const visited: number[] = [];
      for (const [key, first, step] of [
        ['ArrowRight', 0, 1],
        ['ArrowLeft', count - 1, -1],
      ] as const) {
        for (let taken = 0; taken < count; taken++) {
          const frame = first + taken * step;
          if (taken > 0) {
            press(key);
          }
          await waitForFrame(frame, count);
          const { told, burntIn } = await shownFrame();
          expect(burntIn).toBe(told);
          visited.push(burntIn);
        }
      }
      const onwards = Array.from({ length: count }, (_, frame) => frame);
      expect(visited).toEqual([...onwards, ...onwards.toReversed()]);
    },
    240_000,
  );

  test('tells the timestamp of each frame, also where they come unevenly', async () => {
    await open('stepping/variable.mp4');
    for (const frame of [1, 2, 3, 39, 40, 59]) {
      const time = variableTime(frame);
      const seek = document.querySelector<HTMLInputElement>('.seek')!;
      seek.value = String(time + 0.005);
      seek.dispatchEvent(new Event('input', { bubbles: true }));
      await waitForFrame(frame, 60);
      expect(document.querySelector('.time span')!.textContent).toBe(`0:0${time.toFixed(3)}`);
      expect((await shownFrame()).burntIn).toBe(frame);
    }
  });

  test('turned clips and pixels that are not square come out right', async () => {
    await open('stepping/turned.mp4', { width: 96, height: 320 });
    expect([stage().width, stage().height]).toEqual([96, 320]);
    press('ArrowRight');
    await waitForFrame(1, 25);
    expect(await shownFrame('turned')).toEqual({ told: 1, burntIn: 1 });
  });

  test('a frame that cannot be decoded is said to be so, and no other is shown', async () => {
    shape = { width: 320, height: 180 };
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(await fixture('bad/noise-for-pictures.mp4'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    await expect
      .element(page.getByRole('alert').getByText(/could not be decoded|cannot be decoded/))
      .toBeVisible();
  });
});

describe('the overlay', () => {
  test('stands where the tube is at the timestamp of the frame', async () => {
    traces = [moving];
    await open('stepping/variable.mp4');
    for (let frame = 0; frame < 12; frame++) {
      await waitForFrame(frame, 60);
      expect(boxLeft()).toBeCloseTo(10 + 10 * variableTime(frame), 1);
      press('ArrowRight');
    }
  });

  test('keeps within one frame of the picture while it plays', async () => {
    traces = [moving];
    await open('stepping/fast.mp4');
    const video = document.querySelector<HTMLVideoElement>('.stage video')!;
    video.muted = true;
    const apart: number[] = [];
    const watch: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      // What is drawn over the frame is settled in the same task.
      queueMicrotask(() => {
        if (!video.paused && box()) {
          apart.push(Math.abs((boxLeft() - 10) / 10 - mediaTime) / (1001 / 60000));
        }
      });
      video.requestVideoFrameCallback(watch);
    };
    video.requestVideoFrameCallback(watch);
    await userEvent.keyboard(' ');
    await expect.poll(() => apart.length, { timeout: 30_000 }).toBeGreaterThan(10);
    await userEvent.keyboard(' ');
    expect(Math.max(...apart)).toBeLessThan(1.05);
    // Paused, the exact frame takes the place of the element's, and the box is that frame's.
    await expect.poll(() => stage().classList.contains('shown')).toBe(true);
    const { told, burntIn } = await shownFrame();
    expect(burntIn).toBe(told);
    expect(boxLeft()).toBeCloseTo(10 + (10 * told * 1001) / 60000, 1);
  });

  test('leaves out categories and low scores as told', async () => {
    traces = [moving, makeTrace({ ...moving, id: 'b', category: 'sudden-blurring', score: 0.3 })];
    await open('stepping/variable.mp4');
    await button('Layers').click();
    const count = (): number => document.querySelectorAll('.overlay rect.stroke').length;
    await expect.poll(count).toBe(2);
    await button('Sudden blurring').click();
    await expect.poll(count).toBe(1);
    await button('Sudden blurring').click();
    const threshold = page.getByRole('slider', { name: 'Boxes from this score on' });
    (threshold.element() as HTMLElement).focus();
    await userEvent.keyboard('{End}');
    await expect.poll(count).toBe(0);
  });

  test('shows the model’s map where and when it suspects something, with its scale', async () => {
    heat = [makeHeat({ times: [0, 1], values: Uint8Array.from([0, 0, 0, 255, 0, 0, 0, 255]) })];
    await open('stepping/variable.mp4');
    await userEvent.keyboard('g');
    await expect.poll(() => document.querySelector('.heat')).not.toBeNull();
    const map = document.querySelector<HTMLCanvasElement>('.heat')!;
    const opacity = (x: number, y: number): number =>
      map.getContext('2d')!.getImageData(x * map.width, y * map.height, 1, 1).data[3]!;
    expect(opacity(0.85, 0.85)).toBeGreaterThan(150);
    expect(opacity(0.1, 0.1)).toBe(0);
    await expect.element(page.getByText(/How much the model suspects each place/)).toBeVisible();
    // No window looked at the end of the clip.
    press('End');
    await waitForFrame(59, 60);
    await expect.poll(() => opacity(0.85, 0.85)).toBe(0);
  });
});

describe('where the browser’s own player fails', () => {
  test('our decoder steps and plays, and the page says so', async () => {
    await open('stepping/stream.m2ts');
    await expect.element(page.getByText(/own player cannot play this file.*without sound/)).toBeVisible();
    press('ArrowRight');
    await waitForFrame(1, 40);
    expect(await shownFrame()).toEqual({ told: 1, burntIn: 1 });
    await userEvent.keyboard(' ');
    await expect.element(button('Pause')).toBeVisible();
    await expect.poll(async () => (await shownFrame()).told, { timeout: 30_000 }).toBe(39);
    await expect.element(button('Play')).toBeVisible();
    expect((await shownFrame()).burntIn).toBe(39);
  });
});

describe('everything by keyboard alone', () => {
  test('steps, edges, traces, marks and repeats', async () => {
    traces = [
      makeTrace({ id: 'a', startSeconds: 0.24, endSeconds: 0.48 }),
      makeTrace({ id: 'b', category: 'sudden-blurring', startSeconds: 0.96, endSeconds: 1.2 }),
    ];
    await open('stepping/variable.mp4');
    await userEvent.keyboard('{Shift>}{ArrowRight}{/Shift}');
    await waitForFrame(25, 60);
    await userEvent.keyboard('{Shift>}{ArrowLeft}{/Shift}');
    await waitForFrame(0, 60);
    for (const frame of [6, 12, 24, 30]) {
      await userEvent.keyboard('n');
      await waitForFrame(frame, 60);
    }
    await userEvent.keyboard('p');
    await waitForFrame(24, 60);
    await userEvent.keyboard('t');
    expect(analyses.selected?.selectedTraceId).toBe('a');
    await userEvent.keyboard('{Shift>}T{/Shift}');
    expect(analyses.selected?.selectedTraceId).toBe('b');
    await waitForFrame(24, 60);
    await userEvent.keyboard('i..o');
    await waitForFrame(26, 60);
    await button('Marks and repeats').click();
    await expect.element(page.getByText('In: 0:00.960')).toBeVisible();
    await expect.element(page.getByText('Out: 0:01.080')).toBeVisible();
    await userEvent.keyboard('l');
    await expect.element(button('Between the marks')).toHaveAttribute('aria-pressed', 'true');
    await expect.element(button('Pause')).toBeVisible();
    await userEvent.keyboard('lkx');
    await expect.element(page.getByText('In: not set')).toBeVisible();
    await userEvent.keyboard('>');
    await expect.element(page.getByRole('combobox', { name: 'Speed' })).toHaveValue('1.5');
    await userEvent.keyboard('<<');
    await expect.element(page.getByRole('combobox', { name: 'Speed' })).toHaveValue('0.75');
    await userEvent.keyboard('m');
    await expect.element(button('Mute')).toHaveAttribute('aria-pressed', 'true');
  });

  test('boxes, the bare picture, magnifier and comparison', async () => {
    traces = [moving];
    await open('stepping/variable.mp4');
    await userEvent.keyboard('b');
    await expect.poll(box).toBeNull();
    await userEvent.keyboard('b');
    await expect.poll(box).not.toBeNull();
    await userEvent.keyboard('{h>}');
    await expect.poll(box).toBeNull();
    await userEvent.keyboard('{/h}');
    await expect.poll(box).not.toBeNull();

    await userEvent.keyboard('z+');
    const lens = page.getByRole('slider', { name: /^Magnifier/ });
    await expect
      .element(lens)
      .toHaveAttribute('aria-valuetext', '4 times, at 50 % from the left, 50 % from the top');
    await userEvent.keyboard('ds');
    (lens.element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowRight}');
    await expect
      .element(lens)
      .toHaveAttribute('aria-valuetext', '4 times, at 55 % from the left, 53 % from the top');
    await userEvent.keyboard('z');
    surface().focus();

    await userEvent.keyboard('c');
    const panel = page.getByRole('region', { name: 'Comparison of two frames' });
    await expect.element(panel.getByText('Kept: frame 1, 0:00.000')).toBeVisible();
    await userEvent.keyboard('.v');
    await expect.element(panel.getByText(/frame 1, 0:00.000 and frame 2, 0:00.020/)).toBeVisible();
    await waitForFrame(1, 60);
    const difference = document.querySelector<HTMLCanvasElement>('section[aria-label^="Comparison"] canvas')!;
    const brightness = (x: number, y: number): number =>
      difference.getContext('2d')!.getImageData(x, y, 1, 1).data[0]!;
    // The block of the lowest bit went from black to white; the next ones stayed.
    await expect.poll(() => brightness(8, 16)).toBe(255);
    expect(brightness(40, 16)).toBeLessThan(40);
  });

  test('single keys can be switched off, and the others stay', async () => {
    traces = [moving];
    await open('stepping/variable.mp4');
    await button('Shortcuts').click();
    await page.getByRole('checkbox', { name: /^Shortcuts of a single character/ }).click();
    await button('Close').click();
    surface().focus();
    await userEvent.keyboard('b.');
    await expect.poll(box).not.toBeNull();
    await userEvent.keyboard('{ArrowRight}');
    await waitForFrame(1, 60);
  });
});

test('a trace has a strip of before, onset and after, and each leads to its frame', async () => {
  traces = [makeTrace({ id: 'a', startSeconds: 0.24, endSeconds: 0.48 })];
  await open('stepping/variable.mp4');
  await userEvent.keyboard('t');
  await waitForFrame(6, 60);
  await page.getByRole('button', { name: 'After 0:00.480' }).click();
  await waitForFrame(12, 60);
  await page.getByRole('button', { name: 'Before 0:00.200' }).click();
  await waitForFrame(5, 60);
});

test.each([1440, 390])('nothing is wider than a window of %i pixels, with everything open', async (width) => {
  await page.viewport(width, 900);
  traces = [moving];
  heat = [makeHeat()];
  await open('stepping/variable.mp4');
  await userEvent.keyboard('gzct');
  for (const name of ['Layers', 'Look closer', 'Marks and repeats']) {
    await button(name).click();
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(document.documentElement.clientWidth);
  }
  for (const control of document.querySelectorAll<HTMLElement>(
    'figure[aria-label="Player"] :is(button, select, input)',
  )) {
    const target = (control.closest('label') ?? control).getBoundingClientRect();
    expect(Math.min(target.width, target.height), control.outerHTML).toBeGreaterThanOrEqual(24);
  }
});
