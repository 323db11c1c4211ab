import { expect, test } from 'vitest';
import { entryOf, sortFolder, variantIn } from './folder';
import { MODELS } from './registry';

function file(path: string, content = '{}'): File {
  const made = new File([content], path.split('/').at(-1)!);
  return Object.defineProperty(made, 'webkitRelativePath', { value: path.includes('/') ? path : '' });
}

const COMMON = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json'];
const SESSIONS = ['embed_tokens_quantized', 'vision_encoder_quantized', 'decoder_model_merged_quantized'];
const smol = MODELS.find(({ id }) => id === 'smolvlm2-500m')!;

test('a folder in a folder, and files without one, are sorted alike', () => {
  const paths = [...COMMON, ...SESSIONS.map((name) => `onnx/${name}.onnx`)];
  const nested = sortFolder(paths.map((path) => file(`Downloads/SmolVLM2/${path}`)));
  const loose = sortFolder(paths.map((path) => file(path.split('/').at(-1)!)));
  expect(Object.keys(nested).sort()).toEqual([...paths].sort());
  expect(Object.keys(loose).sort()).toEqual([...paths].sort());
});

test('the variant whose files are there is taken, and what lacks is named', async () => {
  const all = [...COMMON, ...SESSIONS.map((name) => `onnx/${name}.onnx`)].map((path) => file(`m/${path}`));
  expect((await variantIn(sortFolder(all), smol.variants)).id).toBe('wasm-q8');
  await expect(variantIn(sortFolder(all.slice(0, -1)), smol.variants)).rejects.toThrow(
    /lacks onnx\/decoder_model_merged_quantized\.onnx/,
  );
});

test('weights in pieces are asked for as config.json says', async () => {
  const config = JSON.stringify({ 'transformers.js_config': { use_external_data_format: 2 } });
  const files = sortFolder([file('m/config.json', config)]);
  const error = await variantIn(files, smol.variants).catch(String);
  expect(error).toContain('onnx/decoder_model_merged_q4.onnx_data_1');
});

test('a folder without a model says so; its own entry is read strictly', async () => {
  expect(() => sortFolder([file('m/readme.md')])).toThrow(/no config\.json/);
  const entry = JSON.stringify(smol);
  expect((await entryOf({ 'tellscope-model.json': new Blob([entry]) }))?.id).toBe('smolvlm2-500m');
  expect(await entryOf({})).toBeUndefined();
  await expect(entryOf({ 'tellscope-model.json': new Blob(['{}']) })).rejects.toThrow(
    /tellscope-model\.json/,
  );
  await expect(entryOf({ 'tellscope-model.json': new Blob(['no']) })).rejects.toThrow(/is not JSON/);
});
