import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { buildIfStale } from './build';
import { launchBrowser } from './detector-browser';
import { BROWSER_HINT, findBrowser } from './find-browser.mjs';
import { ROOT } from './install.mjs';
import { serveApp } from './server';

const FOLDER = path.join(ROOT, 'docs', 'screens');
const SIZES = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 820, height: 1180 },
  phone: { width: 390, height: 844 },
};
/** Of the many pictures, those that are kept for the documentation; the others go to the folder named on the call. */
const KEPT = new Set([
  'start-desktop',
  'start-phone',
  'result-desktop',
  'result-tablet',
  'result-phone',
  'result-dark-desktop',
  'trace-desktop',
  'review-desktop',
  'review-phone',
  'running-desktop',
  'failure-desktop',
  'recheck-desktop',
  'recheck-phone',
  'help-desktop',
  'lesson-look-desktop',
  'lesson-trace-desktop',
  'lesson-trace-phone',
]);

/** One state of the page; leaves it on the page, which starts fresh. */
type State = { name: string; show: (page: Page) => Promise<void>; dark?: true };

const fixture = (name: string): string => path.join(ROOT, 'tests', 'fixtures', name);

async function openStored(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^See the stored result.*Toy ship$/ }).click();
  await page.getByRole('complementary', { name: 'Stored result' }).waitFor();
  await settle(page);
}

/** Lets decoded frames arrive: nothing on the page tells when the last thumbnail is there. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(2500);
}

async function choose(page: Page, ...names: string[]): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles(names.map(fixture));
}

async function teach(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Teach with it.*Toy ship$/ }).click();
  await page.getByRole('heading', { level: 1, name: /^What could no/ }).waitFor();
  await settle(page);
}

const STATES: State[] = [
  { name: 'start', show: settle },
  { name: 'result', show: openStored },
  { name: 'result-dark', show: openStored, dark: true },
  {
    name: 'trace',
    show: async (page) => {
      await openStored(page);
      await page.locator('button.trace').first().click();
      await settle(page);
    },
  },
  {
    name: 'review',
    show: async (page) => {
      await openStored(page);
      await page.getByRole('button', { name: 'Add a trace' }).click();
      await page.getByRole('form', { name: 'Add a trace' }).waitFor();
      await settle(page);
    },
  },
  {
    name: 'running',
    show: async (page) => {
      await choose(page, 'good/hard-cut.mp4', 'good/plain-h264.mp4');
      await page.getByText(/^Window [1-9]/).waitFor();
    },
  },
  {
    name: 'failure',
    show: async (page) => {
      await choose(page, 'bad/text.mp4');
      await page.getByRole('heading', { name: 'This clip could not be judged' }).waitFor();
    },
  },
  {
    name: 'cancelled',
    show: async (page) => {
      await choose(page, 'good/hard-cut.mp4');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    },
  },
  {
    name: 'help',
    show: async (page) => {
      await page.getByRole('button', { name: 'Shortcuts' }).click();
    },
  },
  { name: 'lesson-look', show: teach },
  {
    name: 'lesson-trace',
    show: async (page) => {
      await teach(page);
      await page.keyboard.press('ArrowRight');
      await settle(page);
    },
  },
  {
    name: 'recheck',
    show: async (page) => {
      await openStored(page);
      await page.getByRole('button', { name: 'Does it hold? Re-check' }).click();
      await page.getByText('The re-check is done.').waitFor();
    },
  },
];

/**
 * Pictures every state of the page at three sizes. The pictures for the documentation go to `docs/screens`, all others
 * to the folder named on the call, if any.
 */
async function main(others: string | undefined): Promise<void> {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  await buildIfStale();
  const server = await serveApp();
  const browser = await launchBrowser({ executablePath, args: [] });
  mkdirSync(FOLDER, { recursive: true });
  try {
    for (const { name, show, dark } of STATES) {
      const page = await browser.newPage({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
      page.setDefaultTimeout(300_000);
      await page.setViewportSize(SIZES.desktop);
      await page.goto(`${server.url}?backend=wasm`);
      await page.getByRole('heading', { name: 'Toy ship' }).waitFor();
      await show(page);
      for (const [size, viewport] of Object.entries(SIZES)) {
        const picture = `${name}-${size}`;
        const folder = KEPT.has(picture) ? FOLDER : others;
        if (folder) {
          await page.setViewportSize(viewport);
          await page.waitForTimeout(500);
          writeFileSync(path.join(folder, `${picture}.webp`), await picturesAsWebp(page));
          console.error(picture);
        }
      }
      await page.close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The page as it is seen, small enough to be kept with the sources. */
async function picturesAsWebp(page: Page): Promise<Buffer> {
  const png = (await page.screenshot()).toString('base64');
  const base64 = await page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    const webp = await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
    const view = new Uint8Array(await webp.arrayBuffer());
    return btoa(Array.from(view, (byte) => String.fromCharCode(byte)).join(''));
  }, png);
  return Buffer.from(base64, 'base64');
}

await main(process.argv[2]);
