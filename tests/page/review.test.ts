import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent, type Locator } from 'vitest/browser';
import { makeReport, makeTrace } from '../../src/lib/report.fixture';
import { deleteAllReviews, loadReview } from '../../src/lib/review/store';
import type { Review } from '../../src/lib/review/review';
import type { Report } from '../../workers/report';
import { fixture } from '../support/fixture';
import { MountedApp } from '../support/mounted-app';

const KEY = { fileSha256: 'a'.repeat(64), modelSha256: 'b'.repeat(64) };

let app: MountedApp;
let report: Report;

beforeEach(async () => {
  await page.viewport(1440, 900);
  await deleteAllReviews();
  await visit();
});

afterEach(async () => {
  await app.close();
});

/** Opens the page and the clip anew, as after a reload: all that is left of the visit before is what was stored. */
async function visit(): Promise<void> {
  app = new MountedApp();
  report = makeReport({
    traces: [
      makeTrace({ id: 'a', startSeconds: 1, endSeconds: 2 }),
      makeTrace({ id: 'b', category: 'sudden-blurring', score: 0.4, startSeconds: 0.5, endSeconds: 0.9 }),
    ],
  });
  await app.judge(await fixture('good/plain-h264.mp4'), report);
}

async function revisit(): Promise<void> {
  await app.close();
  await visit();
}

const list = (): Locator => page.getByRole('region', { name: /^Traces/ });
const trace = (name: RegExp): Locator => list().getByRole('button', { name });
const said = (text: string): Locator => list().getByText(text, { exact: true });

async function stored(): Promise<Review> {
  const review = await loadReview(KEY);
  expect(review).toBeDefined();
  return review!;
}

describe('a trace of the model', () => {
  test('is confirmed and rejected, which outlives a reload and leaves the report as it is', async () => {
    const before = structuredClone(report);
    await trace(/Object distortion/).click();
    await list().getByRole('button', { name: 'Confirm' }).click();
    await trace(/Sudden blurring/).click();
    await list().getByRole('button', { name: 'Reject' }).click();
    await expect.element(said('1 confirmed, 1 rejected')).toBeVisible();
    expect(report).toEqual(before);
    await expect.poll(async () => (await stored()).marks.length).toBe(2);

    await revisit();
    await expect.element(said('1 confirmed, 1 rejected')).toBeVisible();
    await expect.element(trace(/Object distortion.*Human confirmed/)).toBeVisible();
    await expect.element(trace(/Sudden blurring.*Human rejected/)).toBeVisible();
    expect(report).toEqual(before);
  });

  test('is corrected from the keyboard alone, with what is wrong said in words', async () => {
    trace(/Object distortion/)
      .element()
      .focus();
    await userEvent.keyboard('{Enter}');
    list().getByRole('button', { name: 'Correct…' }).element().focus();
    await userEvent.keyboard('{Enter}');
    const form = page.getByRole('form', { name: 'Correct this trace' });
    // The focus is in the form, on the category.
    await expect.element(form.getByRole('combobox', { name: 'Category' })).toHaveFocus();
    await userEvent.keyboard('object m');
    await userEvent.keyboard('{Tab}');
    await expect.element(form.getByRole('spinbutton', { name: 'Onset' })).toHaveFocus();
    await userEvent.keyboard('{Control>}a{/Control}9{Tab}{Tab}{Control>}a{/Control}1.5');
    form.getByRole('button', { name: 'Set the box yourself' }).element().focus();
    await userEvent.keyboard('{Enter}');
    form.getByRole('spinbutton', { name: 'Left' }).element().focus();
    await userEvent.keyboard('{Control>}a{/Control}12');
    form.getByRole('textbox').element().focus();
    await userEvent.keyboard('Two hands become one.{Tab}{Enter}');
    await expect.element(form.getByRole('alert')).toHaveTextContent('The offset lies before the onset.');
    await expect.element(form.getByRole('alert')).toHaveFocus();
    form.getByRole('spinbutton', { name: 'Onset' }).element().focus();
    await userEvent.keyboard('{Control>}a{/Control}0.25{Enter}');
    await expect.element(trace(/Object distortion.*Human corrected/)).toHaveFocus();
    await expect.element(said('1 corrected')).toBeVisible();

    await revisit();
    await expect.element(said('1 corrected')).toBeVisible();
    const [mark] = (await stored()).marks;
    expect(mark).toMatchObject({
      decision: 'corrected',
      trace: { id: 'a', category: 'object-distortion' },
      correction: {
        category: 'object-merging',
        startSeconds: 0.25,
        endSeconds: 1.5,
        words: 'Two hands become one.',
      },
    });
    expect(mark!.correction!.track).toHaveLength(1);
    expect(mark!.correction!.track[0]!.box[0]).toBe(12);
    expect(report.traces[0]!.category).toBe('object-distortion');
  });

  test('a decision is taken back and made again', async () => {
    await trace(/Object distortion/).click();
    await list().getByRole('button', { name: 'Confirm' }).click();
    await list().getByRole('button', { name: 'Undo' }).click();
    await expect.element(said('nothing said yet')).toBeVisible();
    await list().getByRole('button', { name: 'Redo' }).click();
    await expect.element(said('1 confirmed')).toBeVisible();
  });
});

