import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page, Worker } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DIST } from '../../src/cli/build';
import { launchBrowser } from '../../src/cli/detector-browser';
import { BROWSER_HINT, findBrowser } from '../../src/cli/find-browser.mjs';
import { AppPage } from '../support/app-page';
import { breakOutScript } from '../support/break-out';
import { Listener } from '../support/listener';
import { RecordingProxy } from '../support/recording-proxy';
import { StaticHost } from '../support/static-host';

const CLIP = '../../public/samples/generated-ship.mp4';
const VERDICT = /^(Substantial evidence of generation|Inconclusive|No strong signs found)$/;

const judged = (page: Page): Promise<void> =>
  page.getByRole('heading', { level: 2, name: VERDICT }).waitFor({ timeout: 240_000 });

const openPanel = async (page: Page): Promise<ReturnType<Page['getByRole']>> => {
  await page.getByRole('button', { name: /Nothing is uploaded|since you dropped/ }).click();
  return page.getByRole('dialog', { name: 'What leaves this machine' });
};

/** The app on a host of its own, stored for use without it. */
async function openStored(): Promise<{ host: StaticHost; app: AppPage }> {
  const host = await StaticHost.start();
  const app = await AppPage.open({ server: host });
  await app.waitUntilStored();
  return { host, app };
}

describe('the whole product behind a recording proxy', () => {
  let proxy: RecordingProxy;
  let host: StaticHost;
  let app: AppPage;
  let before: number;

  beforeAll(async () => {
    proxy = await RecordingProxy.start();
    host = await StaticHost.start();
    app = await AppPage.open({ server: host, args: proxy.browserArgs });
    await app.waitUntilStored();
  });

  afterAll(async () => {
    await app.close();
    proxy.close();
  });

  /** Requests since the drop. Chromium looks for a new service worker when it likes, and carries nothing there. */
  const asked = (): string[] =>
    proxy.requests.slice(before).filter((url) => url !== `${host.url}service-worker.js`);

  test('loads from its own server only', () => {
    expect(proxy.requests.length).toBeGreaterThan(20);
    expect(proxy.requests.filter((url) => !url.startsWith(host.url))).toEqual([]);
  });

  test('asks nobody for anything from the drop of a file to the last export', async () => {
    const { page } = app;
    before = proxy.requests.length;
    await app.drop(CLIP);
    await judged(page);
    const saved = async (name: RegExp): Promise<void> => {
      await Promise.all([
        page.waitForEvent('download', { timeout: 240_000 }),
        page.getByRole('button', { name }).click(),
      ]);
    };
    await saved(/download report/i);
    await page.getByRole('button', { name: 'More formats' }).click();
    await saved(/save pictures/i);
    await saved(/save report to read/i);
    expect(asked()).toEqual([]);
  });

  test('says so in its own log', async () => {
    const { page } = app;
    await page.getByRole('button', { name: '0 requests since you dropped the file' }).waitFor();
    const panel = await openPanel(page);
    await panel
      .getByText('Nothing was asked of any server, not even of the one this app came from.')
      .waitFor();
    await panel.getByRole('cell', { name: 'from this browser’s storage' }).first().waitFor();
    await panel.getByRole('button', { name: 'Close' }).click();
  });

  test('refuses to carry data to its own server, and shows that something tried', async () => {
    const { page } = app;
    const tried = await page.evaluate(() =>
      fetch('./models/tracenet/model.json?secret').then(() => '', String),
    );
    expect(tried).toMatch(/TypeError/);
    const worker = page.workers().find((each) => each.url().includes('/detector.worker'));
    // As text, since the test runner puts a function of its own in the place of `import()`.
    const problems = await worker?.evaluate(`Promise.all([
      fetch('${host.url}?secret').then(() => 'fetched', String),
      import('${host.url}?secret').then(() => 'imported', String),
      new Promise((resolve) => {
        try {
          new Worker('${host.url}?secret').onerror = () => resolve('refused');
        } catch {
          resolve('refused');
        }
      }),
    ])`);
    expect(problems).toEqual([
      expect.stringMatching(/TypeError/),
      expect.stringMatching(/TypeError/),
      'refused',
    ]);
    expect(asked()).toEqual([]);
    const panel = await openPanel(page);
    await panel.getByRole('cell', { name: 'refused' }).first().waitFor();
    await panel.getByRole('button', { name: 'Close' }).click();
  });

  test('works with the cable out, isolated as before, after a new start', async () => {
    const { page } = app;
    await host.close();
    await page.context().setOffline(true);
    await page.reload();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.getByRole('button', { name: /^Judge this clip.*Toy ship$/ }).click();
    await judged(page);
  });
});

