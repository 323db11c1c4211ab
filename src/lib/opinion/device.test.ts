import { describe, expect, test } from 'vitest';
import { chooseVariant, judgeFitness, type DeviceReport } from './device';
import { MODELS } from './registry';

const LAPTOP: DeviceReport = {
  webgpu: 'hardware',
  shaderF16: true,
  bufferBytes: 2 ** 31,
  memoryBytes: 8 * 2 ** 30,
  ios: false,
};

const [lfm, qwen, , smol, florence] = MODELS;

describe('before anything is downloaded', () => {
  test('a laptop with a graphics card can run every model', () => {
    for (const model of MODELS) {
      expect(chooseVariant(model, LAPTOP).fitness, model.id).toEqual({ fits: true, sentences: [] });
    }
  });

  test('half precision is asked for q4f16 as well as fp16, and what does without is taken', () => {
    const device = { ...LAPTOP, shaderF16: false };
    expect(judgeFitness(qwen!.variants[0]!, device).sentences[0]).toContain('shader-f16');
    expect(chooseVariant(qwen!, device).variant.id).toBe('webgpu-q4');
    expect(chooseVariant(lfm!, device).fitness.fits).toBe(false);
  });

  test('without WebGPU the small ones run on the processor, with a word on how slow that is', () => {
    const device: DeviceReport = { ...LAPTOP, webgpu: 'none' };
    const { variant, fitness } = chooseVariant(smol!, device);
    expect(variant.device).toBe('wasm');
    expect(fitness.sentences.join()).toContain('takes minutes');
    expect(chooseVariant(qwen!, device).fitness).toMatchObject({ fits: false });
  });

  test('an emulated graphics card is said to be one', () => {
    expect(chooseVariant(florence!, { ...LAPTOP, webgpu: 'emulated' }).fitness.sentences.join()).toContain(
      'emulated',
    );
  });

  test('buffers and memory that are too small are named in megabytes', () => {
    const small = judgeFitness(lfm!.variants[0]!, { ...LAPTOP, bufferBytes: 100_000_000 });
    expect(small.sentences).toEqual([
      'It needs 134 MB of graphics memory in one piece; this one gives 100 MB.',
    ]);
    const poor = judgeFitness(lfm!.variants[0]!, { ...LAPTOP, memoryBytes: 2 ** 30 });
    expect(poor.sentences[0]).toContain('1620 MB of memory');
    expect(judgeFitness(lfm!.variants[0]!, { ...LAPTOP, memoryBytes: null }).sentences[0]).toContain(
      'does not tell',
    );
  });

  test('on iOS only the smallest is offered', () => {
    const device: DeviceReport = { ...LAPTOP, ios: true, memoryBytes: null };
    const offered = MODELS.filter((model) => chooseVariant(model, device).fitness.fits);
    expect(offered.map(({ id }) => id)).toEqual(['florence-2-base-ft']);
  });
});
