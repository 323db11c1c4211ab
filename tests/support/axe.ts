import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 up to AA, and what axe knows beyond it. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds wrong with the page as it stands, one line each; nothing when it is clean.
 *
 * @param without rules that cannot be judged in this state.
 */
export async function axeViolations(page: Page, without: readonly string[] = []): Promise<string[]> {
  // Evaluated, not added as a script: the page's policy forbids inline scripts.
  await page.evaluate(SOURCE);
  const rules = Object.fromEntries([
    ['target-size', { enabled: true }],
    ...without.map((rule) => [rule, { enabled: false }] as const),
  ]);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)}, rules: ${JSON.stringify(rules)} })`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

/** Fails unless axe finds nothing, in the light and in the dark scheme. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // A browser that is busy brings the colours of a new scheme to some elements late: what is wrong must stay wrong.
    await expect
      .poll(() => axeViolations(page), { timeout: 20_000, interval: 500, message: colorScheme })
      .toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Fails unless axe finds nothing in forced colours. */
export async function expectAccessibleInForcedColours(page: Page): Promise<void> {
  await page.emulateMedia({ forcedColors: 'active' });
  // Colours are the system's then, and axe reads one that the browser does not force (`-webkit-text-fill-color`).
  expect(await axeViolations(page, ['color-contrast'])).toEqual([]);
  await page.emulateMedia({ forcedColors: 'none' });
}

/** Fails unless every target is at least 24 by 24 pixels, or a link in a sentence (WCAG 2.5.8). */
export async function expectLargeTargets(page: Page): Promise<void> {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a[href], button, input:not([type=file]), select, summary')]
      .filter((element) => element.checkVisibility() && element.closest('p, dd') === null)
      // A label is part of the target of what it names.
      .map((element) => ({ element, rect: (element.closest('label') ?? element).getBoundingClientRect() }))
      .filter(({ rect }) => rect.width > 0 && (rect.width < 23.9 || rect.height < 23.9))
      .map(({ element, rect }) => `${element.outerHTML.slice(0, 80)} ${rect.width} × ${rect.height}`),
  );
  expect(small).toEqual([]);
}

/**
 * Fails unless Tab goes through every control, in the order of the page and without a trap. Of radio buttons of one group
 * one is a stop.
 */
export async function expectFocusOrder(page: Page): Promise<void> {
  // Tab goes on from where the focus was last: that must be the top of the page.
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  const stops: number[] = [];
  for (let press = 0; press < 300; press++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      return element && element !== document.body
        ? [...document.querySelectorAll('*')].indexOf(element)
        : undefined;
    });
    if (stop === undefined) {
      break;
    }
    stops.push(stop);
  }
  expect(stops.length, 'the focus leaves the page at its end').toBeLessThan(300);
  expect(stops).toEqual([...stops].sort((a, b) => a - b));
  const controls = await page.evaluate(
    () =>
      [
        ...document.querySelectorAll<HTMLElement>(
          'a[href], button, input:not([type=file]), select, textarea, summary, [tabindex="0"]',
        ),
      ].filter(
        (element) =>
          !element.matches(':disabled') &&
          element.tabIndex >= 0 &&
          element.checkVisibility({ visibilityProperty: true }) &&
          !(element instanceof HTMLInputElement && element.type === 'radio' && !element.checked),
      ).length,
  );
  expect(stops.length).toBe(controls);
}
