import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeReport, makeTrace } from '../../src/lib/report.fixture';
import { AppPage } from '../support/app-page';
import {
  axeViolations,
  expectAccessible,
  expectAccessibleInForcedColours,
  expectFocusOrder,
  expectLargeTargets,
} from '../support/axe';
import { fixture } from '../support/detect';

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

let app: AppPage;
let page: Page;

beforeAll(async () => {
  app = await AppPage.open();
  ({ page } = app);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize(DESKTOP);
});

afterEach(() => {
  app.expectClean();
});

afterAll(async () => {
  await app.close();
});

const choose = (name: string, text: string): Promise<void> =>
  page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

/** Everything that is asked of a state that is looked at closely: axe on a phone and in forced colours, and targets. */
async function expectAccessibleOnPhone(): Promise<void> {
  await page.setViewportSize(PHONE);
  await expectAccessible(page);
  await expectLargeTargets(page);
  await expectAccessibleInForcedColours(page);
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const beyond = [...document.querySelectorAll('body *')].filter(
      (element) =>
        element.getBoundingClientRect().right > clientWidth + 0.5 &&
        element.closest('[role=region]') === null,
    );
    return scrollWidth > clientWidth ? beyond.map((element) => element.outerHTML.slice(0, 120)) : [];
  });
  expect(wide, 'nothing scrolls sideways').toEqual([]);
  await page.setViewportSize(DESKTOP);
}

describe('what comes from files', () => {
  const report = makeReport({
    traces: [makeTrace(), makeTrace({ id: 'trace-2', category: 'sudden-blurring', score: 0.4 })],
  });

  test('files that cannot be opened, with what is wrong in them', async () => {
    await choose('bad.json', JSON.stringify({ ...report, cuts: ['early'], warnings: 3 }, null, 2));
    await page.getByRole('region', { name: 'About bad.json' }).waitFor();
    await choose('strange.json', '{"what": "is this"}');
    await page.getByRole('region', { name: 'About strange.json' }).waitFor();
    await expectAccessible(page);
    await expectAccessibleOnPhone();
    for (const close of await page.getByRole('button', { name: 'Close', exact: true }).all()) {
      if (await close.isVisible()) {
        await close.click();
      }
    }
  });

  test('an opened report without its video, and another video for it', async () => {
    await choose('good.json', JSON.stringify(report));
    await page.getByText(/^The video is not at hand\. The boxes/).waitFor();
    await page.getByRole('heading', { name: 'Details for the record' }).waitFor();
    await expectAccessible(page);
    await page.locator('.missing input[type=file]').setInputFiles(fixture('good/plain-h264.mp4'));
    await page.getByText(/This is another file/).waitFor();
    await expectAccessible(page);
    await expectAccessibleOnPhone();
    await expectFocusOrder(page);
  });

  test('a trace that is corrected', async () => {
    await page.locator('button.trace').first().click();
    await page.getByRole('button', { name: 'Correct…' }).click();
    await page.getByRole('form', { name: 'Correct this trace' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Set the box yourself' }).click();
    await expectAccessibleOnPhone();
    await page.keyboard.press('Escape');
  });
});

describe('scoring a detector', () => {
  test('before anything is chosen, and with scores', async () => {
    await page.getByRole('link', { name: 'Score a detector' }).click();
    await page.getByRole('heading', { level: 1, name: 'Score a detector' }).waitFor();
    await expectAccessible(page);
    const data = fixture('reward-data');
    await page
      .getByTestId('files')
      .setInputFiles(['all_data.json', 'predictions.jsonl'].map((name) => path.join(data, name)));
    await page
      .getByRole('region', { name: 'About predictions.jsonl' })
      .getByRole('button', { name: /^Open the/ })
      .click();
    await page.getByRole('heading', { name: 'Scores of example on “test”' }).waitFor();
    await expectAccessible(page);
    await expectAccessibleOnPhone();
    await expectFocusOrder(page);
    await page.getByRole('link', { name: 'Judge clips' }).click();
  });
});

describe('what is stored and sent', () => {
  test('the list of requests', async () => {
    await page.getByRole('button', { name: /Nothing is uploaded|since you dropped/ }).click();
    await page.getByRole('dialog', { name: 'What leaves this machine' }).waitFor();
    await expectAccessible(page);
    await expectAccessibleOnPhone();
    await page.keyboard.press('Escape');
  });

  test('the list of what is stored', async () => {
    await page.goto(new URL('storage.html', page.url()).href);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expectAccessible(page);
    await expectAccessibleOnPhone();
  });

  test('the licences', async () => {
    await page.goto(new URL('licences.html', page.url()).href);
    await page.getByRole('heading', { level: 1 }).waitFor();
    // In the browser's own colours, of which axe knows the light ones only.
    expect(await axeViolations(page)).toEqual([]);
    await expectLargeTargets(page);
  });
});

describe('the model card', () => {
  test('with its pictures', async () => {
    await page.goto(new URL('models/tracenet/model-card.html', page.url()).href);
    await page.getByRole('heading', { level: 1, name: /^TraceNet/ }).waitFor();
    const pictures = page.getByRole('img');
    expect(await pictures.count()).toBeGreaterThan(0);
    for (const picture of await pictures.all()) {
      await picture.scrollIntoViewIfNeeded();
      await expect
        .poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth))
        .toBeGreaterThan(0);
    }
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Back to Tellscope' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
  });
});

