import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fetchModelAssets } from '../../src/lib/model-assets';
import type { AnalysisEvent, ModelAssets } from '../../workers/protocol';
import { fixture } from '../support/fixture';
import { longClip } from '../support/long-clip';
import { withTinyModel } from '../support/tiny-model';
import { WatchedDetector } from '../support/watched-detector';

let assets: ModelAssets;
let clip: File;
let detector: WatchedDetector | undefined;

beforeAll(async () => {
  assets = await withTinyModel(await fetchModelAssets());
  clip = await fixture('good/hard-cut.mp4');
});

afterEach(() => detector?.dispose());

/** Detector workers that are alive, whoever knows of them: each holds a lock for as long as it lives. */
async function workersAlive(): Promise<number> {
  const { held = [] } = await navigator.locks.query();
  return held.filter(({ name }) => name?.startsWith('tellscope-detector-')).length;
}

/** Judges a file and cancels it at the first event that is the one wanted; resolves when the job has ended. */
async function cancelAt(watched: WatchedDetector, file: File, at: (event: AnalysisEvent) => boolean) {
  const cancelling = new AbortController();
  let reached = false;
  const job = watched.client.analyse(
    file,
    (event) => {
      if (at(event)) {
        reached = true;
        cancelling.abort();
      }
    },
    cancelling.signal,
  );
  await expect(job).rejects.toMatchObject({ code: 'cancelled' });
  expect(reached).toBe(true);
}

const STAGES: [string, (event: AnalysisEvent) => boolean][] = [
  ['while the model is loaded', (event) => event.type === 'stage' && event.stage === 'loading-model'],
  ['when the file is opened', (event) => event.type === 'stage' && event.stage === 'opening'],
  ['before the first window', (event) => event.type === 'stage' && event.stage === 'analysing'],
  ['in the middle', (event) => event.type === 'window'],
  ['when the conclusions are drawn', (event) => event.type === 'stage' && event.stage === 'concluding'],
];

describe('a cancelled job', () => {
  // Its frames are in a worker that is ended, where nobody can count them any more; they go with it. So what is shown is
  // that the worker is gone, and that the next one ends its job with every frame and decoder closed.
  test.each(STAGES)(
    '%s: its worker is gone with all it held, and the next job leaves nothing open',
    async (_, at) => {
      detector = new WatchedDetector(assets);
      await cancelAt(detector, clip, at);
      await expect.poll(workersAlive, { timeout: 30_000 }).toBe(0);
      expect((await detector.judge(clip, 120)).as).toBe('report');
      await detector.expectNothingLeft();
      expect((await detector.count()).framesDecoded).toBeGreaterThan(10);
      expect(detector.workers).toBe(2);
    },
    180_000,
  );
});

type MeasuredMemory = { bytes: number };
const measure = async (): Promise<number> => {
  const { measureUserAgentSpecificMemory } = performance as Performance & {
    measureUserAgentSpecificMemory: () => Promise<MeasuredMemory>;
  };
  return (await measureUserAgentSpecificMemory.call(performance)).bytes;
};

describe('memory', () => {
  test('is back after fifty jobs, every fifth of them cancelled', async () => {
    const watched = (detector = new WatchedDetector(assets, 'one-thread'));
    const short = await fixture('good/very-short.mp4');
    const judge = async (file: File): Promise<void> => {
      expect((await watched.judge(file, 120)).as).toBe('report');
    };
    // The first ones load code and fill caches.
    await judge(clip);
    await judge(short);
    await judge(clip);
    const before = await measure();
    for (let run = 1; run <= 50; run++) {
      if (run % 5 === 0) {
        await cancelAt(watched, clip, STAGES[(run / 5) % STAGES.length]![1]);
      } else {
        await judge(run % 10 === 1 ? clip : short);
      }
    }
    await judge(clip);
    await watched.expectNothingLeft();
    await expect.poll(workersAlive, { timeout: 30_000 }).toBe(1);
    const after = await measure();
    console.info(`memory: ${before} bytes before, ${after} after fifty jobs`);
    expect(after).toBeLessThan(before * 1.1);
  }, 600_000);

  test('stays bounded over two hours of video', async () => {
    const short = await fixture('stepping/turned.mp4');
    const twoHours = new File([await longClip(await short.bytes(), 7200, 100)], 'two-hours.mp4');
    // One sample a second instead of six: the same way through fewer windows.
    const seldom = await withTinyModel(await fetchModelAssets(), 1);
    const watched = (detector = new WatchedDetector(seldom, 'one-thread'));
    expect((await watched.judge(clip, 120)).as).toBe('report');
    const before = await measure();
    const { seconds, report } = await watched.judge(twoHours, 500);
    const { mostFrames, framesDecoded } = await watched.count();
    const after = await measure();
    console.info(
      `two hours: ${report?.windows.length} windows in ${seconds} s, at most ${mostFrames} frames at once, ` +
        `${before} bytes before, ${after} after`,
    );
    expect(report?.video.durationSeconds).toBeCloseTo(7200, 0);
    expect(report?.windows.length).toBeGreaterThan(700);
    expect(framesDecoded).toBeGreaterThan(1700);
    expect(mostFrames).toBeLessThan(40);
    expect(after).toBeLessThan(before * 1.1);
    await watched.expectNothingLeft();
  }, 600_000);
});