describe('breaking out', () => {
  let listener: Listener;
  let app: AppPage;

  beforeAll(async () => {
    ({ app } = await openStored());
  });

  afterAll(async () => {
    await app.close();
  });

  /** Starts listening, and gives the script that tries to get there. */
  const attempts = async (): Promise<string> => {
    listener = await Listener.start();
    return breakOutScript(listener.target);
  };

  afterEach(() => {
    listener.close();
  });

  const expectNothing = (scope: 'document' | 'worker'): void => {
    expect([...listener.arrived]).toEqual([]);
    // For a frame that the policy then refuses Chromium has already opened a connection, over which nothing goes.
    expect(listener.connections).toBeLessThanOrEqual(scope === 'document' ? 1 : 0);
  };

  /** A worker of the build, started from the page by its file. */
  const start = async (file: string): Promise<Worker> => {
    const [worker] = await Promise.all([
      app.page.waitForEvent('worker'),
      app.page.evaluate((address) => {
        new Worker(address, { type: 'module' });
      }, `./${file}`),
    ]);
    return worker;
  };

  test('works without policies, so that the attempts are real ones', async () => {
    const executablePath = findBrowser();
    if (!executablePath) {
      throw new Error(BROWSER_HINT);
    }
    const bare = await StaticHost.start(() => ({}));
    bare.changed.set('index.html', '<!doctype html><title>bare</title><body></body>');
    const browser = await launchBrowser({ executablePath, args: [] });
    const page = await browser.newPage();
    await page.goto(bare.url);
    await page.evaluate(await attempts());
    await browser.close();
    await bare.close();
    expect([...listener.arrived].sort()).toEqual(
      expect.arrayContaining([
        ...['beacon', 'cache', 'css', 'css-image', 'eventsource', 'fetch', 'fetch-post', 'font', 'form'],
        ...['iframe', 'image', 'import', 'object', 'prefetch', 'script', 'video', 'webrtc', 'websocket'],
        ...['webtransport', 'xhr'],
      ]),
    );
  });

  test('of the page fails', async () => {
    await app.page.evaluate(await attempts());
    expectNothing('document');
  });

  test('of the service worker fails', async () => {
    const worker = app.page.context().serviceWorkers()[0];
    await worker?.evaluate(await attempts());
    expect(worker).toBeDefined();
    expectNothing('worker');
  });

  const workers = readdirSync(path.join(DIST, 'workers'), { recursive: true, encoding: 'utf8' }).filter(
    // A mirror of the hub may lie anywhere.
    (name) => name.endsWith('.js') && !name.startsWith('mirroring'),
  );

  test.each(workers)('of %s fails', async (name) => {
    const worker = await start(`workers/${name}`);
    await worker.evaluate(await attempts());
    expectNothing('worker');
  });

  test.each(workers.filter((name) => name.startsWith('isolated')))(
    'of a worker started by %s fails',
    async (name) => {
      const worker = await start(`workers/${name}`);
      const source = `${await attempts()}.then(() => postMessage('tried'))`;
      const told = await worker.evaluate(
        (script) =>
          new Promise((resolve) => {
            const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
            const nested = new Worker(address, { name: 'nested' });
            nested.onmessage = ({ data }) => resolve(data);
            nested.onerror = ({ message }) => resolve(message);
          }),
        source,
      );
      expect(told).toBe('tried');
      expectNothing('worker');
    },
  );

  test('of a host that sends no headers fails as well, once the app is stored', async () => {
    const bare = await StaticHost.start(() => ({}));
    const other = await AppPage.open({ server: bare });
    await other.waitUntilStored();
    await other.page.reload();
    expect(await other.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await other.page.evaluate(await attempts());
    await other.close();
    expectNothing('document');
  });
});

describe('stored data', () => {
  let host: StaticHost;
  let app: AppPage;

  beforeAll(async () => {
    ({ host, app } = await openStored());
  });

  afterAll(async () => {
    await app.close();
  });

  test('that was altered is not used, but fetched anew', async () => {
    const { page } = app;
    const original = readFileSync(path.join(DIST, 'models/tracenet/model.json'), 'utf8');
    const read = await page.evaluate(async () => {
      const address = new URL('models/tracenet/model.json', document.baseURI).href;
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        if (await cache.match(address)) {
          await cache.put(address, new Response('{"altered": true}'));
        }
      }
      return (await fetch(address)).text();
    });
    expect(read).toBe(original);
    await host.close();
    const again = await page.evaluate(() =>
      fetch('models/tracenet/model.json').then((answer) => answer.text()),
    );
    expect(again).toBe(original);
    app.expectClean();
  });

  test('is deleted on demand, all of it, whoever stored it', async () => {
    const { page } = app;
    await page.evaluate(async () => {
      localStorage.setItem('a-setting', '1');
      sessionStorage.setItem('draft', '1');
      await (await caches.open('someone-elses')).put('./x', new Response('x'));
      const folder = await (
        await navigator.storage.getDirectory()
      ).getDirectoryHandle('models', { create: true });
      await folder.getFileHandle('large.bin', { create: true });
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('job-log');
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
        opening.onerror = () => reject(new Error('no database'));
      });
    });
    await page.goto(`${host.url}storage.html`);
    for (const name of ['someone-elses', 'job-log', 'models', 'a-setting', 'draft', '/']) {
      await page.getByRole('cell', { name, exact: true }).waitFor();
    }
    await page.getByRole('button', { name: 'Delete everything …' }).click();
    await page.getByRole('button', { name: 'Delete everything', exact: true }).click();
    await page.getByText('Everything was deleted. Nothing is stored any more.').waitFor();
    const left = await page.evaluate(async () => {
      const files: string[] = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) {
        files.push(name);
      }
      return {
        caches: await caches.keys(),
        databases: await indexedDB.databases(),
        files,
        settings: localStorage.length + sessionStorage.length,
        serviceWorkers: (await navigator.serviceWorker.getRegistrations()).length,
      };
    });
    expect(left).toEqual({ caches: [], databases: [], files: [], settings: 0, serviceWorkers: 0 });
    app.expectClean();
  });
});

