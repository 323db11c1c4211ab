import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { ROOT } from './install.mjs';

/** Where the built app lies. */
export const DIST = path.join(ROOT, 'dist');
const MARKER = path.join(DIST, 'index.html');

/** What the built app is made of. */
const SOURCES = ['src', 'workers', 'public', 'vite.config.ts', 'package-lock.json'];
/** Parts of the sources that are not in the app. */
const NOT_BUILT = /^src\/cli$|\.test\.ts$/;

/** Builds the app into `dist` unless what lies there is newer than every source. */
export async function buildIfStale(): Promise<void> {
  const built = modifiedAt(MARKER);
  if (SOURCES.some((source) => hasNewer(source, built))) {
    console.error('Building the app ...');
    await buildApp();
  }
}

/**
 * Builds beside `dist` and swaps the folders at the end, so that a server or a second build that runs at the same
 * time never sees half a build.
 */
async function buildApp(): Promise<void> {
  const started = new Date();
  const next = path.join(ROOT, '.vite', `build-${process.pid}`);
  mkdirSync(next, { recursive: true });
  // A test runner sets another, and what it tests would not be the app that people get.
  const environment = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      configFile: path.join(ROOT, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: next, emptyOutDir: true },
    });
    rmSync(DIST, { recursive: true, force: true });
    renameSync(next, DIST);
  } finally {
    rmSync(next, { recursive: true, force: true });
    if (environment === undefined) {
      delete process.env['NODE_ENV'];
    } else {
      process.env['NODE_ENV'] = environment;
    }
  }
  // A source that changed during the build counts as newer than it.
  utimesSync(MARKER, started, started);
}

function hasNewer(source: string, time: number): boolean {
  if (NOT_BUILT.test(source)) {
    return false;
  }
  const status = statSync(path.join(ROOT, source));
  if (status.mtimeMs > time) {
    return true;
  }
  return (
    status.isDirectory() &&
    readdirSync(path.join(ROOT, source)).some((name) => hasNewer(`${source}/${name}`, time))
  );
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
