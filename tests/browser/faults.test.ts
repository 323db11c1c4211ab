import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DetectorClient, type DetectorOptions } from '../../src/lib/detector-client';
import { fetchModelAssets } from '../../src/lib/model-assets';
import type { AnalysisEvent, ModelAssets } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import type { Fault } from '../support/faulty.worker';
import { findings } from '../support/findings';
import { fixture } from '../support/fixture';
import { longClip } from '../support/long-clip';
import { withTinyModel } from '../support/tiny-model';

const never = new AbortController().signal;

/** The installed model, and one that answers at once. */
let installed: ModelAssets;
let assets: ModelAssets;
let file: File;
let undisturbed: Report;
let clients: DetectorClient[] = [];

/** A client whose workers meet these faults, the first worker the first. */
function startClient(
  faults: (`${Fault | 'small-memory'}@${number}` | `fill-memory@${number}@${string}` | undefined)[],
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

beforeAll(async () => {
  installed = await fetchModelAssets();
  assets = await withTinyModel(installed);
  const clip = await fixture('good/hard-cut.mp4');
  file = new File([await longClip(await clip.bytes(), 12)], 'long.mp4');
  undisturbed = (await judge(startClient([]).client)).report;
  // Without traces and cuts, little would have to be the same.
  expect(undisturbed.traces.length).toBeGreaterThan(0);
  expect(undisturbed.cuts.length).toBeGreaterThan(0);
  expect(undisturbed.windows.length).toBeGreaterThan(5);
}, 120_000);

afterEach(() => {
  clients.forEach((client) => client.dispose());
  clients = [];
});

describe('a fault in the middle of a clip', () => {
  test('a worker that dies twice without a word: the job goes on after its last window', async () => {
    const { client, workers } = startClient(['die@3', 'throw@2']);
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
    const { client, workers } = startClient(['hang@3'], { limits });
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

describe('memory that runs out', () => {
  test('in the middle of a clip: the job goes on after its last window', async () => {
    // By this name the build of the runtime exports its allocator.
    const malloc = /\b_malloc=\w+\.(\w+)/.exec(await assets.runtimeModule.text())![1]!;
    const { client, workers } = startClient([`fill-memory@3@${malloc}`]);
    const { report, events } = await judge(client);
    expect(findings(report)).toEqual(findings(undisturbed));
    expect(workers()).toBe(2);
    expect(report.warnings.join()).toMatch(
      // Without memory the runtime does not always find the words for what is missing.
      /(The memory did not suffice|The model failed while running); the analysis went on/,
    );
    const restored = events.findLast((event) => event.type === 'restored')!;
    expect(restored.windows.length).toBeGreaterThanOrEqual(1);
  }, 180_000);

  test('when the model is loaded: another worker is tried, and in the end the error says what to do', async () => {
    // The tiny model needs less than the runtime has from the beginning.
    const options = { assets: () => Promise.resolve(installed) };
    const short = await fixture('good/very-short.mp4');
    const starved = startClient(['small-memory@256'], options);
    expect((await judge(starved.client, short)).report.windows).toHaveLength(1);
    expect(starved.workers()).toBe(2);
    const { client } = startClient(['small-memory@256', 'small-memory@256', 'small-memory@256'], options);
    await expect(judge(client, short)).rejects.toMatchObject({ code: 'out-of-memory' });
    expect((await judge(client, short)).report.windows).toHaveLength(1);
  }, 180_000);
});

describe('what the page has fetched is damaged', () => {
  /** Hands out damaged assets so many times, then those there should be. */
  const damagedFor = (times: number, damage: (good: ModelAssets) => ModelAssets) => {
    let asked = 0;
    return () => Promise.resolve(++asked > times ? assets : damage(assets));
  };
  const truncated = (blob: Blob): Blob => blob.slice(0, blob.size / 2);

  test.each([
    ['the runtime is truncated', (good) => ({ ...good, runtimeBinary: truncated(good.runtimeBinary) })],
    ['its script is truncated', (good) => ({ ...good, runtimeModule: truncated(good.runtimeModule) })],
    ['the runtime is something else', (good) => ({ ...good, runtimeBinary: new Blob(['<!doctype html>']) })],
    [
      'a model file is truncated',
      (good) => ({
        ...good,
        files: { ...good.files, 'tiny-trace.onnx': truncated(good.files['tiny-trace.onnx']!) },
      }),
    ],
    [
      'a model file is missing',
      ({ files: { 'tiny-trace.onnx': _missing, ...files }, ...good }) => ({ ...good, files }),
    ],
  ] satisfies [string, (good: ModelAssets) => ModelAssets][])(
    '%s: it is fetched anew for a new worker',
    async (_, damage) => {
      const { client, workers } = startClient([], { assets: damagedFor(1, damage) });
      expect(findings((await judge(client)).report)).toEqual(findings(undisturbed));
      expect(workers()).toBe(2);
    },
    180_000,
  );

  test('it stays altered: an error says so, and once it is whole again the next file is judged', async () => {
    const altered = (good: ModelAssets): ModelAssets => {
      const bytes = good.files['tiny-trace.onnx']!;
      const flipped = new Blob([bytes.slice(0, bytes.size - 1), new Uint8Array([0xff])]);
      return { ...good, files: { ...good.files, 'tiny-trace.onnx': flipped } };
    };
    const { client } = startClient([], { assets: damagedFor(2, altered) });
    await expect(judge(client)).rejects.toMatchObject({ code: 'model-altered' });
    expect(findings((await judge(client)).report)).toEqual(findings(undisturbed));
  }, 180_000);
});
