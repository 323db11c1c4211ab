import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../workers/report';
import { AppPage } from '../support/app-page';
import { expectAccessible } from '../support/axe';
import { Hub } from '../support/hub';
import { readModel, startModelServer } from '../support/model-server';
import { RecordingProxy } from '../support/recording-proxy';
import { expectValidReport } from '../support/report-schema';
import { StaticHost } from '../support/static-host';

/** A model that gives one well-formed answer, with the entry by which it is known to the app. */
const TINY = 'smolvlm-scripted';
/** The registry's model whose place it takes at the hub. */
const NAME = 'SmolVLM2-500M-Video-Instruct';

let hub: Hub;
let proxy: RecordingProxy;
let host: StaticHost;
let mirror: Awaited<ReturnType<typeof startModelServer>>;
let app: AppPage;
let page: Page;
let verdict: string;
/** Scripts of the workers that were started, but for those that see a video and have no network at all. */
const connected: string[] = [];

beforeAll(async () => {
  hub = await Hub.start(`HuggingFaceTB/${NAME}`, filesAtHub());
  proxy = await RecordingProxy.start(hub.detour);
  host = await StaticHost.start();
  mirror = await startModelServer();
  // The hub of the tests has a certificate that nobody has signed.
  app = await AppPage.open({ server: host, args: [...proxy.browserArgs, '--ignore-certificate-errors'] });
  page = app.page;
  page.on('worker', (worker) => {
    // Workers from memory are those workers' own threads.
    if (!/^blob:|\/workers\/isolated\//.test(worker.url())) {
      connected.push(worker.url());
    }
  });
  await app.waitUntilStored();
  await app.drop('good/plain-h264.mp4');
  await openPanel();
  verdict = await page.locator('#verdict-title').innerText();
});

afterAll(async () => {
  await app.close();
  await Promise.all([hub.close(), mirror.close()]);
  proxy.close();
});

/** The tiny model's files under the names that 8-bit ones have. */
function filesAtHub(): Map<string, Buffer> {
  const files = [...readModel(TINY)].filter(([path]) => path !== 'tellscope-model.json');
  return new Map(files.map(([path, content]) => [path.replace(/\.onnx$/, '_quantized.onnx'), content]));
}

async function openPanel(): Promise<void> {
  await page.getByRole('heading', { level: 2, name: 'Second opinion' }).click();
  await page.getByLabel('Model', { exact: true }).waitFor();
}

/** What went over the network to anyone but the app's own server. */
function foreign(): string[] {
  return proxy.requests.filter((url) => !url.startsWith(host.url));
}

/** Asks about the clip, and holds the answer to be the tiny model's and the verdict to be what it was. */
async function expectAnswer(count: number): Promise<void> {
  await page.getByRole('button', { name: 'Ask about the clip' }).click();
  const answers = page.getByRole('list', { name: 'Second opinions on this clip' });
  const answer = answers.getByRole('article').nth(count - 1);
  await answer.getByRole('heading', { level: 3, name: 'Says: generated' }).waitFor();
  expect(await answer.innerText()).toContain('The hand bends as no hand can.');
  const lane = page
    .getByRole('region', { name: 'Timeline' })
    .getByRole('button', { name: /^Second opinion of / });
  expect(await lane.count()).toBe(count);
  expect(await page.locator('#verdict-title').innerText()).toBe(verdict);
}

test('without consent no request leaves the origin', async () => {
  await page.getByLabel('Model', { exact: true }).selectOption('smolvlm2-500m');
  await page.getByRole('button', { name: /^Download 510.0 MB from huggingface.co/ }).click();
  const dialog = page.getByRole('dialog', { name: /Download 510.0 MB from huggingface.co\?/ });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'From a mirror …' }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/^Address of the folder/)
    .fill(mirror.url);
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  expect(foreign()).toEqual([]);
  expect(connected).toEqual([]);
  app.expectClean();
});

