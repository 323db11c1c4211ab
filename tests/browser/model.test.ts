import { beforeAll, describe, expect, test } from 'vitest';
import { fetchModelAssets } from '../../src/lib/model-assets';
import { DetectorClient } from '../../src/lib/detector-client';
import { TraceNet } from '../../workers/model/session';
import type { AnalysisEvent, ModelAssets } from '../../workers/protocol';
import { CATEGORIES, type Report } from '../../workers/report';
import { fixture } from '../support/fixture';

let assets: ModelAssets;

beforeAll(async () => {
  assets = await fetchModelAssets();
});

describe('TraceNet', () => {
  test('reproduces its golden outputs on WASM', async () => {
    const model = await TraceNet.create(assets, 'wasm');
    expect(model.loaded).toMatchObject({ id: 'tracenet', backend: 'wasm', notes: [] });
  });

  test('refuses a model file with one changed byte', async () => {
    const name = Object.keys(assets.files)[0]!;
    const bytes = new Uint8Array(await assets.files[name]!.arrayBuffer());
    bytes[1000]! ^= 1;
    const altered = { ...assets, files: { ...assets.files, [name]: new Blob([bytes]) } };
    await expect(TraceNet.create(altered, 'wasm')).rejects.toMatchObject({ code: 'model-altered' });
  });

  test('refuses a backend whose numbers are not the golden ones', async () => {
    const manifest = assets.manifest.replace(
      /("verdict":\s*\{\s*"indices":\s*\[\s*0\s*\],\s*"values":\s*\[\s*)(-?[\d.e-]+)/,
      '$17',
    );
    expect(manifest).not.toBe(assets.manifest);
    await expect(TraceNet.create({ ...assets, manifest }, 'wasm')).rejects.toMatchObject({
      code: 'model-mismatch',
    });
  });
});

describe('the detector from file to report', () => {
  const client = new DetectorClient('wasm');
  const never = new AbortController().signal;

  function judge(name: string, events: AnalysisEvent[] = []): Promise<Report> {
    return fixture(name).then((file) => client.analyse(file, (event) => events.push(event), never));
  }

  test('tells stages, video, windows and progress, and ends in a coherent report', async () => {
    const events: AnalysisEvent[] = [];
    const report = await judge('good/plain-h264.mp4', events);
    expect(events.filter((event) => event.type === 'stage').map((event) => event.stage)).toEqual([
      'loading-model',
      'opening',
      'analysing',
      'concluding',
    ]);
    const windows = events.filter((event) => event.type === 'window');
    expect(windows).toHaveLength(report.windows.length);
    expect(events.findLast((event) => event.type === 'progress')).toMatchObject({
      windowsDone: windows.length,
      windowsExpected: windows.length,
    });
    expect(report.file).toMatchObject({ name: 'plain-h264.mp4', bytes: 45329 });
    const digest = await crypto.subtle.digest(
      'SHA-256',
      await (await fixture('good/plain-h264.mp4')).arrayBuffer(),
    );
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(report.file.sha256).toBe(hex);
    expect(report.verdict.fakeProbability).toBeGreaterThan(0);
    expect(report.verdict.fakeProbability).toBeLessThan(1);
    for (const trace of report.traces) {
      expect(CATEGORIES).toContain(trace.category);
      expect(trace.endSeconds).toBeGreaterThan(trace.startSeconds);
      expect(trace.explanation).toMatch(/\.$/);
      expect(['decoder', 'grammar']).toContain(trace.explanationSource);
    }
  });

  test('does not carry anything across a hard cut', async () => {
    const report = await judge('good/hard-cut.mp4');
    expect(report.cuts).toHaveLength(1);
    const [cut] = report.cuts;
    expect(Math.abs(cut! - 2)).toBeLessThan(0.2);
    for (const { startSeconds, endSeconds } of [...report.windows, ...report.traces]) {
      expect(endSeconds <= cut! + 1e-6 || startSeconds >= cut! - 1e-6).toBe(true);
    }
  });

  test('says nothing about a single frame', async () => {
    const report = await judge('good/one-frame.mp4');
    expect(report.verdict.band).toBe('inconclusive');
    expect(report.verdict.reasons[0]).toMatch(/too short/);
  });

  test('gives the same report twice', async () => {
    const [first, second] = [await judge('good/very-short.mp4'), await judge('good/very-short.mp4')];
    const apartFromTime = { timing: undefined, analysedAt: '' };
    expect({ ...second, ...apartFromTime }).toEqual({ ...first, ...apartFromTime });
  });

  test('a bad file leaves the worker as good as before', async () => {
    await expect(judge('bad/text.mp4')).rejects.toMatchObject({ code: 'not-a-video' });
    await expect(judge('bad/noise-for-pictures.mp4')).rejects.toMatchObject({ code: 'decode-failed' });
    expect((await judge('good/very-short.mp4')).schema).toBe('tellscope-report/1');
  });

  test('a cancelled job ends at once and the next one runs', async () => {
    const abort = new AbortController();
    const file = await fixture('good/plain-h264.mp4');
    const job = client.analyse(
      file,
      (event) => {
        if (event.type === 'stage' && event.stage === 'analysing') {
          abort.abort();
        }
      },
      abort.signal,
    );
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect((await judge('good/very-short.mp4')).file.name).toBe('very-short.mp4');
  });
});
