import {
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  ftruncateSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import type { Report } from '../../workers/report';
import { AppPage } from '../support/app-page';
import { fixture } from '../support/detect';
import { findings } from '../support/findings';
import { longClip } from '../support/long-clip';

const VERDICTS = /^(Substantial evidence of generation|Inconclusive|No strong signs found)$/;

let app: AppPage;

afterEach(async () => {
  await app.close();
});

async function finish(page: Page): Promise<Report> {
  await page.getByRole('heading', { level: 2, name: VERDICTS }).waitFor({ timeout: 240_000 });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /download report/i }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), 'utf8')) as Report;
}

async function choose(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  await page.locator('input[type=file]').first().setInputFiles(file);
}

async function shipOf(seconds: number): Promise<Buffer> {
  const ship = readFileSync(fixture('../../public/samples/generated-ship.mp4'));
  return Buffer.from(await longClip(new Uint8Array(ship), seconds));
}

describe('what the server hands out', () => {
  test.each([
    ['a model file is missing', '**/trace*.onnx', 404, /is missing \(HTTP 404\)/],
    ['the runtime is missing', '**/*.wasm', 404, /is missing \(HTTP 404\)/],
    ['a model file is altered', '**/trace*.onnx', 200, /is not the one its manifest names/],
    [
      'the runtime is altered',
      '**/*.wasm',
      200,
      /The model cannot run here\. WebAssembly could not be started/,
    ],
  ])('%s: the page says so, and the file is judged once it is there', async (_, address, status, words) => {
    app = await AppPage.open({ serviceWorkers: 'block' });
    const { page } = app;
    const bytes = Buffer.alloc(1000);
    await page.route(address, (route) =>
      route.fulfill({ status, body: bytes, contentType: 'application/octet-stream' }),
    );
    await choose(page, fixture('good/very-short.mp4'));
    await page.getByText(words).first().waitFor();
    await page.unroute(address);
    await page.getByRole('button', { name: 'Try again' }).click();
    expect((await finish(page)).windows).toHaveLength(1);
  });
});

describe('what the browser stores', () => {
  test('nothing more, because the quota is exceeded: the page says so and judges on', async () => {
    app = await AppPage.open({ serviceWorkers: 'block' });
    const { page } = app;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: app.origin, quotaSize: 1 });
    await app.dropBytes({ name: 'long.mp4', bytes: await shipOf(10) });
    await page.getByText(/is not stored in this browser any further \(QuotaExceededError\)/).waitFor();
    expect((await finish(page)).windows.length).toBeGreaterThan(5);
    app.expectClean();
  });

  test('is evicted in the middle of an analysis, and between two visits', async () => {
    app = await AppPage.open({ serviceWorkers: 'block' });
    const { page } = app;
    const devtools = await page.context().newCDPSession(page);
    const evict = (): Promise<unknown> =>
      devtools.send('Storage.clearDataForOrigin', { origin: app.origin, storageTypes: 'all' });
    await app.dropBytes({ name: 'long.mp4', bytes: await shipOf(10) });
    await page.getByText(/^Window 2 of/).waitFor();
    await evict();
    await page.getByText(/^Window 4 of/).waitFor();
    await evict();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.getByText('Not finished on an earlier visit').count()).toBe(0);
    await choose(page, fixture('good/very-short.mp4'));
    expect((await finish(page)).windows).toHaveLength(1);
    app.expectClean();
  });
});

test('two tabs judge the same file at once, and neither takes over what the other is doing', async () => {
  app = await AppPage.open();
  const { page } = app;
  const bytes = await shipOf(10);
  const other = await page.context().newPage();
  other.setDefaultTimeout(120_000);
  await app.dropBytes({ name: 'long.mp4', bytes });
  await page.getByText(/^Window [2-9] of/).waitFor();
  await other.goto(page.url());
  await other.getByRole('heading', { level: 1 }).waitFor();
  await choose(other, { name: 'long.mp4', mimeType: 'video/mp4', buffer: bytes });
  const [one, two] = [await finish(page), await finish(other)];
  expect(findings(one)).toEqual(findings(two));
  expect(two.warnings.join()).not.toMatch(/went on later/);
  app.expectClean();
});

test('a tab that the browser freezes in the background goes on when it is back', async () => {
  app = await AppPage.open();
  const { page } = app;
  // Headless Chromium hides no tab; this is what comes of one that has been hidden for minutes.
  const devtools = await page.context().newCDPSession(page);
  await app.dropBytes({ name: 'long.mp4', bytes: await shipOf(10) });
  await page.getByText(/^Window 2 of/).waitFor();
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 5000));
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  const report = await finish(page);
  expect(report.windows.length).toBeGreaterThan(5);
  expect(report.warnings.join()).not.toMatch(/went on/);
  app.expectClean();
});

test('a file of more than 4 GB, with its frames behind the fourth, is read in place', async () => {
  app = await AppPage.open();
  const { page } = app;
  const folder = mkdtempSync(path.join(tmpdir(), 'tellscope-'));
  try {
    const file = path.join(folder, 'huge.mp4');
    writeWithHole(file, readFileSync(fixture('good/fragmented.mp4')), 4.5e9);
    await choose(page, fixture('good/fragmented.mp4'));
    const small = await finish(page);
    await choose(page, file);
    await app.select('huge.mp4');
    const report = await finish(page);
    expect(report.file.bytes).toBeGreaterThan(4.5e9);
    expect({ ...findings(report), file: undefined }).toEqual({ ...findings(small), file: undefined });
    const peak = await peakMemory(page);
    console.info(`4.5 GB: at most ${peak} bytes`);
    expect(peak).toBeLessThan(1.5e9);
    app.expectClean();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The most that any process with a page in it has ever held, in bytes; 0 where the system does not tell (not Linux). */
async function peakMemory(page: Page): Promise<number> {
  const devtools = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const peaks = processInfo
    .filter(({ type, id }) => type === 'renderer' && existsSync(`/proc/${id}/status`))
    .map(({ id }) => /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
  return Math.max(0, ...peaks.map((kilobytes) => Number(kilobytes ?? 0) * 1024));
}

/** Writes a fragmented MP4 with a hole, in a box that players skip, between its head and its first fragment. */
function writeWithHole(file: string, fragmented: Buffer, hole: number): void {
  const head = fragmented.indexOf('moof') - 4;
  const tail = fragmented.indexOf('mfra') - 4;
  const box = Buffer.alloc(16);
  box.writeUInt32BE(1, 0);
  box.write('free', 4);
  box.writeBigUInt64BE(BigInt(hole), 8);
  const descriptor = openSync(file, 'w');
  try {
    writeSync(descriptor, fragmented, 0, head, 0);
    writeSync(descriptor, box, 0, box.length, head);
    // Nothing is written there: the file system keeps the hole without storing it.
    ftruncateSync(descriptor, head + hole);
    writeSync(descriptor, fragmented, head, tail - head, head + hole);
  } finally {
    closeSync(descriptor);
  }
}
