import {
  AutoModelForImageTextToText,
  AutoProcessor,
  env,
  InterruptableStoppingCriteria,
  LogLevel,
  RawImage,
  Tensor,
  TextStreamer,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type Processor,
} from '@huggingface/transformers';
import * as ort from 'onnxruntime-web/webgpu';
import { fileSha256 } from '../sha256';
import { messageOf, OpinionError } from './errors';
import { sampleFrames } from './frames';
import { missingFiles } from './model-folder';
import type { Answer, AskEvent, AskRequest, LoadEvent, LoadRequest, ModelFiles, PixelSize } from './protocol';

/** The name under which transformers.js is told to load; the files come from {@link serveFiles}, whatever it is. */
const MODEL_NAME = 'second/opinion';

/** A model of transformers.js, loaded from files in memory or on disk; nothing is fetched. */
export class VisionLanguageModel {
  readonly #model: PreTrainedModel;
  readonly #processor: Processor;
  readonly #tokenizer: PreTrainedTokenizer;
  readonly #chatTemplate: string | undefined;
  readonly #stopping = new InterruptableStoppingCriteria();

  private constructor(
    model: PreTrainedModel,
    processor: Processor,
    tokenizer: PreTrainedTokenizer,
    chatTemplate: string | undefined,
  ) {
    this.#model = model;
    this.#processor = processor;
    this.#tokenizer = tokenizer;
    this.#chatTemplate = chatTemplate;
  }

  /**
   * Checks the files and builds the model.
   *
   * @throws {OpinionError} `file-missing`, `file-altered`, or `load-failed`. The worker must then be replaced: after one
   * failed session every later one fails with the old error (transformers.js#1635).
   */
  static async load(request: LoadRequest, onEvent: (event: LoadEvent) => void): Promise<VisionLanguageModel> {
    await checkFiles(request, onEvent);
    onEvent({ type: 'building' });
    await configureRuntime(request);
    serveFiles(request.files);
    try {
      const processor = await AutoProcessor.from_pretrained(MODEL_NAME, { local_files_only: true });
      const tokenizer = processor.tokenizer;
      if (!tokenizer) {
        throw new Error('its processor has no tokenizer');
      }
      const model = await AutoModelForImageTextToText.from_pretrained(MODEL_NAME, {
        device: request.device,
        dtype: request.dtype as Record<string, 'fp32'>,
        local_files_only: true,
      });
      yieldBetweenTokens(model);
      return new VisionLanguageModel(
        model,
        processor,
        tokenizer,
        await request.files['chat_template.jinja']?.text(),
      );
    } catch (error) {
      throw new OpinionError(
        'load-failed',
        `The model could not be loaded (${messageOf(error)}). There may be too little memory for it; close other ` +
          'tabs and programs, or take a smaller model.',
        { cause: error },
      );
    }
  }

  /** Ends the answer under way after its next token. */
  stop(): void {
    this.#stopping.interrupt();
  }

  /**
   * Answers one question.
   *
   * @throws {OpinionError} `video-unreadable` or `run-failed`; after the latter the worker must be replaced.
   */
  async ask(request: AskRequest, onEvent: (event: AskEvent) => void): Promise<Answer> {
    const start = performance.now();
    this.#stopping.reset();
    const { timesSeconds, images } = await sampleFrames(request);
    onEvent({ type: 'frames', timesSeconds });
    const times = timesSeconds.map((time) => `${time.toFixed(2)} s`).join(', ');
    const question = request.text.replace(request.timesMark, times);
    try {
      const inputs = await this.#prepare(
        request,
        question,
        timesSeconds,
        images.map(({ data, width, height }) => new RawImage(data, width, height, 3)),
      );
      const { input_ids: ids } = inputs;
      const promptTokens = ids instanceof Tensor ? (ids.dims.at(-1) ?? 0) : 0;
      onEvent({ type: 'thinking', promptTokens });
      const { text, tokens } = await this.#generate(request, inputs, onEvent);
      return {
        text,
        question,
        tokens,
        promptTokens,
        seconds: (performance.now() - start) / 1000,
        timesSeconds,
        input: inputSize(inputs, this.#processor) ?? {
          width: request.frames.width,
          height: request.frames.height,
        },
        stopped: this.#stopping.interrupted,
      };
    } catch (error) {
      throw new OpinionError(
        'run-failed',
        `The model failed while answering (${messageOf(error)}). It will be loaded anew for the next question; ` +
          'if it fails again, take fewer demands on memory: close other tabs, or choose a smaller model.',
        { cause: error },
      );
    }
  }

  async #prepare(
    request: AskRequest,
    question: string,
    timesSeconds: readonly number[],
    images: RawImage[],
  ): Promise<Record<string, unknown>> {
    const process = this.#processor as unknown as (...args: unknown[]) => Promise<Record<string, unknown>>;
    if (request.style === 'florence') {
      return process(images[0], question, request.processorOptions);
    }
    const text = { type: 'text', text: question };
    const content =
      request.placeholders === 'stack'
        ? [{ type: 'image' }, text]
        : [
            ...timesSeconds.flatMap((time) => [
              { type: 'text', text: `[T=${time.toFixed(2)}s]` },
              { type: 'image' },
            ]),
            text,
          ];
    // Templates that know `enable_thinking` keep the model from thinking aloud; the others pay no heed.
    const options: object = {
      add_generation_prompt: true,
      enable_thinking: false,
      ...(this.#chatTemplate !== undefined && { chat_template: this.#chatTemplate }),
    };
    const prompt = this.#processor.apply_chat_template([{ role: 'user', content }], options);
    return request.processor === 'images-first'
      ? process(images, prompt, request.processorOptions)
      : process(prompt, images, request.processorOptions);
  }

  async #generate(
    request: AskRequest,
    inputs: Record<string, unknown>,
    onEvent: (event: AskEvent) => void,
  ): Promise<{ text: string; tokens: number }> {
    // Florence-2 writes places as tokens that would otherwise be left out.
    const skipSpecial = request.style === 'chat';
    const answer: bigint[] = [];
    let shown = '';
    const streamer = new TextStreamer(this.#tokenizer, {
      skip_prompt: true,
      skip_special_tokens: skipSpecial,
      token_callback_function: (tokens: bigint[]) => {
        answer.push(...tokens);
        onEvent({ type: 'text', text: shown, tokens: answer.length });
      },
      // Called with whole words, so later than the tokens they are made of.
      callback_function: (piece: string) => {
        shown += piece;
      },
    });
    const generate = this.#model.generate.bind(this.#model) as (options: object) => Promise<unknown>;
    await generate({
      ...inputs,
      max_new_tokens: request.maxTokens,
      do_sample: false,
      num_beams: 1,
      streamer,
      stopping_criteria: this.#stopping,
    });
    const text = this.#tokenizer.decode(answer.map(Number), { skip_special_tokens: skipSpecial });
    return { text, tokens: answer.length };
  }
}