describe('a trace of a person', () => {
  test('is drawn on the picture, stands out from the model’s, and is there after a reload', async () => {
    await list().getByRole('button', { name: 'Add a trace' }).click();
    const form = page.getByRole('form', { name: 'Add a trace' });
    await form.getByRole('combobox', { name: 'Category' }).selectOptions('redundant-object');
    const stage = document.querySelector('.stage')!.getBoundingClientRect();
    const surface = document.querySelector('.draw-surface')!;
    const scale = Math.min(stage.width / 640, stage.height / 360);
    const left = (stage.width - 640 * scale) / 2;
    const top = (stage.height - 360 * scale) / 2;
    const at = (x: number, y: number): PointerEventInit => ({
      pointerId: 1,
      button: 0,
      bubbles: true,
      clientX: stage.left + left + x * scale,
      clientY: stage.top + top + y * scale,
    });
    surface.setPointerCapture = () => {};
    surface.dispatchEvent(new PointerEvent('pointerdown', at(300, 240)));
    surface.dispatchEvent(new PointerEvent('pointermove', at(200, 100)));
    surface.dispatchEvent(new PointerEvent('pointerup', at(200, 100)));
    await expect.element(form.getByRole('spinbutton', { name: 'Left' })).toHaveValue(200);
    await expect.element(form.getByRole('spinbutton', { name: 'Height' })).toHaveValue(140);
    await form.getByRole('textbox').fill('A third arm.');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect.element(list().getByText('added by you')).toBeVisible();
    await expect.element(list().getByText('“A third arm.”')).toBeVisible();
    await expect
      .poll(() => document.querySelector('.layer .label')?.textContent.trim())
      .toBe('Human: Redundant object');
    await expect.poll(async () => (await stored()).added.length).toBe(1);

    await revisit();
    await expect.element(list().getByText('“A third arm.”')).toBeVisible();
    const [added] = (await stored()).added;
    expect(added!.trace.category).toBe('redundant-object');
    for (const [index, side] of [200, 100, 300, 240].entries()) {
      expect(added!.trace.track[0]!.box[index]).toBeCloseTo(side, -0.5);
    }
    await list()
      .getByRole('button', { name: /^Remove/ })
      .click();
    await expect.element(said('nothing said yet')).toBeVisible();
  });

  test('a draft is dropped with Escape, and the focus is not lost', async () => {
    await list().getByRole('button', { name: 'Add a trace' }).click();
    await expect.element(page.getByRole('form', { name: 'Add a trace' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    expect(document.querySelector('.draw-surface'), 'the first Escape ends drawing').toBeNull();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('form', { name: 'Add a trace' })).not.toBeInTheDocument();
    expect(document.activeElement?.tagName).toBe('H2');
  });
});

test('the list is filtered by category, score and judgement, and sorted', async () => {
  const names = (): string[] =>
    [...document.querySelectorAll('.trace .name')].map((name) => name.textContent);
  expect(names()).toEqual(['Object distortion', 'Sudden blurring']);
  await list().getByRole('combobox', { name: 'Sort by' }).selectOptions('onset');
  await expect.poll(names).toEqual(['Sudden blurring', 'Object distortion']);
  await list().getByRole('combobox', { name: 'Category' }).selectOptions('sudden-blurring');
  await expect.poll(names).toEqual(['Sudden blurring']);
  await list().getByRole('button', { name: 'Show all' }).click();
  await list().getByRole('combobox', { name: 'Judged by you' }).selectOptions('confirmed');
  await expect.poll(names).toEqual([]);
  await expect.element(list().getByText('0 of 2 shown.')).toBeVisible();
});
