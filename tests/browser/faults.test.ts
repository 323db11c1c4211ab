import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DetectorClient, type DetectorOptions } from '../../src/lib/detector-client';
import { fetchModelAssets } from '../../src/lib/model-assets';
import type { AnalysisEvent, ModelAssets } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import type { Fault } from '../support/faulty.worker';
import { fixture } from '../support/fixture';
import { withTinyModel } from '../support/tiny-model';

const never = new AbortController().signal;

let assets: ModelAssets;
let file: File;
let undisturbed: Report;
let clients: DetectorClient[] = [];

/** A client whose workers meet these faults, the first worker the first. */
function startClient(
  faults: (`${Fault}@${number}` | undefined)[],
  options: DetectorOptions = {},
): { client: DetectorClient; workers: () => number } {
  let workers = 0;
  const spawn = (): Worker =>
    new Worker(new URL('../support/faulty.worker.ts', import.meta.url), {
      type: 'module',
      name: faults[workers++] ?? 'faultless',
    });
  const client = new DetectorClient('wasm', { assets: () => Promise.resolve(assets), spawn, ...options });
  clients.push(client);
  return { client, workers: () => workers };
}

async function judge(
  client: DetectorClient,
  clip = file,
): Promise<{ report: Report; events: AnalysisEvent[] }> {
  const events: AnalysisEvent[] = [];
  const report = await client.analyse(clip, (event) => events.push(event), never);
  return { report, events };
}

/** What two runs on one file have in common, whatever happened on the way. */
function findings(report: Report): Partial<Report> {
  const { analysedAt: _date, timing: _timing, warnings: _warnings, ...same } = report;
  return same;
}

beforeAll(async () => {
  assets = await withTinyModel(await fetchModelAssets());
  file = await fixture('good/hard-cut.mp4');
  undisturbed = (await judge(startClient([]).client)).report;
  // Without traces and cuts, little would have to be the same.
  expect(undisturbed.traces.length).toBeGreaterThan(0);
  expect(undisturbed.cuts.length).toBeGreaterThan(0);
}, 120_000);

afterEach(() => {
  clients.forEach((client) => client.dispose());
  clients = [];
});

describe('a fault in the middle of a clip', () => {
  test('a worker that dies twice without a word: the job goes on after its last window', async () => {
    const { client, workers } = startClient(['die@2', 'throw@1']);
    const { report, events } = await judge(client);
    expect(findings(report)).toEqual(findings(undisturbed));
    expect(report.warnings.join()).toMatch(/\(2 times\); the analysis went on where it had stopped/);
    expect(workers()).toBe(3);
    expect(events.filter((event) => event.type === 'interrupted')).toHaveLength(2);
    const restored = events.findLast((event) => event.type === 'restored')!;
    expect(restored.windows.length).toBeGreaterThanOrEqual(1);
    // What was finished was not run again.
    expect(restored.heat.map(({ times }) => times[0])).toEqual(
      restored.windows.map(({ startSeconds }) => startSeconds),
    );
    const judgedAfterwards = events.slice(events.indexOf(restored)).filter(({ type }) => type === 'window');
    expect(judgedAfterwards).toHaveLength(report.windows.length - restored.windows.length);
  }, 180_000);

  test('a worker that hangs is given up when it does not answer, and replaced', async () => {
    const limits = { answerSeconds: 20, progressSeconds: 600 };
    const { client, workers } = startClient(['hang@2'], { limits });
    expect(findings((await judge(client)).report)).toEqual(findings(undisturbed));
    expect(workers()).toBe(2);
  }, 180_000);

  test('a worker that dies again and again at one place ends in a clear error, and the next file is judged', async () => {
    const { client, workers } = startClient(['die@1', 'die@1', 'die@1']);
    const short = await fixture('good/very-short.mp4');
    await expect(judge(client, short)).rejects.toMatchObject({ code: 'worker-lost' });
    expect(workers()).toBe(3);
    expect((await judge(client, short)).report.windows).toHaveLength(1);
  }, 180_000);
});
