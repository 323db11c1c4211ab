import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent, type Locator } from 'vitest/browser';
import { makeReport, makeTrace } from '../../src/lib/report.fixture';
import type { Report } from '../../workers/report';
import { fixture } from '../support/fixture';
import { MountedApp } from '../support/mounted-app';

let app: MountedApp;
let report: Report;

/** Two traces of `plain-h264.mp4`, a clip of 72 frames in three seconds. */
beforeEach(async () => {
  await page.viewport(1440, 900);
  app = new MountedApp();
  report = makeReport({
    traces: [
      makeTrace({ id: 'a', startSeconds: 1, endSeconds: 2, explanation: 'The hand bends.' }),
      makeTrace({ id: 'b', category: 'sudden-blurring', score: 0.4, startSeconds: 0.5, endSeconds: 0.9 }),
    ],
  });
  await app.judge(await fixture('good/plain-h264.mp4'), report);
  await page.getByRole('button', { name: 'Teach with this clip' }).click();
  await expect.element(page.getByRole('heading', { level: 1, name: /^What could no/ })).toHaveFocus();
  await expect.poll(() => document.querySelector('.stage .picture.shown')).not.toBeNull();
});

afterEach(async () => {
  await app.close();
});

const boxes = (): number => document.querySelectorAll('.overlay rect.stroke').length;
const heading = (name: RegExp): Locator => page.getByRole('heading', { level: 1, name });
const time = (): string => document.querySelector('article .time')!.textContent;

describe('a lesson', () => {
  test('tells nothing of verdict, traces or file name before it is asked to', async () => {
    await userEvent.keyboard('....');
    expect(boxes()).toBe(0);
    const words = document.querySelector('main')!.textContent;
    for (const secret of [/evidence/, /93%/, /The hand bends/, /0\.80/, /plain-h264/]) {
      expect(words).not.toMatch(secret);
    }
    expect(document.title).toBe('Lesson – Tellscope');
  });

  test('reveals trace by trace with the arrow keys or a presenter, each from its onset, and goes back', async () => {
    const before = structuredClone(report);
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(heading(/^Object distortion$/)).toHaveFocus();
    await expect.element(page.getByText('The hand bends.')).toBeVisible();
    await expect.poll(time).toBe('0:01.00');
    await expect.poll(boxes).toBe(1);
    // The strip of before, onset and after has its frames.
    await expect.element(page.getByRole('button', { name: 'Before 0:00.958' })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'After 0:02.000' })).toBeVisible();
    await userEvent.keyboard('{PageDown}');
    await expect.element(heading(/^Sudden blurring$/)).toHaveFocus();
    await expect.poll(time).toBe('0:00.50');
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(heading(/^Substantial evidence of generation$/)).toHaveFocus();
    await userEvent.keyboard('{ArrowRight}{PageUp}{ArrowLeft}');
    await expect.element(heading(/^Object distortion$/)).toHaveFocus();
    await userEvent.keyboard('{ArrowLeft}');
    await expect.element(heading(/^What could no/)).toHaveFocus();
    await expect.poll(boxes).toBe(0);
    expect(report).toEqual(before);
  });

  test('plays the stretch of a trace again and again with the space bar', async () => {
    await userEvent.keyboard('{ArrowRight}');
    await expect.poll(time).toBe('0:01.00');
    document.querySelector<HTMLVideoElement>('.stage video')!.muted = true;
    await userEvent.keyboard(' ');
    await expect.element(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible();
    await userEvent.keyboard(' ');
    await expect.element(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
    const at = Number(time().split(':')[1]);
    expect(at).toBeGreaterThanOrEqual(1);
    expect(at).toBeLessThan(2);
  });

  test('a place is marked from the keyboard, and told of where the model found the same', async () => {
    const seek = document.querySelector<HTMLInputElement>('.seek')!;
    seek.value = '1.5';
    seek.dispatchEvent(new Event('input', { bubbles: true }));
    await expect.poll(time).toBe('0:01.50');
    await userEvent.keyboard('m');
    const draft = page.getByRole('button', { name: /^Mark at 0:01.5, 50 % from the left/ });
    await expect.element(draft).toHaveFocus();
    // The trace is at 130 to 230 of 640 pixels then; the mark begins at 266.
    await userEvent.keyboard(`${'{ArrowLeft}'.repeat(15)}{ArrowUp}-{Enter}`);
    await expect.element(page.getByRole('button', { name: 'Mark a place' })).toHaveFocus();
    await expect.element(page.getByRole('button', { name: 'Your mark at 0:01.5' })).toBeVisible();
    await userEvent.keyboard('m{Escape}');
    expect(document.querySelectorAll('.layer .mark')).toHaveLength(1);
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(page.getByText('You marked this too.')).toBeVisible();
    await userEvent.keyboard('{ArrowRight}');
    await expect.element(heading(/^Sudden blurring$/)).toHaveFocus();
    expect(document.querySelector('main')!.textContent).not.toMatch(/You marked this too/);
  });

  test('a place is marked by drawing; a click plays', async () => {
    const surface = document.querySelector<HTMLElement>('.draw-surface')!;
    const { left, top } = surface.getBoundingClientRect();
    surface.setPointerCapture = () => {};
    const point = (type: string, x: number, y: number): boolean =>
      surface.dispatchEvent(
        new PointerEvent(type, { pointerId: 1, button: 0, clientX: left + x, clientY: top + y }),
      );
    point('pointerdown', 100, 80);
    point('pointermove', 220, 200);
    point('pointerup', 220, 200);
    await expect.element(page.getByRole('button', { name: 'Your mark at 0:00.0' })).toBeVisible();
    await page.getByRole('button', { name: 'Remove mark 1' }).click();
    await expect.poll(() => document.querySelectorAll('.layer .mark').length).toBe(0);
    document.querySelector<HTMLVideoElement>('.stage video')!.muted = true;
    point('pointerdown', 100, 80);
    point('pointerup', 100, 80);
    await expect.element(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible();
  });

  test('ends with the result as it was', async () => {
    await userEvent.keyboard('{ArrowRight}');
    await page.getByRole('button', { name: 'End the lesson' }).click();
    await expect.element(heading(/^plain-h264.mp4$/)).toHaveFocus();
    await expect
      .element(page.getByRole('heading', { name: 'Substantial evidence of generation' }))
      .toBeVisible();
  });
});

test.each([1440, 820, 390])('a lesson is no wider than a window of %i pixels', async (width) => {
  await page.viewport(width, 900);
  for (let step = 0; step < 4; step++) {
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(document.documentElement.clientWidth);
    await userEvent.keyboard('{ArrowRight}');
  }
});
