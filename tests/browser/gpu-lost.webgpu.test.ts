import { afterEach, beforeAll, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { DetectorClient } from '../../src/lib/detector-client';
import { fetchModelAssets } from '../../src/lib/model-assets';
import type { AnalysisEvent } from '../../workers/protocol';
import { findings } from '../support/findings';
import { fixture } from '../support/fixture';
import { longClip } from '../support/long-clip';
import { withTinyModel } from '../support/tiny-model';

const never = new AbortController().signal;
let file: File;
let client: DetectorClient | undefined;

beforeAll(async () => {
  const clip = await fixture('good/hard-cut.mp4');
  file = new File([await longClip(await clip.bytes(), 12)], 'long.mp4');
});

afterEach(() => client?.dispose());

/** Judges the clip on the GPU; `onWindow` is told of each window. */
async function judge(names: string[], onWindow: (count: number) => void = () => {}) {
  client?.dispose();
  const assets = await withTinyModel(await fetchModelAssets());
  let workers = 0;
  client = new DetectorClient('webgpu', {
    assets: () => Promise.resolve(assets),
    spawn: () =>
      new Worker(new URL('../support/faulty.worker.ts', import.meta.url), {
        type: 'module',
        name: names[workers++] ?? 'faultless',
      }),
  });
  const events: AnalysisEvent[] = [];
  let windows = 0;
  const tell = (event: AnalysisEvent): void => {
    events.push(event);
    if (event.type === 'window') {
      onWindow(++windows);
    }
  };
  const report = await client.analyse(file, tell, never);
  expect(report.windows.length).toBeGreaterThan(5);
  return { report, events, workers };
}

test('a device lost in the middle of a clip: the job goes on after its last window, on the GPU', async () => {
  const undisturbed = await judge([]);
  const { report, events, workers } = await judge(['lose-gpu@2']);
  expect(findings(report)).toEqual(findings(undisturbed.report));
  expect(report.model.backend).toBe('webgpu');
  expect(workers).toBe(2);
  expect(report.warnings.join()).toMatch(/The graphics card was taken away; the analysis went on/);
  expect(events.some(({ type }) => type === 'restored')).toBe(true);
});

test('the GPU process killed in the middle of a clip: the same', async () => {
  const undisturbed = await judge([]);
  let killed: Promise<unknown> | undefined;
  const { report, workers } = await judge([], (count) => {
    if (count === 2) {
      killed ??= (cdp() as unknown as { send: (method: string) => Promise<unknown> }).send(
        'Browser.crashGpuProcess',
      );
    }
  });
  await killed;
  expect(workers).toBe(2);
  expect(findings(report)).toEqual(findings(undisturbed.report));
});
