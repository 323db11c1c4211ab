import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../src/cli/install.mjs';
import { makeReport, makeTrace } from '../../src/lib/report.fixture';
import type { PredictionLine } from '../../src/lib/scoring/prediction-line';
import type { ScoreCard } from '../../src/lib/scoring/score';
import { fixture, parseLines } from '../support/detect';

const DATA = fixture('reward-data');
const PREDICTIONS = path.join(DATA, 'predictions.jsonl');
const MARKS = path.join(DATA, 'marks.jsonl');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tellscope-score-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function score(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['src/cli/run.mjs', 'src/cli/score.ts', ...args],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return { code: status, stdout, stderr };
}

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('scoring the miniature data set', () => {
  test('prints the row beside the published ones, and names what scores worst', () => {
    const { code, stdout, stderr } = score(
      '--data',
      DATA,
      '--predictions',
      PREDICTIONS,
      '--marks',
      MARKS,
      '--table',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('6 videos (3 generated, 3 real), 4 traces');
    expect(stdout).toMatch(/^example +51\.1 +50\.0 +66\.7 +33\.3 +50\.0 +37\.5 +39\.5 +33\.2$/m);
    expect(stdout).toMatch(
      /^fine-tuned VideoLLaMA 3 7B +70\.2 +99\.4 +99\.3 +99\.4 +70\.6 +32\.6 +13\.6 +21\.9$/m,
    );
    expect(stderr).toContain('line 6 (video with-sound): "predicted_label" should be "REAL" or "FAKE"');
  });

  test('prints the same as JSON, with the table on standard error', () => {
    const { stdout, stderr } = score('--data', DATA, '--predictions', PREDICTIONS, '--marks', MARKS);
    expect(stderr).toMatch(/^example +51\.1 /m);
    const card = JSON.parse(stdout) as ScoreCard & { model: string; split: string; published: unknown[] };
    expect([card.model, card.split, card.published.length]).toEqual(['example', 'test', 9]);
    expect(card.scores.overall?.value).toBeCloseTo(51.0685, 3);
    expect(card.bySource['CogVideoX']?.boxIou?.value).toBeCloseTo(50, 9);
  });

  test('marks Overall as partial without a judge', () => {
    const { stdout } = score('--data', DATA, '--predictions', PREDICTIONS, '--table');
    expect(stdout).toMatch(/^example +51\.4\* +50\.0 .* - /m);
    expect(stdout).toContain('* Partial:');
  });

  test('names rows that had to be left out, and ends with 1', () => {
    const rows = JSON.parse(readFileSync(path.join(DATA, 'all_data.json'), 'utf8')) as Record<
      string,
      unknown
    >[];
    rows[3] = { ...rows[3], faketrace_first_frame: 'late' };
    write('all_data.json', JSON.stringify(rows));
    const { code, stdout, stderr } = score('--data', folder, '--predictions', PREDICTIONS, '--table');
    expect(code).toBe(1);
    expect(stdout).toContain('5 videos (2 generated, 3 real), 3 traces');
    expect(stderr).toContain(
      'row 4 (video hard-cut): "faketrace_first_frame" should be the number of a frame',
    );
  });

  test.each([
    [
      ['--data', DATA, '--predictions', PREDICTIONS, '--reports', PREDICTIONS],
      2,
      'Name either --predictions or --reports.',
    ],
    [['--predictions', PREDICTIONS], 2, 'Name the data set with --data.'],
    [
      ['--reports', PREDICTIONS, '--threshold', 'high'],
      2,
      '--threshold is a number from 0 to 1, not "high".',
    ],
    [['--data', DATA, '--predictions', PREDICTIONS, '--split', 'dev'], 1, 'it has: test, val'],
    [['--data', ROOT, '--predictions', PREDICTIONS], 1, 'all_data.json'],
  ])('%j ends with %i', (args, expected, message) => {
    const { code, stdout, stderr } = score(...args);
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
  });
});

describe('reports', () => {
  const lines = [
    makeReport({
      file: { name: 'generated-mural.mp4', bytes: 1, sha256: 'a'.repeat(64) },
      traces: [
        makeTrace({ box: [195, 10, 285, 82], startSeconds: 1.275, endSeconds: 2, score: 0.9 }),
        makeTrace({ id: 'trace-2', box: [0, 0, 5, 5] }),
      ],
    }),
    makeReport({
      file: { name: 'real-walk.mp4', bytes: 1, sha256: 'a'.repeat(64) },
      verdict: { band: 'inconclusive', fakeProbability: 0.6, reasons: [] },
    }),
    {
      schema: 'tellscope-report/1',
      file: { name: 'hard-cut.mp4', bytes: null, sha256: null },
      error: { code: 'truncated-file', message: 'The file is cut off.' },
    },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');

  test('become prediction lines of their top traces', () => {
    const { code, stdout } = score('--reports', write('reports.jsonl', text), '--threshold', '0.9');
    expect(code).toBe(0);
    const predictions = parseLines(stdout) as PredictionLine[];
    expect(predictions[0]).toEqual({
      video_id: 'generated-mural',
      model_id: 'tracenet 1.0.0',
      task: 'reasoning',
      predicted_label: 'FAKE',
      fake_probability: 0.93,
      start_time: 1.275,
      end_time: 2,
      bbox: { left: 195, top: 10, width: 90, height: 72 },
      explanation: 'The hand bends as a hand cannot.',
      latency_seconds: 3,
      quantization: 'fp32',
      error: null,
    });
    expect(predictions[1]).toMatchObject({ predicted_label: 'REAL', bbox: null, start_time: null });
    expect(predictions[2]).toMatchObject({
      video_id: 'hard-cut',
      model_id: 'tracenet 1.0.0',
      predicted_label: null,
      error: 'truncated-file: The file is cut off.',
    });
  });

  test('are called fake from the threshold on', () => {
    const { stdout } = score('--reports', write('reports.jsonl', text), '--threshold', '0.6');
    expect((parseLines(stdout) as PredictionLine[]).map((line) => line.predicted_label)).toEqual([
      'FAKE',
      'FAKE',
      null,
    ]);
  });

  test('are scored directly, and a line that is none is named', () => {
    const reports = write(
      'reports.jsonl',
      `${text}{"schema":"tellscope-report/1","file":{"name":"x.mp4"}}\n`,
    );
    const { code, stdout, stderr } = score(
      '--data',
      DATA,
      '--reports',
      reports,
      '--json',
      '--threshold',
      '0.9',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/line 4 \(video x\): "model" should be .*missing/);
    const card = JSON.parse(stdout) as ScoreCard;
    // Right: mural and walk. The other four have no answer, one of them because its file failed.
    expect(card.scores.accuracy?.value).toBeCloseTo(100 / 3, 9);
    expect(card.unanswered).toBe(3);
    expect(card.scores.boxIou?.value).toBeCloseTo(25, 9);
  });
});
