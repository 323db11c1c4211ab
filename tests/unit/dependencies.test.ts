import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type LockedPackage = {
  version: string;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};
type Lock = { packages: Record<string, LockedPackage> };

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

test('the lock file holds the parts for every platform, so that a clean installation is possible on each', () => {
  const missing = Object.entries(lock.packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${parent}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});
