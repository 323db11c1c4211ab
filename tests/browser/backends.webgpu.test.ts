import { expect, test } from 'vitest';
import { fetchModelAssets } from '../../src/lib/model-assets';
import { TraceNet, type WindowOutputs } from '../../workers/model/session';
import { FrameSource } from '../../workers/video/frame-source';
import { letterbox, toCanonical, windowTensors, type PreparedSample } from '../../workers/video/preprocess';
import { sampleGrid } from '../../workers/video/sampling';
import { fixture } from '../support/fixture';

test('one window gives the same outputs on WebGPU and on WASM', async () => {
  // Without this the test could pass on nothing: no adapter, no comparison.
  expect(await navigator.gpu.requestAdapter(), 'a WebGPU adapter').not.toBeNull();
  const assets = await fetchModelAssets();
  const wasm = await TraceNet.create(assets, 'wasm');
  const webgpu = await TraceNet.create(assets, 'webgpu');
  expect([wasm.loaded.backend, webgpu.loaded.backend]).toEqual(['wasm', 'webgpu']);
  const tensors = windowTensors(await firstWindow(wasm), wasm.manifest.sessions);
  const expected = flatten(await wasm.run(tensors));
  const actual = flatten(await webgpu.run(tensors));
  for (const [name, values] of Object.entries(expected)) {
    const worst = values.reduce(
      (max, value, i) => Math.max(max, Math.abs(value - actual[name]![i]!) / (1 + Math.abs(value))),
      0,
    );
    expect(worst, name).toBeLessThan(1e-3);
  }
});

async function firstWindow(model: TraceNet): Promise<PreparedSample[]> {
  const { sampling, sessions, canonicalShortSide } = model.manifest;
  const source = await FrameSource.open(await fixture('good/plain-h264.mp4'));
  try {
    const grid = sampleGrid(source.timestamps, sampling.framesPerSecond).slice(0, sampling.windowFrames);
    const samples: PreparedSample[] = [];
    for await (const frame of source.framesAt(grid.map((point) => source.timestamps[point.frame]!))) {
      const canonical = toCanonical(frame, canonicalShortSide);
      const { shape, fill } = sessions.trace.input;
      samples.push({
        timeSeconds: frame.timestamp,
        canonical,
        letterboxed: letterbox(canonical, shape[2], fill),
      });
    }
    return samples;
  } finally {
    source.dispose();
  }
}

function flatten({ trace, verdictLogit, forensicLogits }: WindowOutputs): Record<string, Float32Array> {
  const { objectness, category, box, boundary, subject } = trace;
  return {
    objectness,
    category,
    box,
    boundary,
    subject,
    verdict: Float32Array.of(verdictLogit),
    forensicLogits,
  };
}