test('with consent one worker asks the hub’s hosts and nobody else, and the model answers beside the verdict', async () => {
  await page.getByRole('button', { name: /^Download 510.0 MB from huggingface.co/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Download 510.0 MB' }).click();
  await page.getByRole('button', { name: 'Ask about the clip' }).waitFor();
  expect(hub.hosts).toEqual(['huggingface.co', 'cas-bridge.xethub.hf.co']);
  expect(hub.requests.flatMap(({ personal }) => personal)).toEqual([]);
  expect(new Set(foreign())).toEqual(new Set(hub.hosts.map((name) => `${name}:443 (connection)`)));
  expect(connected).toEqual([expect.stringMatching(/\/workers\/downloading\/download\.worker-/)]);
  const before = proxy.requests.length;
  await expectAnswer(1);
  // The answer is made of what is stored: the app asks nobody for it, not even its own server.
  expect(proxy.requests.slice(before).filter((url) => url !== `${host.url}service-worker.js`)).toEqual([]);
});

test('the page tells that the hub was asked', async () => {
  await page.getByRole('button', { name: /since you dropped/ }).click();
  const panel = page.getByRole('dialog', { name: 'What leaves this machine' });
  await panel
    .getByText('Servers asked on this visit, beside the app’s own: https://huggingface.co.')
    .waitFor();
  await panel.getByRole('button', { name: 'Close' }).click();
});

test('adding a model takes one registry entry: with it a mirror brings a new one', async () => {
  const asked = hub.requests.length;
  await page.getByLabel('Model', { exact: true }).selectOption('florence-2-base-ft');
  await page.getByRole('button', { name: 'From a mirror …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Address of the folder/).fill(`${mirror.url}/e2e/plain/${TINY}`);
  await dialog.getByRole('checkbox', { name: /another model/ }).check();
  await dialog.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('option', { name: 'A tiny model (0.1 M)', selected: true }).waitFor({
    state: 'attached',
  });
  await expectAnswer(2);
  // One has fetched the entry, one the model.
  const mirroring: unknown = expect.stringMatching(/\/workers\/mirroring\/mirror-download\.worker-/);
  expect(connected.slice(1)).toEqual([mirroring, mirroring]);
  expect(hub.requests.length).toBe(asked);
});

test('a model from files answers, and all answers are in the report', async () => {
  const files = [...readModel(TINY)].map(([path, buffer]) => ({
    name: path.split('/').at(-1) ?? path,
    mimeType: 'application/octet-stream',
    buffer,
  }));
  // What is here already needs no source.
  await page.getByLabel('Model', { exact: true }).selectOption('florence-2-base-ft');
  await page.getByTestId('model-files').setInputFiles(files);
  await expectAnswer(3);
  await expectAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /download report/i }).click(),
  ]);
  const report = JSON.parse(readFileSync(await download.path(), 'utf8')) as Report;
  expectValidReport(report);
  const parsed = { label: 'FAKE', traces: [{ startSeconds: 0.5, endSeconds: 1 }] };
  expect(report.secondOpinions).toMatchObject([
    { model: { name: NAME, dtype: 'q8', source: 'huggingface.co' }, parsed, malformed: false },
    { model: { id: 'tiny', source: new URL(mirror.url).host }, parsed, malformed: false },
    { model: { id: 'tiny', source: 'a folder on this machine' }, parsed, malformed: false },
  ]);
});

test('without a network the app works as before, and stored models answer', async () => {
  await host.close();
  await page.context().setOffline(true);
  await app.drop('good/vp9.webm');
  await app.select('good/vp9.webm');
  await page.locator('#verdict-title').filter({ hasNotText: 'Judging' }).waitFor();
  await app.select('good/plain-h264.mp4');
  await openPanel();
  await page.getByLabel('Model', { exact: true }).selectOption('smolvlm2-500m');
  await expectAnswer(4);
  await page.getByLabel('Model', { exact: true }).selectOption('tiny');
  await expectAnswer(5);
});

test('without a network a download says so, and costs nothing else', async () => {
  await page.getByLabel('Model', { exact: true }).selectOption('florence-2-base-ft');
  await page.getByRole('button', { name: /^Download .* from huggingface.co/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Download/ })
    .click();
  await page
    .getByRole('group', { name: 'What went wrong' })
    .getByText(/huggingface\.co does not answer/)
    .waitFor();
  await page.getByLabel('Model', { exact: true }).selectOption('tiny');
  await expectAnswer(6);
});
