import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DIST } from '../../src/cli/build';
import { serveApp, type AppServer } from '../../src/cli/server';
import { headersFor } from '../../src/security-headers';

const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) =>
  statSync(path.join(DIST, name)).isFile(),
);

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
      .map((file) => path.basename(file).replace(/-[\w-]{8}\.js$/, ''))
      .sort();
  // transformers.js brings both as its defaults, which the worker that uses it overrides.
  expect(naming(/jsdelivr|unpkg|cdnjs/)).toEqual(['inference.worker']);
  // The page names the hub in the question it asks before a download, the service worker in the downloader's policy.
  expect(naming(/huggingface\.co/)).toEqual(['index', 'inference.worker', 'service-worker.js']);
});

const policyOf = (file: string): string => headersFor(file)['Content-Security-Policy'] ?? '';

test('every file is served with the headers of its place', async () => {
  for (const file of ['', ...files]) {
    const response = await fetch(new URL(file, server.url), { method: 'HEAD' });
    expect(response.status, file).toBe(200);
    for (const [name, value] of Object.entries(headersFor(file))) {
      expect(response.headers.get(name), `${name} of "${file}"`).toBe(value);
    }
  }
});

test('every worker is one file in a room of its own policy, and no policy of a worker that sees a video names a network', () => {
  const workers = files.filter((file) => /\.worker-[\w-]+\.js$/.test(file));
  expect(workers.map((file) => path.dirname(file))).toContain('workers/isolated');
  for (const file of workers) {
    expect(readFileSync(path.join(DIST, file), 'utf8'), file).not.toMatch(
      /^import\b|\bfrom\s*["'][^"']+["'];/m,
    );
    // These two fetch larger models once the visitor has agreed, and never see a video.
    if (!/^workers\/(downloading|mirroring)\//.test(file)) {
      expect(file).toMatch(/^workers\/isolated\//);
      expect(policyOf(file)).not.toMatch(/'self'|https?:|\*/);
    }
  }
});

test('no policy allows inline scripts, and none of a document allows other addresses', () => {
  for (const file of files) {
    expect(policyOf(file)).toMatch(/^default-src 'none'/);
    expect(policyOf(file)).not.toMatch(/unsafe-inline|'unsafe-eval'/);
  }
  expect(policyOf('')).not.toMatch(/https?:|wss?:/);
});

test('the headers file for static hosts gives every file the same headers, each once', () => {
  const rules = readFileSync(path.join(DIST, '_headers'), 'utf8')
    .split(/^(?=\/)/m)
    .map((rule) => rule.trim().split('\n'));
  for (const file of ['', 'headless', ...files.filter((name) => name !== '_headers')]) {
    const found = rules
      .filter(([pattern = '']) =>
        pattern.endsWith('*') ? `/${file}`.startsWith(pattern.slice(0, -1)) : pattern === `/${file}`,
      )
      .flatMap(([, ...lines]) => lines.map((line) => line.trim()));
    const expected = Object.entries(headersFor(file)).map(([name, value]) => `${name}: ${value}`);
    expect(found.sort(), file).toEqual(expected.sort());
  }
});

test('what is not there is a 404, not the start page', async () => {
  expect((await fetch(new URL('models/tracenet/none.onnx', server.url))).status).toBe(404);
});
