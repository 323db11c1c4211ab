import type { AskRequest, LoadRequest, ModelFiles } from '../../workers/opinion/protocol';

const FOLDER = '/tests/fixtures/opinion';

const COMMON = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json'];
const DECODER = ['onnx/embed_tokens.onnx', 'onnx/vision_encoder.onnx', 'onnx/decoder_model_merged.onnx'];

/** The paths in the folder of each tiny model. */
export const TINY_MODELS = {
  smolvlm: [...COMMON, 'processor_config.json', ...DECODER],
  'smolvlm-scripted': [...COMMON, 'processor_config.json', ...DECODER],
  'qwen2.5-vl': [...COMMON, ...DECODER, 'onnx/decoder_model_merged.onnx_data'],
  'qwen3.5': [...COMMON, ...DECODER],
  'lfm2-vl': [...COMMON, ...DECODER],
  florence2: [...COMMON, 'generation_config.json', ...DECODER, 'onnx/encoder_model.onnx'],
} as const;

/** Name of a tiny model. */
export type TinyModel = keyof typeof TINY_MODELS;

/** The files of a tiny model, as a folder picked by a visitor would bring them. */
async function tinyModelFiles(name: TinyModel): Promise<ModelFiles> {
  const files = TINY_MODELS[name].map(async (path) => {
    const response = await fetch(`${FOLDER}/${name}/${path}`);
    if (!response.ok) {
      throw new Error(`no ${path} of ${name} (HTTP ${response.status})`);
    }
    return [path, await response.blob()] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

/** Dtypes of a tiny model: everything is fp32. */
export function tinyDtype(name: TinyModel): Record<string, string> {
  const sessions = ['embed_tokens', 'vision_encoder', 'decoder_model_merged'];
  return Object.fromEntries(
    [...sessions, ...(name === 'florence2' ? ['encoder_model'] : [])].map((session) => [session, 'fp32']),
  );
}

/** A request to load a tiny model with the runtime of the app. */
export async function tinyLoadRequest(name: TinyModel, device: LoadRequest['device']): Promise<LoadRequest> {
  const runtime = 'ort-wasm-simd-threaded.asyncify';
  const [binary, module] = await Promise.all([
    fetch(`/runtime/${runtime}.wasm`),
    fetch(`/runtime/${runtime}.mjs`),
  ]);
  return {
    files: await tinyModelFiles(name),
    hashes: {},
    dtype: tinyDtype(name),
    device,
    // More would only wait for one another on a machine that does other things as well.
    threads: 1,
    runtimeBinary: await binary.blob(),
    runtimeModule: await module.blob(),
  };
}

/** How a tiny model is asked, as its registry entry's architecture wants it. */
export function tinyAskRequest(name: TinyModel, video: Blob, text = 'Is this real?'): AskRequest {
  const chat = { style: 'chat', processor: 'text-first', text, timesMark: '{times}', maxTokens: 24 } as const;
  const frames = { count: 5, startSeconds: 0, endSeconds: 2, width: 112, height: 56 };
  const inThirtyTwos = { ...frames, width: 128, height: 64 };
  switch (name) {
    case 'smolvlm':
    case 'smolvlm-scripted':
      return {
        ...chat,
        video,
        frames,
        placeholders: 'each',
        processorOptions: { do_image_splitting: false },
      };
    case 'qwen2.5-vl':
      return { ...chat, video, frames, placeholders: 'stack', processorOptions: {} };
    case 'qwen3.5':
      return { ...chat, video, frames: inThirtyTwos, placeholders: 'stack', processorOptions: {} };
    case 'lfm2-vl':
      return {
        ...chat,
        video,
        frames: inThirtyTwos,
        placeholders: 'each',
        processor: 'images-first',
        processorOptions: { add_special_tokens: false },
      };
    case 'florence2':
      return {
        ...chat,
        video,
        frames: { ...frames, count: 1 },
        placeholders: 'each',
        style: 'florence',
        processor: 'images-first',
        processorOptions: {},
        text: '<REGION_TO_DESCRIPTION><loc_250><loc_250><loc_500><loc_500>',
      };
  }
}
