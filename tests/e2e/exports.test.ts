import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import Papa from 'papaparse';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebVTTParser } from 'webvtt-parser';
import { launchBrowser } from '../../src/cli/detector-browser';
import { BROWSER_HINT, findBrowser } from '../../src/cli/find-browser.mjs';
import { toHtml } from '../../src/lib/exports/html-report';
import { makeOpinion, makeReport, makeReview, makeTrace } from '../../src/lib/report.fixture';
import { readRewardData } from '../../src/lib/scoring/reward-data';
import { readPredictions } from '../../src/lib/scoring/predictions';
import type { Report } from '../../workers/report';
import { AppPage } from '../support/app-page';

/** Opens an HTML file where every request but that for the file fails, and says what it asked for. */
async function openOffline(browser: Browser, file: string) {
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const requests: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) {
      requests.push(request.url());
    }
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return { page, requests: requests.filter((request) => request !== url), problems };
}

let folder: string;
let browser: Browser;

beforeAll(async () => {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  folder = mkdtempSync(path.join(tmpdir(), 'tellscope-exports-'));
  browser = await launchBrowser({ executablePath, args: [] });
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

describe('everything the page saves', () => {
  let app: AppPage;
  let report: Report;

  beforeAll(async () => {
    app = await AppPage.open();
    await app.drop('../../public/samples/generated-mural.mp4');
    const { page } = app;
    // The processor may be busy with other tests.
    page.setDefaultTimeout(240_000);
    report = JSON.parse(
      readFileSync(await saved(() => page.getByRole('button', { name: /download report/i }).click()), 'utf8'),
    ) as Report;
    await page.getByRole('button', { name: 'More formats' }).click();
  });

  afterAll(async () => {
    app.expectClean();
    await app.close();
  });

  async function saved(click: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([app.page.waitForEvent('download'), click()]);
    const file = path.join(folder, download.suggestedFilename());
    await download.saveAs(file);
    return file;
  }

  const save = (name: RegExp): Promise<string> => saved(() => app.page.getByRole('button', { name }).click());

  test('CSV and WebVTT hold the traces of the report', async () => {
    const csv = await save(/save table of traces/i);
    expect(path.basename(csv)).toBe('generated-mural.tellscope.csv');
    const rows = Papa.parse<Record<string, string>>(readFileSync(csv, 'utf8'), {
      header: true,
      skipEmptyLines: true,
    });
    expect(rows.errors).toEqual([]);
    expect(rows.data.map((row) => row['trace'])).toEqual(report.traces.map(({ id }) => id));
    const vtt = new WebVTTParser().parse(readFileSync(await save(/save subtitles/i), 'utf8'));
    expect(vtt.errors).toEqual([]);
    expect(vtt.cues.map(({ id }) => id).sort()).toEqual(report.traces.map(({ id }) => id).sort());
  });

  test('the prediction line is one the scorer reads', async () => {
    const { byVideo, problems } = readPredictions(
      readFileSync(await save(/save deeptracereward prediction/i), 'utf8'),
    );
    expect(problems).toEqual([]);
    const prediction = byVideo.get('generated-mural');
    expect(prediction?.label).toMatch(/^(REAL|FAKE)$/);
    expect(prediction?.startSeconds).toBe(
      prediction?.label === 'FAKE' ? report.traces[0]?.startSeconds : undefined,
    );
  });

  test('rows, chapters and tracks are read by readers of their own', async () => {
    const rows = readRewardData(readFileSync(await save(/save deeptracereward rows/i), 'utf8'));
    expect(rows.problems).toEqual([]);
    const chapters = new WebVTTParser().parse(readFileSync(await save(/save chapters/i), 'utf8'), 'chapters');
    expect(chapters.errors).toEqual([]);
    // A trace may end a little behind the last frame.
    const end = chapters.cues.at(-1)?.endTime ?? 0;
    expect(Math.abs(end - report.video.durationSeconds)).toBeLessThan(0.3);
    const xml = readFileSync(await save(/save tracks/i), 'utf8');
    // A page of its own: the app's policy lets no string become a document.
    const reader = await app.page.context().newPage();
    const tracks = await reader.evaluate((text) => {
      const read = new DOMParser().parseFromString(text, 'application/xml');
      return [...read.querySelectorAll('parsererror, annotations > track')].map((one) => [
        one.nodeName,
        one.getAttribute('label'),
      ]);
    }, xml);
    await reader.close();
    expect(tracks).toEqual(report.traces.map(({ category }) => ['track', category]));
  });

  test('the pictures are two PNG files a trace', async () => {
    const files = unzipSync(readFileSync(await save(/save pictures/i)));
    expect(Object.keys(files)).toHaveLength(report.traces.length * 2);
    for (const bytes of Object.values(files)) {
      expect(Buffer.from(bytes.subarray(0, 8)).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
    }
  });

  test('the annotated video plays, and lasts as long as the original', async () => {
    const video = await save(/save annotated video/i);
    expect(video).toMatch(/generated-mural\.tellscope\.(mp4|webm)$/);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(video).href);
    const playing = page.locator('video');
    await playing.waitFor();
    await expect
      .poll(() => playing.evaluate((element: HTMLVideoElement) => element.readyState))
      .toBeGreaterThan(1);
    const found = await playing.evaluate(({ duration, videoWidth, videoHeight }: HTMLVideoElement) => ({
      duration,
      videoWidth,
      videoHeight,
    }));
    expect(found).toMatchObject({ videoWidth: report.video.width, videoHeight: report.video.height });
    expect(Math.abs(found.duration - report.video.durationSeconds)).toBeLessThan(0.3);
    await page.close();
  });

  test('the HTML report opens without network, pictures and all', async () => {
    const file = await save(/save report to read/i);
    const { page, requests, problems } = await openOffline(browser, file);
    expect(requests).toEqual([]);
    expect(problems).toEqual([]);
    await page.getByRole('heading', { level: 1, name: 'generated-mural.mp4' }).waitFor();
    expect(await page.getByText(report.file.sha256).count()).toBe(1);
    expect(await page.getByText(report.model.sha256).count()).toBe(1);
    await page.getByRole('img', { name: /^Timeline/ }).waitFor();
    const widths = await page
      .locator('figure img')
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
    expect(widths).toHaveLength(report.traces.length * 2);
    expect(Math.min(...widths, Infinity)).toBeGreaterThan(0);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    await page.context().close();
  });

  test('an export that is cancelled says so, keeps the focus and can be made again', async () => {
    const { page } = app;
    const button = page.getByRole('button', { name: /(save|cancel) annotated video/i });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /cancel annotated video/i }).waitFor();
    expect(await page.getByRole('button', { name: /save pictures/i }).isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('listitem').getByText('Cancelled.').waitFor();
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await save(/save annotated video/i)).toMatch(/\.(mp4|webm)$/);
  });

  test('all results of a visit, failures among them, are one ZIP', async () => {
    expect(await app.page.getByRole('button', { name: 'Save all results' }).count()).toBe(0);
    await app.drop('bad/text.mp4', 'good/very-short.mp4');
    const files = unzipSync(readFileSync(await save(/save all results/i)));
    const text = (name: string): string => Buffer.from(files[name] ?? []).toString('utf8');
    expect(Object.keys(files).sort()).toEqual([
      '01-generated-mural/report.json',
      '01-generated-mural/traces.csv',
      '01-generated-mural/traces.vtt',
      '02-very-short/report.json',
      '02-very-short/traces.csv',
      '02-very-short/traces.vtt',
      'predictions.jsonl',
      'results.csv',
    ]);
    expect(JSON.parse(text('01-generated-mural/report.json'))).toEqual(report);
    const { data, errors } = Papa.parse<Record<string, string>>(text('results.csv'), {
      header: true,
      skipEmptyLines: true,
    });
    expect(errors).toEqual([]);
    expect(data.map((row) => [row['file'], row['verdict'] !== '', row['error']])).toEqual([
      ['generated-mural.mp4', true, ''],
      ['text.mp4', false, 'not-a-video'],
      ['very-short.mp4', true, ''],
    ]);
    const { byVideo, problems } = readPredictions(text('predictions.jsonl'));
    expect(problems).toEqual([]);
    expect([...byVideo.keys()]).toEqual(['generated-mural', 'very-short']);
  });
});

