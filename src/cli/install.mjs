import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const REQUIRED_NODE = [20, 19];

/** @typedef {{ version?: string, optional?: boolean, peer?: boolean }} LockedPackage */

/**
 * Installs the locked dependencies when they are missing or not those of `package-lock.json`.
 * Uses nothing but Node itself, so that it can run in a fresh clone.
 *
 * @throws {Error} when Node is too old or the installation fails.
 */
export function ensureInstalled() {
  requireNode();
  if (isInstalled()) {
    return;
  }
  console.error('Installing dependencies ...');
  const npm = process.env['npm_execpath'];
  // npm's own script is run directly where npm tells us its path: its launcher is a batch file on Windows.
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const { status, error } = spawnSync(
    command,
    [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      cwd: ROOT,
      // Standard output may carry a result that another program reads.
      stdio: ['ignore', process.stderr, process.stderr],
      shell: command === 'npm' && process.platform === 'win32',
    },
  );
  if (status !== 0) {
    throw new Error(`npm ci failed${error ? ` (${error.message})` : ''}: check the network and try again.`);
  }
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [requiredMajor = 0, requiredMinor = 0] = REQUIRED_NODE;
  if (major < requiredMajor || (major === requiredMajor && minor < requiredMinor)) {
    throw new Error(
      `Tellscope needs Node ${REQUIRED_NODE.join('.')} or newer; this is ${process.versions.node}.`,
    );
  }
}

/**
 * Compares what npm recorded as installed with the lock file. Optional packages are left out: those of other
 * platforms are locked but never installed.
 *
 * @returns {boolean}
 */
function isInstalled() {
  const record = path.join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) {
    return false;
  }
  const installed = readPackages(record);
  const locked = readPackages(path.join(ROOT, 'package-lock.json'));
  return Object.entries(locked).every(
    ([name, { version, optional }]) =>
      name === '' || optional === true || (version !== undefined && installed[name]?.version === version),
  );
}

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage>}
 */
function readPackages(file) {
  const lock = /** @type {{ packages: Record<string, LockedPackage> }} */ (
    JSON.parse(readFileSync(file, 'utf8'))
  );
  return lock.packages;
}