async function checkFiles(
  { files, hashes, dtype }: LoadRequest,
  onEvent: (event: LoadEvent) => void,
): Promise<void> {
  const config: unknown = files['config.json'] && JSON.parse(await files['config.json'].text());
  const missing = missingFiles(config, dtype, (path) => path in files);
  // transformers.js would wait for ever for a missing file of weights (a promise that nobody rejects).
  if (missing.length > 0) {
    throw new OpinionError(
      'file-missing',
      `The model is not complete: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
    );
  }
  const known = Object.entries(files).filter(([path]) => path in hashes);
  const bytesTotal = known.reduce((sum, [, file]) => sum + file.size, 0);
  let bytesDone = 0;
  for (const [path, file] of known) {
    onEvent({ type: 'checking', bytesDone, bytesTotal });
    if ((await fileSha256(file)) !== hashes[path]) {
      throw new OpinionError(
        'file-altered',
        `${path} is not the file that was stored (its SHA-256 differs). Remove the model and download it again.`,
      );
    }
    bytesDone += file.size;
  }
}

async function configureRuntime({ runtimeBinary, runtimeModule, threads }: LoadRequest): Promise<void> {
  // transformers.js has set these to addresses of a delivery network when it was imported.
  // The worker's policy lets scripts start from memory only; see `model/session.ts`.
  const script = new Blob([runtimeModule], { type: 'text/javascript' });
  ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(script) };
  ort.env.wasm.wasmBinary = await runtimeBinary.arrayBuffer();
  ort.env.wasm.numThreads = crossOriginIsolated ? threads : 1;
  env.useWasmCache = false;
  env.logLevel = LogLevel.ERROR;
}

/** Lets transformers.js find the files, and nothing else: it has no way out. */
function serveFiles(files: ModelFiles): void {
  env.allowRemoteModels = false;
  // Wanted even so: with both kinds off transformers.js refuses to load at all.
  env.allowLocalModels = true;
  env.useBrowserCache = false;
  env.useCustomCache = true;
  env.fetch = () => Promise.reject(new Error('the second opinion has no network'));
  const prefix = `${env.localModelPath}${MODEL_NAME}/`;
  env.customCache = {
    match(request: string) {
      const file = request.startsWith(prefix) ? files[request.slice(prefix.length)] : undefined;
      return Promise.resolve(
        file && new Response(file, { headers: { 'content-length': String(file.size) } }),
      );
    },
    put: () => Promise.resolve(),
  };
}

/** Lets messages in between two tokens, so that a stop is heard: on the processor the loop never leaves the microtasks. */
function yieldBetweenTokens(model: PreTrainedModel): void {
  const { port1, port2 } = new MessageChannel();
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(undefined);
    });
  const forward = model.forward.bind(model) as (inputs: unknown) => Promise<unknown>;
  model.forward = async (inputs) => {
    await turn();
    return forward(inputs);
  };
}

/** What the processor of the Qwen family made of the frames, in pixels. */
function inputSize(inputs: Record<string, unknown>, processor: Processor): PixelSize | undefined {
  const grid = inputs['image_grid_thw'];
  const patch: unknown = (processor.image_processor?.config as Record<string, unknown> | undefined)?.[
    'patch_size'
  ];
  if (!(grid instanceof Tensor) || typeof patch !== 'number') {
    return undefined;
  }
  const [, rows, columns] = Array.from(grid.data as BigInt64Array, Number);
  return { width: columns! * patch, height: rows! * patch };
}