test('text from files and models stays text in the HTML report', async () => {
  const nasty = `"'><img src=x onerror=alert(1)><script>alert(2)</script><a href="https://example.com/x">`;
  const review = makeReview({ reviewer: nasty, marks: [] });
  const html = toHtml(
    {
      humanReview: {
        ...review,
        added: review.added.map((one) => ({ ...one, trace: { ...one.trace, words: nasty } })),
      },
      ...makeReport({
        secondOpinions: [makeOpinion({ question: nasty, answerText: nasty })],
        browser: { userAgent: nasty, brands: [], platform: nasty },
        file: { name: nasty, bytes: 1, sha256: 'c'.repeat(64) },
        verdict: { band: 'inconclusive', fakeProbability: 0.5, reasons: [nasty] },
        warnings: [nasty],
        traces: [makeTrace({ explanation: nasty })],
      }),
    },
    {
      stills: [
        { traceId: 'trace-1', timeSeconds: 1, frameUrl: nasty, cropUrl: 'data:image/png;base64,AAAA' },
      ],
      figures: {},
      madeAt: new Date(0),
    },
  );
  const file = path.join(folder, 'nasty.html');
  writeFileSync(file, html);
  const { page, requests, problems } = await openOffline(browser, file);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(nasty);
  expect(await page.title()).toBe(`${nasty} – Tellscope report`);
  expect(await page.locator('script, a').count()).toBe(0);
  expect(await page.locator('img').count()).toBe(2);
  // The one address that is no data is refused by the policy of the file itself.
  expect(requests.filter((request) => !request.startsWith('file:'))).toEqual([]);
  expect(problems).toEqual([]);
  await page.context().close();
});
