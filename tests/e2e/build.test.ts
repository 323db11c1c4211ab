import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DIST } from '../../src/cli/build';
import { serveApp, type AppServer } from '../../src/cli/server';
import { SECURITY_HEADERS } from '../../src/security-headers';

const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' });

let server: AppServer;

beforeAll(async () => {
  server = await serveApp();
});

afterAll(async () => {
  await server.close();
});

test('the build holds exactly one inference runtime', () => {
  expect(files.filter((file) => file.endsWith('.wasm'))).toEqual([
    path.join('runtime', 'ort-wasm-simd-threaded.asyncify.wasm'),
  ]);
});

test('no script of the build names a content delivery network or the hub, but for the second opinion’s', () => {
  const scripts = files.filter((file) => /\.m?js$/.test(file));
  expect(scripts.length).toBeGreaterThan(2);
  const naming = (pattern: RegExp): string[] =>
    scripts
      .filter((file) => pattern.test(readFileSync(path.join(DIST, file), 'utf8')))
      .map((file) => path.basename(file).replace(/-[\w-]+\.js$/, ''))
      .sort();
  // transformers.js brings both as its defaults, which the worker that uses it overrides.
  expect(naming(/jsdelivr|unpkg|cdnjs/)).toEqual(['inference.worker']);
  // The page names the hub in the question it asks before a download.
  expect(naming(/huggingface\.co/)).toEqual(['index', 'inference.worker']);
});

test('documents, worker and runtime are all served with the security headers', async () => {
  const worker = files.find((file) => path.basename(file).startsWith('detector.worker'));
  expect(worker).toBeDefined();
  for (const file of ['', 'headless.html', worker!, 'runtime/ort-wasm-simd-threaded.asyncify.mjs']) {
    const response = await fetch(new URL(file, server.url));
    expect(response.status, file).toBe(200);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      expect(response.headers.get(name), `${name} of "${file}"`).toBe(value);
    }
  }
});

test('the headers file for static hosts carries the same headers', () => {
  const text = readFileSync(path.join(DIST, '_headers'), 'utf8');
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    expect(text).toContain(`  ${name}: ${value}\n`);
  }
});

test('what is not there is a 404, not the start page', async () => {
  expect((await fetch(new URL('models/tracenet/none.onnx', server.url))).status).toBe(404);
});
