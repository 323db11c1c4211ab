import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../src/cli/install.mjs';
import { makeReport, makeReview, makeTrace } from '../../src/lib/report.fixture';
import type { RewardVideo } from '../../src/lib/scoring/reward-data';
import { readRewardData } from '../../src/lib/scoring/reward-data';
import type { ScoreCard } from '../../src/lib/scoring/score';
import { AppPage } from '../support/app-page';
import { fixture } from '../support/detect';

const run = promisify(execFile);

let folder: string;
let app: AppPage;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tellscope-reports-'));
  app = await AppPage.open();
  app.page.setDefaultTimeout(240_000);
});

afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

type ChosenFile = { name: string; mimeType: string; buffer: Buffer };

const chosen = (name: string, content: string | Buffer): ChosenFile => ({
  name,
  mimeType: '',
  buffer: Buffer.from(content),
});

describe('a report that was made earlier', () => {
  const video = readFileSync(fixture('good/plain-h264.mp4'));
  const sha256 = createHash('sha256').update(video).digest('hex');
  const report = makeReport({
    file: { name: 'plain-h264.mp4', bytes: video.length, sha256 },
    video: { ...makeReport().video, width: 320, height: 180, durationSeconds: 3 },
    traces: [makeTrace({ box: [20, 20, 120, 100], track: [{ timeSeconds: 1, box: [20, 20, 120, 100] }] })],
  });
  const document = { ...report, humanReview: makeReview({ file: { sha256 } }) };
  const about = () => app.page.getByRole('region', { name: 'Opened report' });

  test('opens with verdict and traces, without its video', async () => {
    const { page } = app;
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles(chosen('r.json', JSON.stringify(document)));
    await page.getByRole('heading', { level: 1, name: 'plain-h264.mp4' }).waitFor();
    await page.getByRole('heading', { name: 'Substantial evidence of generation' }).waitFor();
    await about().getByText('The video is not at hand.').waitFor();
    await page.getByText('The hand bends as a hand cannot.').first().waitFor();
  });

  test('says of another video that it is another one, and loses nothing', async () => {
    const picker = about().locator('input[type=file]');
    await picker.setInputFiles(chosen('plain-h264.mp4', Buffer.concat([video, Buffer.from([0])])));
    await about()
      .getByText(/This is another file: it has/)
      .waitFor();
    const other = Buffer.from(video);
    other[other.length - 1] = 255 - (other.at(-1) ?? 0);
    await picker.setInputFiles(chosen('plain-h264.mp4', other));
    await about()
      .getByText(/its SHA-256 is/)
      .waitFor();
    await app.page.getByRole('heading', { name: 'Substantial evidence of generation' }).waitFor();
  });

  test('is shown beside its video once that is chosen', async () => {
    await about().locator('input[type=file]').setInputFiles(chosen('renamed.mp4', video));
    await about().getByText('The video is the one it was made from').waitFor();
    await app.page.locator('figure video').first().waitFor();
  });

  test('saves again as what it was, human review and all', async () => {
    const [download] = await Promise.all([
      app.page.waitForEvent('download'),
      app.page.getByRole('button', { name: /download report/i }).click(),
    ]);
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(document);
  });

  test('with a mistake in it is not opened; line and field are named', async () => {
    const { page } = app;
    const text = JSON.stringify({ ...report, cuts: ['early'] }, null, 2);
    await page.locator('input[type=file]').first().setInputFiles(chosen('bad.json', text));
    const notice = page.getByRole('region', { name: 'About bad.json' });
    const line = text.split('\n').findIndex((one) => one.includes('early')) + 1;
    await notice.getByText(`line ${line}: "cuts.0" should be a number, but is "early".`).waitFor();
    await notice.getByRole('button', { name: 'Close' }).click();
    expect(await notice.count()).toBe(0);
  });
});

