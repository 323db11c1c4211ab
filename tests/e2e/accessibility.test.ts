import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AppPage } from '../support/app-page';
import {
  expectAccessible,
  expectAccessibleInForcedColours,
  expectFocusOrder,
  expectLargeTargets,
} from '../support/axe';

let app: AppPage;
let page: Page;

beforeAll(async () => {
  app = await AppPage.open();
  ({ page } = app);
  await page.emulateMedia({ reducedMotion: 'reduce' });
});

afterEach(() => {
  app.expectClean();
});

afterAll(async () => {
  await app.close();
});

async function openStoredSample(): Promise<void> {
  await page.reload();
  await page.getByRole('button', { name: /^See the stored result.*Toy ship$/ }).click();
  await page.getByRole('complementary', { name: 'Stored result' }).waitFor();
}

/** What has the focus, in a few words. */
function focused(): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element === document.body || !element
      ? ''
      : `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 60)}`;
  });
}

describe('axe finds nothing', () => {
  test('on the start page', async () => {
    await page.getByRole('heading', { name: 'Toy ship' }).waitFor();
    await expectAccessible(page);
  });

  test('on the help sheet', async () => {
    await page.getByRole('button', { name: 'Shortcuts' }).click();
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
  });

  test('on a stored result, and on a trace that is looked at', async () => {
    await openStoredSample();
    await expectAccessible(page);
    const trace = page.locator('button.trace').first();
    if ((await trace.count()) > 0) {
      await trace.click();
      await expectAccessible(page);
    }
    await page.getByText('Timeline as tables').click();
    await expectAccessible(page);
  });

  test('while a trace is written down, with and without something wrong', async () => {
    await page.getByRole('button', { name: 'Add a trace' }).click();
    const form = page.getByRole('form', { name: 'Add a trace' });
    await form.waitFor();
    await expectAccessible(page);
    await form.getByRole('spinbutton', { name: 'Onset' }).fill('99');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').waitFor();
    await expectAccessible(page);
    await form.getByRole('button', { name: 'Discard' }).click();
  });

  test('on clips that wait, run and are cancelled', async () => {
    await page.reload();
    await app.drop('good/variable-rate.mp4', 'good/hard-cut.mp4');
    await page.getByRole('heading', { name: 'Judging this clip…' }).waitFor();
    await expectAccessible(page);
    await app.select('hard-cut.mp4');
    await page.getByRole('heading', { name: 'Waiting for its turn' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await expectAccessible(page);
  });

  test('on a file that could not be judged', async () => {
    await page.reload();
    await app.drop('bad/text.mp4');
    await page.getByRole('heading', { name: 'This clip could not be judged' }).waitFor();
    await expectAccessible(page);
  });
});

describe('a re-check', () => {
  beforeAll(async () => {
    await openStoredSample();
  });

  test('is started, told of and cancelled from the keyboard, and keeps what was judged', async () => {
    await page.getByRole('button', { name: 'Does it hold? Re-check' }).focus();
    await page.keyboard.press('Enter');
    const section = page.getByRole('region', { name: 'Does it hold?' });
    await section.getByRole('progressbar', { name: 'Re-check' }).waitFor();
    await section
      .getByRole('status')
      .filter({ hasText: /copy: being/ })
      .waitFor();
    await expectAccessible(page);
    await section.getByRole('button', { name: 'Cancel the re-check' }).focus();
    await page.keyboard.press('Enter');
    await section.getByText('Cancelled. What had been judged by then is below.').waitFor();
    expect(await focused(), 'the focus is not lost with the button').not.toBe('');
    await expectAccessible(page);
  });

  test('judges four copies with the real model and shows how far the verdict holds', async () => {
    const section = page.getByRole('region', { name: 'Does it hold?' });
    await section.getByRole('button', { name: 'Re-check again' }).click();
    await section.getByText('The re-check is done.').waitFor({ timeout: 240_000 });
    for (const copy of ['Rescaled', 'Recompressed', 'Cropped', 'Mirrored']) {
      await section.getByRole('columnheader', { name: copy }).waitFor();
    }
    expect(await section.getByRole('alert').count(), 'copies that failed').toBe(0);
    await section.getByText(/^The band stays the same in \d of 4 copies;/).waitFor();
    await expectAccessible(page);
  });
});

describe('what axe cannot see', () => {
  beforeAll(async () => {
    await openStoredSample();
  });

  test('every control is reached with Tab, in the order of the page, and nothing traps the focus', async () => {
    await expectFocusOrder(page);
  });

  test('the help sheet keeps the focus while it is open and gives it back', async () => {
    const button = page.getByRole('button', { name: 'Shortcuts' });
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Shortcuts' });
    await dialog.waitFor();
    expect(await dialog.evaluate((sheet) => sheet.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await focused()).toContain('Shortcuts');
  });

  test('shortcuts of a single character can be turned off, also for the next visit', async () => {
    const dialog = page.getByRole('dialog', { name: 'Shortcuts' });
    await page.keyboard.press('?');
    await dialog.waitFor();
    await dialog.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await dialog.isVisible()).toBe(false);
    await page.reload();
    await page.getByRole('heading', { name: 'Toy ship' }).waitFor();
    await page.keyboard.press('?');
    expect(await dialog.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Shortcuts' }).click();
    await dialog.getByRole('checkbox').check();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
  });

  test('every target is at least 24 by 24 pixels, or a link in a sentence', async () => {
    await openStoredSample();
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(viewport);
      await expectLargeTargets(page);
    }
  });

  test('nothing is cut off or scrolls sideways at 400 % zoom', async () => {
    // 1280 by 1024 pixels at 400 %.
    await page.setViewportSize({ width: 320, height: 256 });
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBe(0);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('in forced colours axe finds nothing either', async () => {
    await expectAccessibleInForcedColours(page);
  });

  test('what happens is said in live regions: stages, the verdict, a stored result', async () => {
    const said = (text: RegExp): Promise<void> =>
      page.getByRole('status').filter({ hasText: text }).first().waitFor({ state: 'attached' });
    await openStoredSample();
    await said(/stored result/i);
    await page.getByRole('button', { name: 'Run it now' }).click();
    await said(/loading the model|analysing/);
    await said(/Probability of generation/);
    expect(await page.getByRole('complementary', { name: 'Stored result' }).count()).toBe(0);
  });
});

describe('by keyboard alone', () => {
  test('a stored result is opened, a trace added and kept over a reload', async () => {
    await page.reload();
    const open = page.getByRole('button', { name: /^See the stored result.*Toy ship$/ });
    await open.waitFor();
    const tabTo = async (label: RegExp): Promise<void> => {
      for (let press = 0; press < 200 && !label.test(await focused()); press++) {
        await page.keyboard.press('Tab');
      }
      expect(await focused()).toMatch(label);
    };
    await tabTo(/See the stored result.*Toy ship/);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Stored result' }).waitFor();
    await tabTo(/Add a trace/);
    await page.keyboard.press('Enter');
    await page.getByRole('form', { name: 'Add a trace' }).waitFor();
    await page.keyboard.type('Sudden');
    await tabTo(/^TEXTAREA/);
    await page.keyboard.type('The deck smears.');
    await tabTo(/^BUTTON Save/);
    await page.keyboard.press('Enter');
    await page.getByText('“The deck smears.”').waitFor();
    const report = page.getByText('1 added');
    await report.waitFor();

    await openStoredSample();
    await page.getByText('“The deck smears.”').waitFor();
  });
});
