/**
 * `npm run bench [-- --only PART] [--runs N] [--save]`: the speed of the built app on this machine, each figure beside
 * an alternative that is measured in the same run. Parts: {@link PARTS}.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../src/cli/build';
import { BROWSER_HINT, findBrowser } from '../src/cli/find-browser.mjs';
import { ROOT } from '../src/cli/install.mjs';
import { serveApp } from '../src/cli/server';
import { measureAnalysis } from './analysis';
import { measureBlocking } from './blocking';
import { measurePlayer } from './player';
import { describeMachine, type Bench, type Machine, type Part } from './part';

/** What is measured, in this order. */
const PARTS: Record<string, (bench: Bench) => Promise<Part>> = {
  analysis: measureAnalysis,
  blocking: measureBlocking,
  player: measurePlayer,
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string', default: '3' },
    save: { type: 'boolean', default: false },
  },
});

const chosen = values.only ?? Object.keys(PARTS);
const unknown = chosen.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  throw new Error(`There is no part "${unknown}": ${Object.keys(PARTS).join(', ')}.`);
}
await main();

async function main(): Promise<void> {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  await buildIfStale();
  const server = await serveApp();
  const results: Record<string, unknown> = {};
  try {
    const bench: Bench = { url: server.url, executablePath, runs: Math.max(1, Number(values.runs)) };
    const machine = await describeMachine(bench);
    console.log(
      `Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}\n` +
        `Browser: Chromium ${machine.browser}; Node ${machine.node}; ${machine.graphics}`,
    );
    for (const name of chosen) {
      const load = os.loadavg()[0]?.toFixed(1) ?? '?';
      const { title, rows, result } = (await PARTS[name]?.(bench)) ?? { title: '', rows: [], result: {} };
      console.log(`\n${title} (load average at the start ${load})`);
      console.log(rows.map(([label, value]) => `  ${label.padEnd(58)}${value.padStart(12)}`).join('\n'));
      results[name] = result;
    }
    if (values.save) {
      save({ date: new Date().toISOString(), machine, ...results });
    }
  } finally {
    await server.close();
  }
}

function save(found: { date: string; machine: Machine }): void {
  const folder = path.join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${found.date.slice(0, 10)}-${chosen.join('-')}.json`);
  writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  console.log(`\nSaved as ${path.relative(ROOT, file)}`);
}
