/**
 * `npm run bench [-- --runs N] [--save]`: how long the built app takes to judge a 10 s 720p clip on the processor, by
 * stage, and how fast it gets its frames compared with seeking a video element to the same times.
 * The best run counts: on a machine that does other things as well, the others measure those.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from '../workers/report';
import { buildIfStale } from '../src/cli/build';
import { DetectorBrowser } from '../src/cli/detector-browser';
import { BROWSER_HINT, findBrowser } from '../src/cli/find-browser.mjs';
import { ROOT } from '../src/cli/install.mjs';
import { serveApp } from '../src/cli/server';
import { timeSeeking } from './seeking';

const CLIP = path.join(ROOT, 'bench', 'clip-720p.mp4');
const SAMPLES_PER_SECOND = 6;

/** One run of the detector. */
type Run = Report['timing'] & { modelLoadSeconds: number };

/** Everything a benchmark found, as it is saved. */
type Result = {
  date: string;
  machine: { cpu: string; cores: number; memoryGiB: number; platform: string; node: string; browser: string };
  model: Report['model'];
  clip: Report['video'];
  /** The fastest run. */
  best: Run;
  runs: Run[];
  /** Getting the same frames by seeking a video element. */
  seekSeconds: number;
};

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, save: { type: 'boolean', default: false } },
});

const result = await measure(Math.max(1, Number(values.runs)));
print(result);
if (values.save) {
  save(result);
}

async function measure(runCount: number): Promise<Result> {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error(BROWSER_HINT);
  }
  await buildIfStale();
  const server = await serveApp();
  const runs: Run[] = [];
  let seekSeconds = Infinity;
  let last: Report | undefined;
  let browserVersion = '';
  try {
    for (let index = 0; index < runCount; index++) {
      // A fresh browser each time: nothing is compiled or cached yet, as on a first visit.
      const browser = new DetectorBrowser(server.url, 'wasm', { executablePath, args: [] });
      try {
        const opened = performance.now();
        let modelLoadSeconds = NaN;
        const outcome = await browser.detect(CLIP, (event) => {
          if (event.type === 'model') {
            modelLoadSeconds = (performance.now() - opened) / 1000;
          }
        });
        if (!outcome.ok) {
          throw new Error(outcome.error.message);
        }
        last = outcome.value;
        runs.push({ ...last.timing, modelLoadSeconds });
        const page = await browser.open();
        browserVersion = page.context().browser()?.version() ?? '';
        seekSeconds = Math.min(seekSeconds, await timeSeeking(page, sampleTimes(last.video.durationSeconds)));
      } finally {
        await browser.close();
      }
    }
  } finally {
    await server.close();
  }
  const best = runs.toSorted((a, b) => a.totalSeconds - b.totalSeconds)[0];
  if (!last || !best) {
    throw new Error('Nothing was measured.');
  }
  return {
    date: new Date().toISOString(),
    machine: describeMachine(browserVersion),
    model: last.model,
    clip: last.video,
    best,
    runs,
    seekSeconds,
  };
}

/** The times at which the detector looks at a clip. */
function sampleTimes(durationSeconds: number): number[] {
  return Array.from(
    { length: Math.floor(durationSeconds * SAMPLES_PER_SECOND) },
    (_, index) => index / SAMPLES_PER_SECOND,
  );
}

function describeMachine(browser: string): Result['machine'] {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    browser,
  };
}

function print({ machine, model, clip, best, runs, seekSeconds }: Result): void {
  const rows: [string, string][] = [
    ['model load, golden test included', seconds(best.modelLoadSeconds)],
    ['decode', seconds(best.decodeSeconds)],
    ['preprocess', seconds(best.preprocessSeconds)],
    ['inference', seconds(best.inferenceSeconds)],
    ['hash (beside the rest)', seconds(best.hashSeconds)],
    ['total, without model load', seconds(best.totalSeconds)],
    ['clip seconds per wall second', (clip.durationSeconds / best.totalSeconds).toFixed(2)],
    ['same frames by seeking a <video>', seconds(seekSeconds)],
    ['decoding is faster than seeking by', `${(seekSeconds / best.decodeSeconds).toFixed(1)} x`],
  ];
  console.log(
    [
      `Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`,
      `Browser: Chromium ${machine.browser}; Node ${machine.node}; load average ${os.loadavg()[0]?.toFixed(1) ?? '?'}`,
      `Model:   ${model.id} ${model.version} (${model.backend}, ${model.precision})`,
      `Clip:    ${clip.width}x${clip.height}, ${clip.durationSeconds.toFixed(1)} s, ${clip.frameCount} frames, ${clip.codec}`,
      `Best of ${runs.length}:`,
      ...rows.map(([name, value]) => `  ${name.padEnd(36)}${value.padStart(10)}`),
    ].join('\n'),
  );
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function save(found: Result): void {
  const folder = path.join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${found.date.slice(0, 10)}-${found.model.id}-${found.model.version}.json`);
  writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  console.log(`Saved as ${path.relative(ROOT, file)}`);
}
