import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Failure } from '../../src/cli/result-line';
import type { Report } from '../../workers/report';
import { detect, fixture, parseLines, startDetect } from '../support/detect';
import { expectValidLine, expectValidReport } from '../support/report-schema';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tellscope-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

test('good and bad files give one line each, in the order of the call', async () => {
  const spaced = path.join(folder, 'a clip – ünïcode.mp4');
  copyFileSync(fixture('good/very-short.mp4'), spaced);
  const files = [
    fixture('bad/text.mp4'),
    spaced,
    path.join(folder, 'missing.mp4'),
    folder,
    fixture('bad/empty.mp4'),
    fixture('good/one-frame.mp4'),
  ];
  const { code, stdout, stderr } = await detect('--backend', 'wasm', ...files);
  expect(code, stderr).toBe(1);
  const lines = parseLines(stdout) as (Report | Failure)[];
  lines.forEach(expectValidLine);
  expect(lines.map(({ file }) => file.name)).toEqual(files.map((file) => path.basename(file)));
  expect(lines.map((line) => ('error' in line ? line.error.code : line.model.backend))).toEqual([
    'not-a-video',
    'wasm',
    'unreadable-file',
    'unreadable-file',
    'empty-file',
    'wasm',
  ]);
  expect(lines[0]?.file).toMatchObject({ bytes: statSync(files[0]!).size, sha256: sha256(files[0]!) });
  expect(lines[1]?.file).toMatchObject({ bytes: statSync(spaced).size, sha256: sha256(spaced) });
  expect(lines[2]?.file).toMatchObject({ bytes: null, sha256: null });
  expect(lines[3]).toMatchObject({ error: { message: expect.stringContaining('folder') as string } });
  expect(stderr).toContain('[2/6]');
});

test('with --out the lines go to a file, and a call without failures ends with 0', async () => {
  const out = path.join(folder, 'lines.ndjson');
  const { code, stdout, stderr } = await detect(
    fixture('good/very-short.mp4'),
    '--backend=wasm',
    '--out',
    out,
  );
  expect(code, stderr).toBe(0);
  expect(stdout).toBe('');
  const lines = parseLines(readFileSync(out, 'utf8'));
  expect(lines).toHaveLength(1);
  expectValidReport(lines[0]);
});

test('help is printed on request', async () => {
  const { code, stdout } = await detect('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('Usage:');
  expect(stdout).toContain('--backend');
});

test.each([
  ['without a file', []],
  ['with an unknown option', ['--fast', 'a.mp4']],
  ['with an output that cannot be written', ['--out', '/no/such/folder/x', 'a.mp4']],
])('a call %s ends with 2 and the help text on standard error', async (_, args) => {
  const { code, stdout, stderr } = await detect(...args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('Usage:');
});

test('a browser that cannot be started is told, with no line for any file', async () => {
  const { code, stdout, stderr } = await detect(
    '--browser',
    '/no/such/browser',
    fixture('good/one-frame.mp4'),
  );
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('/no/such/browser');
});

test('a backend the machine lacks is a failure of its own, never a silent change', async () => {
  const { code, stdout } = await detect(
    '--backend=webgpu',
    '--browser-arg=--disable-gpu',
    '--browser-arg=--disable-features=WebGPU',
    fixture('good/one-frame.mp4'),
  );
  expect(code).toBe(1);
  expect(parseLines(stdout)).toMatchObject([{ error: { code: 'backend-unavailable' } }]);
});

test.skipIf(process.platform === 'win32')('an interrupt ends the call at once', async () => {
  const files = Array<string>(20).fill(fixture('good/plain-h264.mp4'));
  const { child, ended } = startDetect('--backend', 'wasm', ...files);
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (text: string) => {
      if (text.includes('[1/20]')) {
        resolve();
      }
    });
  });
  const interrupted = performance.now();
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(performance.now() - interrupted).toBeLessThan(15_000);
  expect(parseLines(stdout).length).toBeLessThan(20);
});
