import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AppPage } from '../support/app-page';
import { fixture } from '../support/detect';
import { expectValidReport } from '../support/report-schema';
import type { ErrorCode } from '../../workers/errors';
import type { Report } from '../../workers/report';

const GOOD = readdirSync(fixture('good'));

const BAD: Record<string, ErrorCode> = {
  'empty.mp4': 'empty-file',
  'text.mp4': 'not-a-video',
  'index-cut-off.mp4': 'truncated-file',
  'sound-only.mp4': 'no-video-track',
  'mpeg4-part2.mp4': 'unsupported-codec',
  'prores.mov': 'unsupported-codec',
  'noise-for-pictures.mp4': 'decode-failed',
};

const VERDICTS = /^(Substantial evidence of generation|Inconclusive|No strong signs found)$/;

let app: AppPage;

afterEach(() => {
  app.expectClean();
});

afterAll(async () => {
  await app.close();
});

async function downloadReport(): Promise<Report> {
  const [download] = await Promise.all([
    app.page.waitForEvent('download'),
    app.page.getByRole('button', { name: /download report/i }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), 'utf8')) as Report;
}

async function expectVerdict(): Promise<void> {
  await app.page.getByRole('heading', { level: 2, name: VERDICTS }).waitFor();
}

describe('good files, dropped all at once', () => {
  let requestsAtStart: number;

  beforeAll(async () => {
    app = await AppPage.open();
    await app.waitUntilStored();
    await app.drop(...GOOD.map((name) => `good/${name}`));
    await app.select(GOOD[0]!);
    await expectVerdict();
    requestsAtStart = app.requests.length;
  });

  test.each(GOOD)('%s ends in a verdict, traces, a timeline and a valid report', async (name) => {
    await app.select(name);
    await expectVerdict();
    const report = await downloadReport();
    expectValidReport(report);
    const bytes = readFileSync(fixture(`good/${name}`));
    expect(report.file).toEqual({
      name,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const { page } = app;
    const list = page.getByRole('region', { name: /^Traces/ });
    if (report.traces.length === 0) {
      await list.getByText('No trace was found.').waitFor();
    } else {
      expect(await list.getByRole('listitem').count()).toBe(report.traces.length);
    }
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.getByRole('slider', { name: 'Playhead' }).waitFor();
    expect(await timeline.getByRole('button', { name: /, score / }).count()).toBe(report.traces.length);
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  test('once the model is there, nothing is asked of any server, not even of the app’s own', () => {
    expect(app.requests.slice(requestsAtStart)).toEqual([]);
  });
});

describe('bad files', () => {
  beforeAll(async () => {
    await app.close();
    app = await AppPage.open();
    await app.drop(...Object.keys(BAD).map((name) => `bad/${name}`));
  });

  test.each(Object.entries(BAD))('%s is refused as %s, in words', async (name, code) => {
    await app.select(name);
    const panel = app.page.getByRole('region', { name: 'This clip could not be judged' });
    await panel.getByText(code, { exact: true }).waitFor();
    const message = await panel.getByRole('paragraph').first().innerText();
    expect(message).toMatch(/^[A-Z].{30,}\.$/);
  });

  test('a file that breaks off is judged up to there, and the page says so', async () => {
    await app.drop('bad/half-of-the-data.mp4');
    await app.select('half-of-the-data.mp4');
    await expectVerdict();
    await app.page.getByText(/^The file breaks off at second \d/).waitFor();
    expect((await downloadReport()).warnings.join()).toMatch(/only the \d\.\d s before were judged/);
  });

  test('a good file behind them is judged', async () => {
    await app.drop('good/one-frame.mp4');
    await app.select('one-frame.mp4');
    await expectVerdict();
  });
});

describe('in between', () => {
  beforeAll(async () => {
    await app.close();
    app = await AppPage.open();
  });

  test('an analysis can be cancelled, and taken up again', async () => {
    const { page } = app;
    await app.drop('good/hard-cut.mp4');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await page.getByRole('button', { name: 'Judge it after all' }).click();
    await expectVerdict();
    expect((await downloadReport()).cuts).toHaveLength(1);
  });

  test('a sample clip is judged on one click, and its file is the one that ships', async () => {
    const { page } = app;
    await page.reload();
    await page.getByRole('button', { name: /^Judge this clip.*Toy ship$/ }).click();
    await expectVerdict();
    const report = await downloadReport();
    expectValidReport(report);
    const bytes = readFileSync(fixture('../../public/samples/generated-ship.mp4'));
    expect(report.file.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('a file can be chosen in a dialogue', async () => {
    const { page } = app;
    await page.reload();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Choose videos' }).click(),
    ]);
    await chooser.setFiles(fixture('good/very-short.mp4'));
    await expectVerdict();
  });
});
