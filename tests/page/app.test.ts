import { mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import App from '../../src/App.svelte';
import '../../src/app.css';
import { AnalysisManager } from '../../src/lib/analyses.svelte';
import { makeHeat, makeReport, makeTrace } from '../../src/lib/report.fixture';
import { TellscopeError } from '../../workers/errors';
import type { AnalysisEvent } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import { fixture } from '../support/fixture';

type Job = {
  tell: (event: AnalysisEvent) => void;
  resolve: (report: Report) => void;
  reject: (error: unknown) => void;
};

let jobs: Job[];
let app: Record<string, unknown>;

beforeEach(async () => {
  await page.viewport(1280, 900);
  jobs = [];
  const analyses = new AnalysisManager({
    prepare: () => {},
    analyse: (_file, tell, signal) =>
      new Promise((resolve, reject) => {
        jobs.push({ tell, resolve, reject });
        signal.addEventListener('abort', () => {
          reject(new TellscopeError('cancelled', 'Cancelled.'));
        });
      }),
  });
  app = mount(App, { target: document.body, props: { analyses } });
});

afterEach(async () => {
  await unmount(app);
});

function drop(...files: File[]): void {
  const dataTransfer = new DataTransfer();
  for (const file of files) {
    dataTransfer.items.add(file);
  }
  window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}

/** `plain-h264.mp4` with two traces, one from second 1 and one from second 0.5, in the frame's own pixels. */
async function judged(): Promise<Report> {
  const report = makeReport({
    traces: [
      makeTrace({
        id: 'a',
        startSeconds: 1,
        endSeconds: 2,
        track: [
          { timeSeconds: 1, box: [64, 36, 192, 108] },
          { timeSeconds: 2, box: [128, 36, 256, 108] },
        ],
      }),
      makeTrace({ id: 'b', category: 'sudden-blurring', score: 0.4, startSeconds: 0.5, endSeconds: 0.9 }),
    ],
  });
  drop(await fixture('good/plain-h264.mp4'));
  await expect.poll(() => jobs.length).toBe(1);
  jobs[0]!.resolve(report);
  await expect.element(page.getByRole('heading', { name: 'Details for the record' })).toBeVisible();
  return report;
}

describe('a verdict', () => {
  test('stands in words and as a number, with what it does not cover', async () => {
    await judged();
    const verdict = page.getByRole('region', { name: 'Substantial evidence of generation' });
    await expect.element(verdict.getByText('93%', { exact: true })).toBeVisible();
    await expect.element(verdict.getByText(/^2 traces; the strongest is object distortion/)).toBeVisible();
    const trust = page.getByRole('region', { name: 'How far to trust this' });
    await expect.element(trust.getByText('Metadata and provenance')).toBeVisible();
    const told = page.getByRole('status').filter({ hasText: 'Probability of generation 93%' });
    await expect.element(told).toBeInTheDocument();
  });

  test('without traces says that this proves nothing', async () => {
    drop(await fixture('good/plain-h264.mp4'));
    await expect.poll(() => jobs.length).toBe(1);
    jobs[0]!.resolve(
      makeReport({
        traces: [],
        verdict: { band: 'no-strong-signs', fakeProbability: 0.001, reasons: [] },
      }),
    );
    await expect.element(page.getByRole('heading', { name: 'No strong signs found' })).toBeVisible();
    await expect.element(page.getByText('under 1%', { exact: true })).toBeVisible();
    await expect.element(page.getByText(/This proves nothing/)).toBeVisible();
  });
});

describe('a trace', () => {
  test('chosen in the list, seeks to its onset and is marked in picture, timeline and list', async () => {
    await judged();
    await page
      .getByRole('region', { name: /^Traces/ })
      .getByRole('button', { name: /Object distortion/ })
      .click();
    await expect.element(page.getByText('Frame 25 of 72')).toBeVisible();
    const pressed = page.getByRole('button', { pressed: true });
    await expect.element(pressed.filter({ hasText: 'The hand bends' })).toBeVisible();
    await expect
      .element(page.getByRole('region', { name: 'Timeline' }).getByRole('button', { pressed: true }))
      .toHaveAccessibleName('Object distortion, score 0.80, 0:01.0 – 0:02.0');
    await expect.poll(() => document.querySelectorAll('.overlay rect.stroke').length).toBe(1);
  });

  test('has its box where the frame has it, also in a stage of another shape', async () => {
    const { video: frame } = await judged();
    await page
      .getByRole('region', { name: /^Traces/ })
      .getByRole('button', { name: /Object distortion/ })
      .click();
    await expect.poll(() => document.querySelectorAll('.overlay rect.stroke').length).toBe(1);
    const stage = document.querySelector('.stage')!.getBoundingClientRect();
    const scale = Math.min(stage.width / frame.width, stage.height / frame.height);
    const left = stage.left + (stage.width - frame.width * scale) / 2;
    const top = stage.top + (stage.height - frame.height * scale) / 2;
    const box = document.querySelector<SVGRectElement>('.overlay rect.stroke')!;
    const origin = document.querySelector('.overlay')!.getBoundingClientRect();
    expect(origin.left + box.x.baseVal.value).toBeCloseTo(left + 64 * scale, 0);
    expect(origin.top + box.y.baseVal.value).toBeCloseTo(top + 36 * scale, 0);
    expect(box.width.baseVal.value).toBeCloseTo(128 * scale, 0);
  });

  test('is gone from the picture after its offset', async () => {
    await judged();
    (page.getByRole('slider', { name: 'Playhead' }).element() as HTMLElement).focus();
    await userEvent.keyboard('{End}');
    await expect.element(page.getByText('Frame 72 of 72')).toBeVisible();
    expect(document.querySelectorAll('.overlay rect')).toHaveLength(0);
  });
});

describe('the player', () => {
  test('steps by frames and plays from the keyboard', async () => {
    await judged();
    (page.getByRole('button', { name: 'Picture: play' }).element() as HTMLElement).focus();
    for (const [key, frame] of [
      ['{ArrowRight}', 2],
      ['{ArrowRight}', 3],
      ['{ArrowLeft}', 2],
    ] as const) {
      await userEvent.keyboard(key);
      await expect.element(page.getByText(`Frame ${frame} of 72`)).toBeVisible();
    }
    await userEvent.keyboard(' ');
    await expect.element(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible();
    await userEvent.keyboard(' ');
    await expect.element(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  });

  test('says so when the browser cannot play what was judged, and still shows where the trace is', async () => {
    drop(new File(['no video at all'], 'strange.mov'));
    await expect.poll(() => jobs.length).toBe(1);
    jobs[0]!.resolve(makeReport());
    await expect.element(page.getByText(/This browser cannot play the file/)).toBeVisible();
    await page
      .getByRole('region', { name: /^Traces/ })
      .getByRole('button', { name: /Object distortion/ })
      .click();
    await expect.poll(() => document.querySelectorAll('.overlay rect.stroke').length).toBe(1);
  });
});

describe('an analysis under way', () => {
  test('shows stages, windows and partial traces, and ends at once when cancelled', async () => {
    drop(await fixture('good/plain-h264.mp4'));
    await expect.poll(() => jobs.length).toBe(1);
    const { tell } = jobs[0]!;
    tell({ type: 'video', video: makeReport().video });
    tell({ type: 'stage', stage: 'analysing' });
    tell({ type: 'progress', windowsDone: 1, windowsExpected: 4, judgedSeconds: 2 });
    tell({
      type: 'window',
      startSeconds: 0,
      endSeconds: 2,
      fakeProbability: 0.7,
      traces: [makeTrace()],
      heat: makeHeat(),
    });
    await expect.element(page.getByText('Window 1 of 4, up to 0:02.0')).toBeVisible();
    await expect.element(page.getByText('estimating the time left')).toBeVisible();
    await expect.element(page.getByText('1 so far')).toBeVisible();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.element(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();
    // The button that had the focus is gone; the focus must not be lost with it.
    await expect.poll(() => document.activeElement?.tagName).toBe('H1');
  });

  test('that fails says why and leaves earlier results standing', async () => {
    await judged();
    drop(new File(['x'], 'cut-off.mp4'));
    await expect.poll(() => jobs.length).toBe(2);
    jobs[1]!.reject(new TellscopeError('truncated-file', 'The file is cut off.'));
    const panel = page.getByRole('region', { name: 'This clip could not be judged' });
    await expect.element(panel.getByText('The file is cut off.')).toBeVisible();
    await panel.getByRole('button', { name: 'Remove this clip' }).click();
    await expect
      .element(page.getByRole('heading', { name: 'Substantial evidence of generation' }))
      .toBeVisible();
  });
});

test.each([1440, 820, 360])('nothing is wider than a window of %i pixels', async (width) => {
  await page.viewport(width, 900);
  const overflow = (): number => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  expect(overflow()).toBe(0);
  await judged();
  expect(overflow()).toBe(0);
});

test('an opened report without its video says so on the stage, shows its boxes, and takes the video there', async () => {
  const file = await fixture('good/plain-h264.mp4');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const report = makeReport({ file: { name: file.name, bytes: file.size, sha256 } });
  drop(new File([JSON.stringify(report)], 'report.json'));
  const stage = page.getByRole('figure', { name: 'Player' });
  await expect.element(stage.getByText(/^The video is not at hand/)).toBeVisible();
  await page
    .getByRole('region', { name: /^Traces/ })
    .getByRole('button', { name: /Object distortion/ })
    .click();
  await expect.poll(() => document.querySelectorAll('.overlay rect.stroke').length).toBe(1);
  const choose = async (chosen: File): Promise<void> => {
    const input = document.querySelector<HTMLInputElement>('.missing input[type=file]')!;
    const transfer = new DataTransfer();
    transfer.items.add(chosen);
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await Promise.resolve();
  };
  await choose(await fixture('good/vp9.webm'));
  await expect.element(page.getByRole('alert').getByText(/This is another file/)).toBeVisible();
  await choose(file);
  await expect.element(page.getByText('Frame 25 of 72')).toBeVisible();
  await expect.element(stage.getByText(/^The video is not at hand/)).not.toBeInTheDocument();
});
