import { afterEach, expect, test } from 'vitest';
import { InferenceClient } from '../../src/lib/opinion/inference-client';
import type { Answer } from '../../workers/opinion/protocol';
import { fixture } from '../support/fixture';
import { tinyAskRequest, tinyLoadRequest, type TinyModel } from '../support/opinion';

const client = new InferenceClient(120_000);

afterEach(() => client.unload());

async function answerOn(device: 'wasm' | 'webgpu', name: TinyModel, video: Blob): Promise<Answer> {
  await client.load(await tinyLoadRequest(name, device), () => {});
  const answer = await client.ask(tinyAskRequest(name, video), () => {});
  client.unload();
  return answer;
}

test.each(['smolvlm', 'qwen2.5-vl'] as const)('%s says the same on WebGPU as on WASM', async (name) => {
  // Without this the test could pass on nothing: transformers.js takes WASM where there is no adapter.
  expect(await navigator.gpu.requestAdapter(), 'a WebGPU adapter').not.toBeNull();
  const video = await fixture('good/plain-h264.mp4');
  const onProcessor = await answerOn('wasm', name, video);
  const onGraphics = await answerOn('webgpu', name, video);
  expect(onGraphics.tokens).toBeGreaterThan(0);
  expect(onGraphics.text).toBe(onProcessor.text);
});
