import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { makeReport, makeTrace } from '../../src/lib/report.fixture';
import { burntInNumber } from '../support/burnt-in';
import { fixture } from '../support/fixture';
import { MountedApp } from '../support/mounted-app';

const FRAMES = 60;
const SIZE = { width: 160, height: 96 };

let app: MountedApp;

/** `variable.mp4`: sixty numbered frames that come unevenly, 2.8 s. */
beforeEach(async () => {
  await page.viewport(1280, 900);
  app = new MountedApp();
  const report = makeReport({
    video: { ...makeReport().video, ...SIZE },
    traces: [
      makeTrace({ id: 'a', startSeconds: 0.24, endSeconds: 0.48, score: 0.8 }),
      makeTrace({ id: 'b', category: 'sudden-blurring', startSeconds: 0.96, endSeconds: 1.2, score: 0.4 }),
    ],
  });
  await app.judge(await fixture('stepping/variable.mp4'), report);
  await expect.poll(() => stage().classList.contains('shown'), { timeout: 20_000 }).toBe(true);
});

afterEach(async () => {
  await app.close();
});

const stage = (): HTMLCanvasElement => document.querySelector('.stage .picture')!;
const readout = (): string => document.querySelector('.time .frame')!.textContent.trim();
const onFrame = (frame: number) => expect.poll(readout).toBe(`Frame ${frame + 1} of ${FRAMES}`);
const playhead = (): HTMLElement => page.getByRole('slider', { name: 'Playhead' }).element() as HTMLElement;

describe('the wheel', () => {
  /** Turns the wheel over an element; tells whether the page would have scrolled. */
  function turn(selector: string, wheel: WheelEventInit): boolean {
    const event = new WheelEvent('wheel', { bubbles: true, cancelable: true, ...wheel });
    return document.querySelector(selector)!.dispatchEvent(event);
  }

  test('goes through the frames over the time, a notch each, and back', async () => {
    for (const frame of [1, 2, 3]) {
      expect(turn('.time', { deltaY: 100 })).toBe(false);
      await onFrame(frame);
    }
    turn('.time', { deltaY: -200 });
    await onFrame(1);
  });

  test('adds up small movements, and begins anew in the other direction', async () => {
    for (let part = 0; part < 5; part++) {
      turn('.time', { deltaY: 30 });
    }
    await onFrame(1);
    turn('.time', { deltaY: -60 });
    turn('.time', { deltaY: -60 });
    await onFrame(0);
  });

  test('counts lines as well as pixels', async () => {
    turn('.time', { deltaY: 6.5, deltaMode: WheelEvent.DOM_DELTA_LINE });
    await onFrame(2);
  });

  test('over the picture steps with Shift or sideways only, and otherwise scrolls the page', async () => {
    expect(turn('.stage', { deltaY: 100 })).toBe(true);
    expect(turn('.stage', { deltaY: 100, ctrlKey: true })).toBe(true);
    expect(turn('.stage', { deltaY: 100, shiftKey: true })).toBe(false);
    await onFrame(1);
    expect(turn('.stage', { deltaX: 200, deltaY: 10 })).toBe(false);
    await onFrame(3);
  });
});

describe('the magnifier', () => {
  const lens = (): HTMLCanvasElement => document.querySelector('.lens canvas')!;
  const pixels = (canvas: HTMLCanvasElement): ImageData =>
    canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);

  test('shows every pixel of the picture as a square of its own, at the place it looks at', async () => {
    (document.querySelector('.surface') as HTMLElement).focus();
    await userEvent.keyboard('.z+');
    await onFrame(1);
    await expect.poll(() => document.querySelector('.lens .factor')?.textContent).toBe('4×');
    // Up and left, where the blocks of the number have their edges.
    await userEvent.keyboard('wwwwwwwwwwaaaaaaaaaaaaaaa');
    const look = { x: 0.5 - 15 / 40, y: 0.5 - 10 / 40 };
    await expect
      .poll(() =>
        page
          .getByRole('slider', { name: /^Magnifier/ })
          .element()
          .getAttribute('aria-valuetext'),
      )
      .toMatch(/^4 times, at 1[23] % from the left, 25 % from the top$/);
    const [seen, picture] = [pixels(lens()), pixels(stage())];
    const shown = document.querySelector('.stage')!.getBoundingClientRect();
    const scale = Math.min(shown.width / SIZE.width, shown.height / SIZE.height);
    const side = lens().width / devicePixelRatio;
    const across = side / 4 / scale;
    const left = look.x * SIZE.width - across / 2;
    const top = look.y * SIZE.height - across / 2;
    const values = new Set<number>();
    for (let py = 1; py < lens().height; py += 7) {
      for (let px = 1; px < lens().width; px += 7) {
        const x = left + ((px + 0.5) / lens().width) * across;
        const y = top + ((py + 0.5) / lens().height) * across;
        const atEdge = [x, y].some((place) => Math.abs(place - Math.round(place)) < 0.05);
        if (atEdge || x < 0 || y < 0) {
          continue;
        }
        const from = (Math.floor(y) * SIZE.width + Math.floor(x)) * 4;
        const to = (py * lens().width + px) * 4;
        expect([...seen.data.subarray(to, to + 3)], `${x}, ${y}`).toEqual([
          ...picture.data.subarray(from, from + 3),
        ]);
        values.add(seen.data[to]!);
      }
    }
    // It was not one even field that was compared.
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(150);
  });

  test('smooth, blends what lies between two pixels', async () => {
    (document.querySelector('.surface') as HTMLElement).focus();
    await userEvent.keyboard('.z');
    await onFrame(1);
    await userEvent.keyboard('wwwwwwwwwwaaaaaaaaaaaaaaa');
    const greys = (): number => {
      const { data } = pixels(lens());
      return new Set(data.filter((_, index) => index % 4 === 0)).size;
    };
    await expect.poll(greys).toBeGreaterThan(1);
    const squares = greys();
    await page.getByRole('button', { name: 'Look closer' }).click();
    await page.getByRole('radio', { name: 'Smooth' }).click();
    await expect.poll(greys).toBeGreaterThan(squares);
  });
});

