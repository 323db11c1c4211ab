/**
 * `npm test`: everything that can be checked on this machine, one step after the other, ending at the first failure.
 * Needs nothing installed but Node; says in one line what it leaves out and why.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { BROWSER_HINT, findBrowser } from './find-browser.mjs';
import { ensureInstalled, ROOT } from './install.mjs';

const VITEST = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
/** What training/requirements.txt installs, by the names they are imported under. */
const PYTHON_PACKAGES = ['pytest', 'numpy', 'scipy', 'sklearn', 'torch', 'onnx', 'onnxruntime', 'PIL', 'av'];

try {
  ensureInstalled();
  const browser = findBrowser() ?? installBrowser();
  process.env['CHROMIUM_PATH'] = browser;
  step('npm run check', npm('run', 'check'));
  // One after the other, since small machines have two cores; what takes longest comes last.
  for (const project of ['node', 'browser', 'cli', 'e2e']) {
    testApp(project);
  }
  testTraining();
  testApp('browser-webgpu');
  console.log('\nEverything passed.');
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/**
 * Installs Debian's Chromium where that is possible without asking anyone.
 *
 * @returns {string}
 */
function installBrowser() {
  if (process.platform === 'linux' && process.getuid?.() === 0 && runs(['apt-get', '--version'])) {
    step('install Chromium', ['apt-get', 'update']);
    step('install Chromium', ['apt-get', 'install', '--yes', '--no-install-recommends', 'chromium']);
  }
  const browser = findBrowser();
  if (!browser) {
    throw new Error(BROWSER_HINT);
  }
  return browser;
}

/** @param {string} project one of the projects in vitest.config.ts */
function testApp(project) {
  step(`tests: ${project}`, [process.execPath, VITEST, 'run', '--project', project]);
}

function testTraining() {
  const python = ['python3', 'python'].find((name) =>
    runs([name, '-c', `import ${PYTHON_PACKAGES.join(', ')}`]),
  );
  if (!python) {
    console.log(`\nLeft out: training/tests, for want of a Python with ${PYTHON_PACKAGES.join(', ')}.`);
    return;
  }
  step('tests: training', [python, '-m', 'pytest', '-q', 'training/tests']);
}

/**
 * @param {string[]} args
 * @returns {string[]}
 */
function npm(...args) {
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js') ? [process.execPath, script, ...args] : ['npm', ...args];
}

/**
 * @param {string} name
 * @param {string[]} command
 */
function step(name, [program = '', ...args]) {
  console.log(`\n=== ${name}`);
  const started = performance.now();
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) {
    throw new Error(`Failed: ${name}${error ? ` (${error.message})` : ''}`);
  }
  console.log(`--- ${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/**
 * @param {string[]} command
 * @returns {boolean} whether the command ends well.
 */
function runs([program = '', ...args]) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
