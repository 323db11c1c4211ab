import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../src/cli/install.mjs';
import { boxIou } from '../../src/lib/scoring/geometry';
import type { ScoreCard } from '../../src/lib/scoring/score';
import type { Report } from '../../workers/report';
import { detect, fixture, parseLines } from '../support/detect';

const run = promisify(execFile);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tellscope-scored-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('the miniature data set is judged and scored from its videos', async () => {
  const data = fixture('reward-data');
  const rows = JSON.parse(readFileSync(path.join(data, 'all_data.json'), 'utf8')) as {
    video_id: string;
    video_path: string;
    split: string;
  }[];
  const ids = ['generated-mural', 'real-walk'];
  const videos = ids.map((id) => path.join(data, rows.find((row) => row.video_id === id)?.video_path ?? ''));
  const { code, stdout } = await detect('--backend', 'wasm', ...videos);
  expect(code).toBe(0);
  const reports = path.join(folder, 'reports.jsonl');
  writeFileSync(reports, stdout);

  // From a threshold of 0 on every clip counts as generated, so that the place of its top trace is scored.
  const args = ['--data', data, '--reports', reports, '--threshold', '0', '--json'];
  const scored = await run(process.execPath, ['src/cli/run.mjs', 'src/cli/score.ts', ...args], { cwd: ROOT });
  const card = JSON.parse(scored.stdout) as ScoreCard;
  expect(card.unanswered).toBe(4);
  expect(card.scores.accuracy?.value).toBeCloseTo(100 / 6, 9);
  expect(card.scores.realAccuracy?.value).toBe(0);
  const [mural] = parseLines(stdout) as Report[];
  const top = mural?.traces[0];
  const expected = top ? (100 * boxIou(top.box, [195, 10, 285, 82])) / 4 : 0;
  expect(card.scores.boxIou?.value).toBeCloseTo(expected, 6);
});