describe('the timeline', () => {
  const plotWidth = (): number => document.querySelector('.ruler .plot')!.getBoundingClientRect().width;
  const scroller = (): HTMLElement => document.querySelector('.scroller')!;

  test('is zoomed from the keyboard, keeps the playhead in sight and goes back to the whole clip', async () => {
    const whole = plotWidth();
    playhead().focus();
    await userEvent.keyboard('++');
    await expect.poll(plotWidth).toBeCloseTo(whole * 4, 0);
    const inSight = (): boolean => {
      const [head, seen] = [playhead().getBoundingClientRect(), scroller().getBoundingClientRect()];
      const middle = (head.left + head.right) / 2;
      return middle >= seen.left && middle <= seen.right;
    };
    expect(scroller().scrollLeft).toBe(0);
    await userEvent.keyboard('{End}');
    await onFrame(FRAMES - 1);
    await expect.poll(inSight).toBe(true);
    expect(scroller().scrollLeft).toBeGreaterThan(whole);
    await userEvent.keyboard('{PageDown}');
    await expect.poll(inSight).toBe(true);
    await userEvent.keyboard('{Home}');
    await expect.poll(() => scroller().scrollLeft).toBeLessThan(whole / 2);
    await userEvent.keyboard('-');
    await expect.poll(plotWidth).toBeCloseTo(whole * 2, 0);
    await userEvent.keyboard('0');
    await expect.poll(plotWidth).toBeCloseTo(whole, 0);
    await expect.element(page.getByRole('button', { name: 'Zoom out' })).toBeDisabled();
  });

  test('zooms about the pointer with Ctrl and the wheel', async () => {
    const whole = plotWidth();
    const { left, top } = document.querySelector('.ruler .plot')!.getBoundingClientRect();
    const wheel = { bubbles: true, cancelable: true, ctrlKey: true, deltaY: -200 * Math.log(2) };
    const event = new WheelEvent('wheel', { ...wheel, clientX: left + whole / 2, clientY: top + 10 });
    expect(document.querySelector('.timeline')!.dispatchEvent(event)).toBe(false);
    await expect.poll(plotWidth).toBeCloseTo(whole * 2, 0);
    await expect.poll(() => scroller().scrollLeft).toBeCloseTo(whole / 2, -1);
  });

  test('shows the frame under the pointer, with what is there, until Escape', async () => {
    const plot = document.querySelector('.ruler .plot')!.getBoundingClientRect();
    const duration = Number(playhead().getAttribute('aria-valuemax'));
    const over = (seconds: number): void => {
      document.querySelector('.timeline')!.dispatchEvent(
        new PointerEvent('pointermove', {
          bubbles: true,
          pointerType: 'mouse',
          pointerId: 1,
          clientX: plot.left + (seconds / duration) * plot.width,
          clientY: plot.top + 10,
        }),
      );
    };
    // Of each three frames, one begins every 120 ms and stands for 20 ms, the next for 60, the last for 40.
    for (const [seconds, frame] of [
      [0.25, 6],
      [0.3, 7],
      [1.0, 25],
    ] as const) {
      await expect
        .poll(async () => {
          over(seconds);
          await new Promise((resolve) => setTimeout(resolve, 100));
          const canvas = document.querySelector<HTMLCanvasElement>('.hover canvas');
          const picture = canvas && (await createImageBitmap(canvas));
          return picture ? burntInNumber(picture) : undefined;
        })
        .toBe(frame);
    }
    expect(document.querySelector('.hover')!.textContent).toContain('Sudden blurring 0.40');
    expect(readout()).toBe(`Frame 1 of ${FRAMES}`);
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => document.querySelector('.hover')).toBeNull();
  });
});

test('traces are filtered and sorted from the keyboard alone', async () => {
  const names = (): string[] =>
    [...document.querySelectorAll('.trace .name')].map((name) => name.textContent);
  const focus = (role: 'combobox' | 'slider', name: RegExp): void => {
    (page.getByRole(role, { name }).element() as HTMLElement).focus();
  };
  focus('combobox', /^Sort by/);
  await userEvent.keyboard('category');
  await expect.poll(names).toEqual(['Object distortion', 'Sudden blurring']);
  focus('combobox', /^Category/);
  await userEvent.keyboard('sudden');
  await expect.poll(names).toEqual(['Sudden blurring']);
  await userEvent.keyboard('{Home}');
  await expect.poll(names).toHaveLength(2);
  focus('slider', /^Score from/);
  await userEvent.keyboard('{End}');
  await expect.poll(names).toEqual([]);
  (page.getByRole('button', { name: 'Show all' }).element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.poll(names).toHaveLength(2);
});
