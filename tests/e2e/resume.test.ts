import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../workers/report';
import { AppPage } from '../support/app-page';
import { findings } from '../support/findings';
import { fixture } from '../support/detect';
import { longClip } from '../support/long-clip';

const VERDICTS = /^(Substantial evidence of generation|Inconclusive|No strong signs found)$/;
const UNFINISHED = 'Not finished on an earlier visit';

let app: AppPage;
let clip: Buffer;

/** Windows of the one analysis that is recorded in this browser; 0 while there is none. */
function windowsRecorded(): Promise<number> {
  return app.page.evaluate(async () => {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === 'tellscope-unfinished')) {
      return 0;
    }
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('tellscope-unfinished');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error!);
    });
    try {
      const all = await new Promise<unknown[]>((resolve, reject) => {
        const request = database.transaction('jobs').objectStore('jobs').getAll();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error!);
      });
      const heads = all as { windowsDone?: number; fileSha256?: string }[];
      return heads.reduce((sum, head) => sum + (head.fileSha256 ? (head.windowsDone ?? 0) : 0), 0);
    } finally {
      database.close();
    }
  });
}

/** Starts to judge the clip and reloads the page in the middle. */
async function interrupt(): Promise<void> {
  await app.dropBytes({ name: 'long.mp4', bytes: clip });
  await expect.poll(windowsRecorded, { timeout: 240_000, interval: 100 }).toBeGreaterThanOrEqual(2);
  await app.page.reload();
  await app.page.getByRole('heading', { name: UNFINISHED }).waitFor();
}

async function finish(): Promise<Report> {
  await app.page.getByRole('heading', { level: 2, name: VERDICTS }).waitFor({ timeout: 240_000 });
  const [download] = await Promise.all([
    app.page.waitForEvent('download'),
    app.page.getByRole('button', { name: /download report/i }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), 'utf8')) as Report;
}

beforeAll(async () => {
  const ship = readFileSync(fixture('../../public/samples/generated-ship.mp4'));
  clip = Buffer.from(await longClip(new Uint8Array(ship), 14));
  app = await AppPage.open();
});

afterAll(async () => {
  app.expectClean();
  await app.close();
});

describe('an analysis interrupted by a reload', () => {
  let resumed: Report;

  test('goes on after its last window when the same file is chosen again', async () => {
    await interrupt();
    const { page } = app;
    await page.getByText(/window \d+ of \d+ on /).waitFor();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Choose the file again' }).click(),
    ]);
    await chooser.setFiles({ name: 'long.mp4', mimeType: 'video/mp4', buffer: clip });
    await page.getByText(/^Taken up where it had been left: \d+ windows need not be judged again/).waitFor();
    resumed = await finish();
    const after = /went on later, after window (\d+)/.exec(resumed.warnings.join())?.[1];
    expect(Number(after)).toBeGreaterThanOrEqual(2);
    await page.getByRole('heading', { name: UNFINISHED }).waitFor({ state: 'hidden' });
    await expect.poll(windowsRecorded).toBe(0);
  });

  test('ends in the report it would have ended in', async () => {
    await app.page.reload();
    await app.dropBytes({ name: 'long.mp4', bytes: clip });
    const undisturbed = await finish();
    expect(undisturbed.warnings.join()).not.toMatch(/went on later/);
    expect(undisturbed.traces.length).toBeGreaterThan(0);
    expect(findings(resumed)).toEqual(findings(undisturbed));
  });

  test('is not mistaken for another file of the same size, and can be discarded', async () => {
    await app.page.reload();
    await interrupt();
    const { page } = app;
    const other = Buffer.from(clip);
    // The minor version of the brand, which means nothing.
    other[12] = 1;
    await app.dropBytes({ name: 'long.mp4', bytes: other });
    const report = await finish();
    expect(report.warnings.join()).not.toMatch(/went on later/);
    await page.reload();
    await page.getByRole('button', { name: 'Discard what is stored of long.mp4' }).click();
    await page.getByRole('heading', { name: UNFINISHED }).waitFor({ state: 'hidden' });
    expect(await windowsRecorded()).toBe(0);
  });
});
