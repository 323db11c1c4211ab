import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Lock = {
  packages: Record<string, { version: string; resolved?: string; dependencies?: Record<string, string> }>;
};

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as Lock;

test('there is one inference runtime, and it is the one that Transformers.js asks for', () => {
  const runtimes = Object.keys(lock.packages).filter((name) => name.endsWith('node_modules/onnxruntime-web'));
  expect(runtimes).toEqual(['node_modules/onnxruntime-web']);
  const pinned = lock.packages['node_modules/@huggingface/transformers']?.dependencies?.['onnxruntime-web'];
  expect(pinned).toMatch(/^\d/);
  expect(lock.packages['node_modules/onnxruntime-web']?.version).toBe(pinned);
  expect(lock.packages['']?.dependencies?.['onnxruntime-web']).toBe(pinned);
});

test('the lock file names no registry, so that it serves behind any mirror', () => {
  const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
  expect(resolved).toEqual([]);
});
