import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type LockedPackage = {
  version: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  inBundle?: boolean;
  hasInstallScript?: boolean;
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

test('no package needs its install script, and none is run', () => {
  const config = readFileSync(new URL('../../.npmrc', import.meta.url), 'utf8');
  expect(config).toMatch(/^ignore-scripts=true$/m);
  const scripted = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([name]) => name);
  // esbuild's checks its binary, which is a package of its own; protobufjs's looks at version numbers; onnxruntime-node's
  // fetches a library for Node, which nothing here loads.
  expect(scripted).toEqual([
    'node_modules/esbuild',
    'node_modules/onnxruntime-node',
    'node_modules/protobufjs',
  ]);
});

test('every package comes from a registry and is fixed by its content', () => {
  const loose = Object.entries(lock.packages).filter(
    ([name, { integrity, link, inBundle }]) => name !== '' && !integrity && !link && !inBundle,
  );
  expect(loose.map(([name]) => name)).toEqual([]);
});

test('the lock file holds the parts for every platform, so that a clean installation is possible on each', () => {
  const missing = Object.entries(lock.packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${parent}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});
