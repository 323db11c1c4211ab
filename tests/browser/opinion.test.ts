import { afterEach, describe, expect, test, vi } from 'vitest';
import { InferenceClient } from '../../src/lib/opinion/inference-client';
import type { Answer, AskEvent } from '../../workers/opinion/protocol';
import { fixture } from '../support/fixture';
import { tinyAskRequest, tinyLoadRequest, type TinyModel } from '../support/opinion';

// The runtime starts anew for each model, and the machine may do other things as well.
vi.setConfig({ testTimeout: 240_000 });

// A stopped answer may take its time on a busy machine.
const client = new InferenceClient(120_000);

afterEach(() => client.unload());

/** Frames as models with patches of 16 pixels, four to a token, want them. */
const IN_THIRTY_TWOS = { width: 128, height: 64 };

async function load(name: TinyModel): Promise<void> {
  await client.load(await tinyLoadRequest(name, 'wasm'), () => {});
}

describe('a model from files, on the processor', () => {
  test('SmolVLM’s class takes several frames and answers, always the same', async () => {
    await load('smolvlm');
    const video = await fixture('good/plain-h264.mp4');
    const events: AskEvent[] = [];
    const answer = await client.ask(tinyAskRequest('smolvlm', video), (event) => events.push(event));
    expectAnswer(answer, 5);
    expect(events[0]).toEqual({ type: 'frames', timesSeconds: answer.timesSeconds });
    // Events come through a port of their own, so the last of them may arrive after the answer.
    const lastText = (): AskEvent | undefined => events.filter(({ type }) => type === 'text').at(-1);
    await expect.poll(lastText).toMatchObject({ tokens: answer.tokens });

    const ask = async (text: string, file = video): Promise<string> =>
      (await client.ask(tinyAskRequest('smolvlm', file, text), () => {})).text;
    expect(await ask('Is this real?')).toBe(answer.text);
    expect(await ask('What is this?')).not.toBe(answer.text);
    expect(await ask('Is this real?', await fixture('good/vp9.webm'))).not.toBe(answer.text);

    const broken = await fixture('bad/text.mp4');
    await expect(client.ask(tinyAskRequest('smolvlm', broken), () => {})).rejects.toMatchObject({
      data: { code: 'video-unreadable' },
    });

    let told = false;
    const stopped = await client.ask({ ...tinyAskRequest('smolvlm', video), maxTokens: 4000 }, ({ type }) => {
      if (type === 'text' && !told) {
        told = true;
        client.stop();
      }
    });
    expect(stopped.stopped).toBe(true);
    expect(stopped.tokens).toBeLessThan(4000);

    // Neither the broken clip nor the stop has cost the loaded model.
    expect(await ask('Is this real?')).toBe(answer.text);
  });

  test('Florence-2’s class describes a region of one frame', async () => {
    await load('florence2');
    const video = await fixture('good/plain-h264.mp4');
    expectAnswer(await client.ask(tinyAskRequest('florence2', video), () => {}), 1);
  });

  test('Qwen2.5-VL’s class takes an even number of frames; a failed answer does not harm the next model', async () => {
    await load('qwen2.5-vl');
    const video = await fixture('good/plain-h264.mp4');
    // Five frames are asked for.
    expectAnswer(await client.ask(tinyAskRequest('qwen2.5-vl', video), () => {}), 4);

    // One placeholder for each frame is what its processor cannot do.
    const impossible = { ...tinyAskRequest('qwen2.5-vl', video), placeholders: 'each' as const };
    await expect(client.ask(impossible, () => {})).rejects.toMatchObject({ data: { code: 'run-failed' } });
    expect(client.active).toBe(false);
    await load('qwen2.5-vl');
    expectAnswer(await client.ask(tinyAskRequest('qwen2.5-vl', video), () => {}), 4);
  });

  test('Qwen3.5’s class answers with what it keeps of the past in matrices', async () => {
    await load('qwen3.5');
    const video = await fixture('good/plain-h264.mp4');
    expectAnswer(await client.ask(tinyAskRequest('qwen3.5', video), () => {}), 4, IN_THIRTY_TWOS);
  });

  test('LFM2-VL’s class takes several frames, its picture before its text', async () => {
    await load('lfm2-vl');
    const video = await fixture('good/plain-h264.mp4');
    const answer = await client.ask(tinyAskRequest('lfm2-vl', video), () => {});
    expectAnswer(answer, 5, IN_THIRTY_TWOS);
    const other = await fixture('good/vp9.webm');
    expect((await client.ask(tinyAskRequest('lfm2-vl', other), () => {})).text).not.toBe(answer.text);
  });

  test('a graphics card that is not there is said, not replaced by the processor', async () => {
    const request = await tinyLoadRequest('smolvlm', 'webgpu');
    await expect(client.load(request, () => {})).rejects.toMatchObject({ data: { code: 'load-failed' } });
  });
});

function expectAnswer(answer: Answer, frames: number, input = { width: 112, height: 56 }): void {
  expect(answer.tokens).toBeGreaterThan(0);
  expect(answer.tokens).toBeLessThanOrEqual(24);
  expect(answer.promptTokens).toBeGreaterThan(10);
  expect(answer.stopped).toBe(false);
  expect(answer.timesSeconds).toHaveLength(frames);
  expect(answer.input).toEqual(input);
}

describe('files that are not right', () => {
  test('a missing file of weights is named, and nothing waits for it', async () => {
    const request = await tinyLoadRequest('qwen2.5-vl', 'wasm');
    delete request.files['onnx/decoder_model_merged.onnx_data'];
    await expect(client.load(request, () => {})).rejects.toMatchObject({
      data: {
        code: 'file-missing',
        message: expect.stringContaining('decoder_model_merged.onnx_data') as string,
      },
    });
  });

  test('a changed byte is found before anything runs', async () => {
    const request = await tinyLoadRequest('smolvlm', 'wasm');
    request.hashes = { 'onnx/vision_encoder.onnx': '0'.repeat(64) };
    await expect(client.load(request, () => {})).rejects.toMatchObject({ data: { code: 'file-altered' } });
  });

  test('a file that is no model says so', async () => {
    const request = await tinyLoadRequest('smolvlm', 'wasm');
    request.files['onnx/vision_encoder.onnx'] = new Blob(['no model']);
    await expect(client.load(request, () => {})).rejects.toMatchObject({ data: { code: 'load-failed' } });
    expect(client.active).toBe(false);
  });
});