describe('scoring a detector', () => {
  const DATA = fixture('reward-data');
  const annotations = readFileSync(path.join(DATA, 'all_data.json'), 'utf8');
  const videos: RewardVideo[] = readRewardData(annotations).videos.filter(({ split }) => split === 'test');

  const choose = (...files: string[]): Promise<void> => app.page.getByTestId('files').setInputFiles(files);

  async function savedScores(): Promise<ScoreCard> {
    const [download] = await Promise.all([
      app.page.waitForEvent('download'),
      app.page.getByRole('button', { name: 'Save scores' }).click(),
    ]);
    return JSON.parse(readFileSync(await download.path(), 'utf8')) as ScoreCard;
  }

  async function commandLine(...args: string[]): Promise<ScoreCard> {
    const command = ['src/cli/run.mjs', 'src/cli/score.ts', ...args, '--json'];
    return JSON.parse((await run(process.execPath, command, { cwd: ROOT })).stdout) as ScoreCard;
  }

  test('answers from a file get the scores of the command line', async () => {
    const { page } = app;
    await page.getByRole('link', { name: 'Score a detector' }).click();
    await page.getByRole('heading', { level: 1, name: 'Score a detector' }).waitFor();
    const [predictions, marks] = ['predictions.jsonl', 'marks.jsonl'].map((name) => path.join(DATA, name));
    await choose(path.join(DATA, 'all_data.json'), predictions ?? '');
    // One of its lines has no usable label: whether the others count is for the person to say.
    const notice = page.getByRole('region', { name: 'About predictions.jsonl' });
    await notice
      .getByText('line 6 (video with-sound): "predicted_label" should be "REAL" or "FAKE"')
      .waitFor();
    await notice.getByRole('button', { name: /^Open the/ }).click();
    await page.getByRole('heading', { name: 'Scores of example on “test”' }).waitFor();
    await choose(marks ?? '');
    await page.getByText('* Partial').waitFor({ state: 'detached' });
    const own = page.getByRole('row', { name: /^example/ });
    await own.getByText('51.1', { exact: true }).waitFor();
    await page
      .getByRole('row', { name: /^fine-tuned VideoLLaMA 3 7B/ })
      .getByText('70.2')
      .waitFor();
    const expected = await commandLine(
      '--data',
      DATA,
      '--predictions',
      predictions ?? '',
      '--marks',
      marks ?? '',
    );
    expect(await savedScores()).toEqual(expected);
  });

  test('a mark that is taken back makes Overall partial again', async () => {
    const { page } = app;
    await page.getByRole('button', { name: /^All/ }).click();
    await page.getByRole('button', { name: 'Take the mark back' }).first().click();
    await page.getByText('* Partial').waitFor();
    await page.getByRole('radio', { name: /^1/ }).first().check();
    await page.getByText('* Partial').waitFor({ state: 'detached' });
  });

  test('its own answers get the scores of the command line, and a later visit has them', async () => {
    const { page } = app;
    const files = videos.map((video) => path.resolve(DATA, video.path));
    await page.getByRole('button', { name: 'Score Tellscope’s own instead' }).click();
    await choose(...files);
    // From a probability of 0 on every clip counts as FAKE, so that the places of the traces are scored.
    const threshold = page.getByLabel('Counts as FAKE from');
    await threshold.fill('0');
    await threshold.blur();
    await page.getByRole('button', { name: `Analyse ${videos.length} videos` }).click();
    await page.getByText(`${videos.length} of ${videos.length} videos analysed`).waitFor();
    const inPage = await savedScores();
    const onCommandLine = await commandLine(
      '--data',
      DATA,
      '--threshold',
      '0',
      '--backend',
      'wasm',
      '--work',
      path.join(folder, 'work.jsonl'),
    );
    expect(inPage).toEqual(onCommandLine);
    // The second call has everything already.
    const again = await commandLine(
      '--data',
      DATA,
      '--threshold',
      '0',
      '--backend',
      'wasm',
      '--work',
      path.join(folder, 'work.jsonl'),
    );
    expect(again).toEqual(onCommandLine);

    await page.reload();
    await choose(path.join(DATA, 'all_data.json'));
    await page.getByText(`${videos.length} of ${videos.length} videos analysed`).waitFor();
  });

  test('failures can be looked at in the player, with both boxes', async () => {
    const { page } = app;
    await choose(...videos.map((video) => path.resolve(DATA, video.path)));
    await page.getByRole('button', { name: /^All/ }).click();
    await page.getByRole('button', { name: /generated-ship/ }).click();
    await page.locator('.inspected video').waitFor();
    expect(await page.locator('.inspected rect.truth').count()).toBe(2);
    app.expectClean();
  });
});
