import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'msedge',
];

const MAC_APPLICATIONS = ['Chromium', 'Google Chrome', 'Microsoft Edge'];

const WINDOWS_PROGRAMS = [
  ['Chromium', 'Application', 'chrome.exe'],
  ['Google', 'Chrome', 'Application', 'chrome.exe'],
  ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
];

/** What to tell a person on whose machine {@link findBrowser} finds nothing. */
export const BROWSER_HINT =
  'No Chromium or Chrome was found: install one (on Debian and Ubuntu "apt-get install chromium"), or set CHROMIUM_PATH to its program file.';

/**
 * Finds an installed Chromium-based browser: the one CHROMIUM_PATH names, else the first on PATH, else the first
 * in the usual places of macOS and Windows.
 *
 * @param {NodeJS.ProcessEnv} [env] the environment to look in.
 * @returns {string | undefined} path of the program, or undefined when there is none.
 * @throws {Error} when CHROMIUM_PATH names something that cannot be run.
 */
export function findBrowser(env = process.env) {
  const named = env['CHROMIUM_PATH'];
  if (named) {
    if (!isProgram(named)) {
      throw new Error(`CHROMIUM_PATH is set to "${named}", which is not a program file.`);
    }
    return named;
  }
  return candidates(env).find(isProgram);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 */
function candidates(env) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name + suffix)));
  if (process.platform === 'darwin') {
    const roots = ['/Applications', path.join(env['HOME'] ?? '/', 'Applications')];
    const inBundle = (/** @type {string} */ root) =>
      MAC_APPLICATIONS.map((name) => path.join(root, `${name}.app`, 'Contents', 'MacOS', name));
    return [...onPath, ...roots.flatMap(inBundle)];
  }
  if (process.platform === 'win32') {
    const roots = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']];
    const programs = roots.flatMap((root) =>
      root ? WINDOWS_PROGRAMS.map((parts) => path.join(root, ...parts)) : [],
    );
    return [...onPath, ...programs];
  }
  return onPath;
}

/**
 * @param {string} file
 * @returns {boolean}
 */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
