import { beforeAll, describe, expect, test } from 'vitest';
import { fetchModelAssets } from '../../src/lib/model-assets';
import { TraceNet } from '../../workers/model/session';
import type { Explainer } from '../../workers/model/explainer';
import type { ModelAssets } from '../../workers/protocol';
import { CATEGORIES } from '../../workers/report';
import { decodeGreedily, objectionTo, type MeasuredSlots } from '../../workers/traces/explain-check';

let assets: ModelAssets;
let explainer: Explainer;

beforeAll(async () => {
  assets = await fetchModelAssets();
  const model = await TraceNet.create(assets, 'wasm');
  expect(
    model.explainer,
    'the shipped model has an explainer that reproduces its golden output',
  ).toBeDefined();
  explainer = model.explainer!;
}, 120_000);

describe('the shipped explainer', () => {
  test.each(CATEGORIES)('never contradicts the slots of a trace of %s', async (name) => {
    const category = CATEGORIES.indexOf(name);
    const { input, bars } = explainer.spec;
    for (const [subject, seconds] of [
      [0, 4],
      [5, 2],
      [undefined, 0.5],
    ] as const) {
      const features = Float32Array.from({ length: input.features }, (_, i) => Math.sin(i * (category + 1)));
      const slots = new Float32Array(input.slots);
      slots[category] = 1;
      if (subject !== undefined) {
        slots[CATEGORIES.length + subject] = 0.7;
      }
      const measured: MeasuredSlots = {
        category,
        subject: subject === undefined ? undefined : { index: subject, noun: 'any', certain: true },
        startSeconds: 0,
        endSeconds: seconds,
        clipSeconds: 4,
      };
      const { vocabulary } = explainer;
      const step = explainer.begin(features, slots);
      const sentence = await decodeGreedily(step, vocabulary, measured);
      expect(sentence.tokens.length).toBeGreaterThan(0);
      expect(sentence.likelihood).toBeLessThan(0);
      const objection = objectionTo(sentence, vocabulary, measured, bars);
      expect([undefined, 'degenerate', 'unlikely']).toContain(objection);
    }
  });

  test('says the same of the same trace', async () => {
    const { input } = explainer.spec;
    const measured = { category: 0, subject: undefined, startSeconds: 0, endSeconds: 2, clipSeconds: 4 };
    const say = (): Promise<{ tokens: number[] }> => {
      const slots = new Float32Array(input.slots);
      slots[0] = 1;
      const step = explainer.begin(new Float32Array(input.features), slots);
      return decodeGreedily(step, explainer.vocabulary, measured);
    };
    expect((await say()).tokens).toEqual((await say()).tokens);
  });

  test('is refused when its words were changed', async () => {
    const { file } = explainer.spec.vocabulary;
    const text = (await assets.files[file]!.text()).replace('bends', 'blows');
    const altered = { ...assets, files: { ...assets.files, [file]: new Blob([text]) } };
    await expect(TraceNet.create(altered, 'wasm')).rejects.toMatchObject({ code: 'model-altered' });
  });
});
