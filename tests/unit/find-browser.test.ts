import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBrowser } from '../../src/cli/find-browser.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tellscope-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string): string {
  const file = path.join(folder, process.platform === 'win32' ? `${name}.exe` : name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
}

test('the browser that CHROMIUM_PATH names goes before one on PATH', () => {
  program('chromium');
  const named = program('elsewhere/my-browser');
  expect(findBrowser({ PATH: folder, CHROMIUM_PATH: named })).toBe(named);
});

test('a CHROMIUM_PATH that leads nowhere is an error, not another browser', () => {
  program('chromium');
  expect(() => findBrowser({ PATH: folder, CHROMIUM_PATH: path.join(folder, 'gone') })).toThrow(
    'CHROMIUM_PATH',
  );
});

test('Chromium on PATH goes before Chrome', () => {
  program('google-chrome');
  const chromium = program('chromium');
  expect(findBrowser({ PATH: folder })).toBe(chromium);
});

test.runIf(process.platform === 'linux')('nothing is found where there is nothing', () => {
  expect(findBrowser({ PATH: folder })).toBeUndefined();
});