describe('a lesson', () => {
  test('while the class looks, marks, is told and sees the verdict', async () => {
    await page.goto(new URL('./?backend=wasm', page.url()).href);
    await page.getByRole('button', { name: /^Teach with it.*Toy ship$/ }).click();
    await page.getByRole('heading', { level: 1, name: /^What could no/ }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('m');
    await page.getByRole('button', { name: /^Mark at/ }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await expectAccessibleOnPhone();
    await expectFocusOrder(page);
    const { traces } = JSON.parse(
      readFileSync(path.join(fixture('.'), '../../public/samples/generated-ship.mp4.report.json'), 'utf8'),
    ) as { traces: unknown[] };
    await page.getByRole('heading', { level: 1 }).focus();
    for (let told = 0; told <= traces.length; told++) {
      await page.keyboard.press('ArrowRight');
    }
    await page.getByText(/^Known to be generated/).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('ArrowLeft');
    await page.getByText(`Trace ${traces.length} of ${traces.length}`).waitFor();
    await expectAccessible(page);
    await expectAccessibleOnPhone();
  });

  test('fills the screen and gives it back, from the keyboard', async () => {
    const inFullScreen = (): Promise<string | undefined> =>
      page.evaluate(() => document.fullscreenElement?.getAttribute('aria-label') ?? undefined);
    await page.keyboard.press('f');
    await expect.poll(inFullScreen).toBe('Lesson');
    await expectAccessible(page);
    await page.keyboard.press('f');
    await expect.poll(inFullScreen).toBeUndefined();
    await page.getByRole('button', { name: 'End the lesson' }).click();
    await page.getByRole('complementary', { name: 'Stored result' }).waitFor();
  });
});

test('the player fills the screen and gives it back, with its controls in reach', async () => {
  const player = page.getByRole('figure', { name: 'Player' });
  const fills = (): Promise<boolean> =>
    player.evaluate((figure) => {
      const { width, height } = figure.getBoundingClientRect();
      return document.fullscreenElement === figure && width === innerWidth && height === innerHeight;
    });
  await page.getByRole('button', { name: /^Picture/ }).focus();
  await page.keyboard.press('f');
  await expect.poll(fills).toBe(true);
  await player.getByText('Frame 1 of 31').waitFor();
  await page.keyboard.press('ArrowRight');
  await player.getByText('Frame 2 of 31').waitFor();
  // There is no page to scroll: a plain wheel goes through the frames.
  await page.getByRole('button', { name: /^Picture/ }).hover();
  await page.mouse.wheel(0, 100);
  await player.getByText('Frame 3 of 31').waitFor();
  await expectAccessible(page);
  await player.getByRole('button', { name: 'Full screen' }).click();
  await expect.poll(fills).toBe(false);
});
