import { afterAll, beforeAll, expect, test } from 'vitest';
import { DetectorBrowser } from '../../src/cli/detector-browser';
import { BROWSER_HINT, findBrowser } from '../../src/cli/find-browser.mjs';
import { serveApp, type AppServer } from '../../src/cli/server';
import { fixture } from '../support/detect';

let server: AppServer;
let browser: DetectorBrowser;

beforeAll(async () => {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  server = await serveApp();
  browser = new DetectorBrowser(server.url, 'wasm', { executablePath, args: [] });
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

async function crashPage(): Promise<void> {
  const page = await browser.open();
  const session = await page.context().newCDPSession(page);
  // The answer never comes: the page is gone.
  session.send('Page.crash').catch(() => {});
}

async function loseBrowser(): Promise<void> {
  const page = await browser.open();
  await page.context().browser()?.close();
}

test.each([
  ['page', crashPage],
  ['browser', loseBrowser],
])('a lost %s costs the file it was lost with, and only that one', async (_, lose) => {
  let lost: Promise<void> | undefined;
  const first = await browser.detect(fixture('good/plain-h264.mp4'), () => {
    lost ??= lose();
  });
  await lost;
  expect(first).toMatchObject({ ok: false, error: { code: 'worker-lost' } });
  const second = await browser.detect(fixture('good/one-frame.mp4'), () => {});
  expect(second).toMatchObject({ ok: true, value: { file: { name: 'one-frame.mp4' } } });
});