test('a new version is announced, and not taken while a clip is judged in another tab', async () => {
  const { host, app } = await openStored();
  const { page } = app;
  const other = await page.context().newPage();
  await other.goto(page.url());
  // What any tab holds while it judges.
  await other.evaluate(() => {
    const judging = new Promise<void>((resolve) => Object.assign(window, { finish: resolve }));
    return new Promise<void>((held) => {
      void navigator.locks.request('tellscope-analysis', { mode: 'shared' }, () => {
        held();
        return judging;
      });
    });
  });
  const script = readFileSync(path.join(DIST, 'service-worker.js'), 'utf8');
  host.changed.set('service-worker.js', `${script}\n// the next version`);
  await page.reload();
  const restart = page.getByRole('button', { name: 'Restart with the new version' });
  await restart.click();
  await page.getByText(/A clip is being judged, here or in another tab/).waitFor();
  await other.evaluate(() => (window as unknown as { finish: () => void }).finish());
  await Promise.all([page.waitForEvent('load'), restart.click()]);
  await restart.waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1, name: /generative model/ }).waitFor();
  app.expectClean();
  await app.close();
});

test('names, codecs and models with markup in them stay text', async () => {
  const nasty = `"'><img src=x onerror=alert(1)><script>alert(2)</script>`;
  const host = await StaticHost.start();
  const manifest = JSON.parse(readFileSync(path.join(DIST, 'models/tracenet/model.json'), 'utf8')) as object;
  host.changed.set('models/tracenet/model.json', JSON.stringify({ ...manifest, id: nasty, version: nasty }));
  // With a service worker the altered manifest would be refused.
  const app = await AppPage.open({ server: host, serviceWorkers: 'block' });
  const { page } = app;
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const clip = readFileSync(path.join(DIST, 'samples/generated-ship.mp4'));
  const codec = Buffer.from(clip.toString('latin1').replaceAll('avc1', '<u>!'), 'latin1');
  await app.dropBytes({ name: `${nasty}.mp4`, bytes: clip }, { name: `${nasty}-2.mp4`, bytes: codec });
  await judged(page);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`${nasty}.mp4`);
  expect(await page.getByText(nasty, { exact: false }).count()).toBeGreaterThan(2);
  await page.getByRole('navigation', { name: 'Clips' }).getByRole('button').nth(1).click();
  await page.getByText(/unsupported-codec/).waitFor();
  expect(await page.locator('img[src=x], script:not([src]), u').count()).toBe(0);
  expect(dialogs).toEqual([]);
  app.expectClean();
  await app.close();
});
