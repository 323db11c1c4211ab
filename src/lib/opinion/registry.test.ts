import { describe, expect, test } from 'vitest';
import { MODELS, parseEntry, parseRegistry } from './registry';
import { inputSize, planFrames, wordQuestion, type Question } from './questions';
import type { AnswerContext } from './answers';

const CLIP = { startSeconds: 0, endSeconds: 10 };
const VIDEO = { width: 1280, height: 720 };
const TRACE: Question = {
  kind: 'trace',
  traceId: 'trace-1',
  box: [320, 180, 640, 360],
  startSeconds: 2,
  endSeconds: 4,
};

function contextOf(model: (typeof MODELS)[number]): AnswerContext {
  return { boxes: model.answer.boxes, display: VIDEO, input: inputSize(VIDEO, model.frames), clip: CLIP };
}

/** All it takes to add a model: this entry, in `models.json` or as `tellscope-model.json` beside its files. */
const NEWCOMER = {
  id: 'deeptrace-reward-qwen',
  name: 'A fine-tuned DeeptraceReward model',
  maker: 'A laboratory',
  parameters: '3 B',
  licence: { name: 'Apache-2.0', note: null },
  hub: null,
  prompt: {
    style: 'chat',
    processor: 'text-first',
    processorOptions: {},
    clip: 'Is this video real or fake?',
  },
  frames: { count: 8, longestSide: 448, multipleOf: 28, placeholders: 'stack' },
  questions: ['clip'],
  answer: { format: 'sentence', boxes: 'display-pixels', maxTokens: 200 },
  variants: [
    {
      id: 'webgpu-q4f16',
      dtype: { embed_tokens: 'q4f16', vision_encoder: 'q4f16', decoder_model_merged: 'q4f16' },
      device: 'webgpu',
      needs: { shaderF16: true, bufferBytes: null },
      download: { bytes: 2_800_000_000, basis: 'estimate' },
      files: [],
    },
  ],
  limits: [],
  record: null,
  verified: [],
  unverified: ['Everything.'],
};

describe('the registry', () => {
  test('says of every model what was checked, what was not, and what a download costs', () => {
    expect(MODELS.map(({ id }) => id)).toEqual([
      'lfm2.5-vl-450m',
      'qwen3.5-0.8b',
      'qwen2.5-vl-3b',
      'smolvlm2-500m',
      'florence-2-base-ft',
    ]);
    for (const model of MODELS) {
      expect(model.verified.length, model.id).toBeGreaterThan(0);
      expect(model.unverified.length, model.id).toBeGreaterThan(0);
      expect(model.limits.length, model.id).toBeGreaterThan(0);
      for (const { dtype, needs, device } of model.variants) {
        const halfPrecision = Object.values(dtype).some((name) => name === 'fp16' || name === 'q4f16');
        expect(needs.shaderF16, model.id).toBe(halfPrecision && device === 'webgpu');
      }
    }
  });

  test('takes a new model as one entry, and asks it in its own words', () => {
    const model = parseRegistry([...MODELS, NEWCOMER], 'test').at(-1)!;
    const question = wordQuestion(model, { kind: 'clip' }, contextOf(model));
    expect(question).toBe('Is this video real or fake? The frames are from {times}.');
    expect(planFrames(model, VIDEO, CLIP, { kind: 'clip' })).toEqual({
      count: 8,
      startSeconds: 0,
      endSeconds: 10,
      width: 448,
      height: 252,
    });
  });

  test.each([
    [{ ...NEWCOMER, surprise: 1 }, /surprise/],
    [{ ...NEWCOMER, variants: [] }, /variants.*at least one variant/],
    [{ ...NEWCOMER, answer: { ...NEWCOMER.answer, boxes: 'inches' } }, /answer\.boxes/],
    ['text', /test/],
  ])('names the field of a bad entry', (entry, message) => {
    expect(() => parseEntry(entry, 'test')).toThrow(message);
  });

  test('refuses two models of one id', () => {
    expect(() => parseRegistry([NEWCOMER, NEWCOMER], 'test')).toThrow(/two entries/);
  });
});

describe('questions', () => {
  test.each(MODELS.filter(({ questions }) => questions.includes('clip')))(
    '$name is asked for the format its answer is read in',
    (model) => {
      const question = wordQuestion(model, { kind: 'clip' }, contextOf(model));
      expect(question).toContain('<coordinates>');
      expect(question.includes('{times}')).toBe(model.frames.placeholders === 'stack');
    },
  );

  test('write a region in the convention of the model', () => {
    const texts = MODELS.map((model) => wordQuestion(model, TRACE, contextOf(model)));
    expect(texts[0]).toContain('[0.25, 0.25, 0.5, 0.5]');
    expect(texts[1]).toContain('[250, 250, 500, 500]');
    expect(texts[2]).toContain('[112, 63, 224, 126]');
    expect(texts[4]).toBe('<REGION_TO_DESCRIPTION><loc_250><loc_250><loc_500><loc_500>');
  });

  test('show the time of the trace, or its middle to a model that sees one frame', () => {
    const [many, , , , one] = MODELS.map((model) => planFrames(model, VIDEO, CLIP, TRACE));
    expect(many).toMatchObject({ startSeconds: 2, endSeconds: 4 });
    expect(one).toMatchObject({ count: 1, startSeconds: 3, endSeconds: 3 });
  });

  test('a frame is never enlarged, and never empty', () => {
    const frames = MODELS[2]!.frames;
    expect(inputSize({ width: 160, height: 90 }, frames)).toEqual({ width: 168, height: 84 });
    expect(inputSize({ width: 4000, height: 10 }, frames)).toEqual({ width: 448, height: 28 });
  });
});
