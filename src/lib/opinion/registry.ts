import * as v from 'valibot';
import entries from './models.json';

const text = v.pipe(v.string('text'), v.trim(), v.minLength(1, 'text that is not empty'));
const count = v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(1, 'at least 1'));
const sha256 = v.pipe(v.string('text'), v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal'));

/** A path inside the model's folder: relative, with forward slashes, never upwards. */
const modelPath = v.pipe(
  v.string('a path'),
  v.regex(/^(?!\/)(?!.*\.\.)(?!.*\/\/)[\w.\-/]+$/, 'a relative path inside the model’s folder'),
);

const DtypeSchema = v.picklist(
  ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'],
  'a dtype transformers.js knows',
);

const VariantSchema = v.strictObject({
  id: text,
  /** The dtype of each session file: `embed_tokens`, `vision_encoder`, `decoder_model_merged`, `encoder_model`. */
  dtype: v.record(v.pipe(v.string(), v.regex(/^\w+$/)), DtypeSchema),
  device: v.picklist(['webgpu', 'wasm'], '"webgpu" or "wasm"'),
  needs: v.strictObject({
    /** Any file in fp16 or q4f16 computes in half precision; transformers.js checks this for fp16 only. */
    shaderF16: v.boolean(),
    /** Largest single GPU buffer the weights need, in bytes. */
    bufferBytes: v.nullable(count),
  }),
  download: v.strictObject({
    bytes: count,
    /** `listed`: sum of published file sizes; `estimate`: from parameter counts, the source says the exact size first. */
    basis: v.picklist(['listed', 'estimate']),
  }),
  /** What is known of single files. Where a hash is missing, the source's own listing is what a file is held against. */
  files: v.array(v.strictObject({ path: modelPath, bytes: v.nullable(count), sha256: v.nullable(sha256) })),
});

const RecordSchema = v.strictObject({
  /** Percent, on DeeptraceReward's test split. */
  accuracy: v.number(),
  fakeAccuracy: v.number(),
  realAccuracy: v.number(),
  boxIou: v.number(),
  timeDistance: v.number(),
  setting: text,
  source: text,
});

/** One model: everything the app knows about it. `docs/second-opinion.md` explains each field. */
export const ModelEntrySchema = v.strictObject({
  id: v.pipe(text, v.regex(/^[a-z0-9.-]+$/, 'lower-case letters, digits, dots and dashes')),
  name: text,
  maker: text,
  parameters: text,
  licence: v.strictObject({ name: text, note: v.nullable(text) }),
  /** Where the hub has it; `null` for a model that comes from a mirror or a folder only. */
  hub: v.nullable(
    v.strictObject({
      repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, 'owner/name')),
      revision: text,
    }),
  ),
  prompt: v.strictObject({
    /** `chat`: the model's own chat template; `florence`: a task token with location tokens. */
    style: v.picklist(['chat', 'florence']),
    /** Order of the processor's arguments in transformers.js. */
    processor: v.picklist(['text-first', 'images-first']),
    /** Passed to the processor as they are, for example `{"do_image_splitting": false}`. */
    processorOptions: v.record(v.string(), v.union([v.boolean(), v.number(), v.string()])),
    /** The model's own wording of the question about the clip, where it was trained on one; `null` takes ours. */
    clip: v.nullable(text),
  }),
  frames: v.strictObject({
    count,
    /** Frames are scaled down to this longer side before the model's own processor sees them, in pixels. */
    longestSide: count,
    /** Width and height are rounded to a multiple of this, so that the processor need not resize. */
    multipleOf: count,
    /**
     * `each`: one placeholder a frame, with its time before it. `stack`: frames of one size, even in number, behind one
     * placeholder (Qwen’s image processor in transformers.js throws on odd counts and corrupts mixed sizes).
     */
    placeholders: v.picklist(['each', 'stack']),
  }),
  questions: v.pipe(v.array(v.picklist(['clip', 'trace'])), v.minLength(1, 'at least one question')),
  answer: v.strictObject({
    /** How it is asked to answer about the clip: DeeptraceReward’s tags, its two sentences, or JSON. */
    format: v.picklist(['tags', 'sentence', 'json', 'none']),
    /** How it writes a box. */
    boxes: v.picklist(['thousandths', 'unit', 'input-pixels', 'display-pixels', 'location-tokens']),
    maxTokens: count,
  }),
  variants: v.pipe(v.array(VariantSchema), v.minLength(1, 'at least one variant')),
  /** Known limits, in sentences for the visitor. */
  limits: v.array(text),
  record: v.nullable(RecordSchema),
  /** What of this entry was checked, and what was not, in sentences. */
  verified: v.array(text),
  unverified: v.array(text),
});

/** One model of the registry. */
export type ModelEntry = v.InferOutput<typeof ModelEntrySchema>;

/** One way to run a model: dtypes, device, needs, download. */
export type ModelVariant = ModelEntry['variants'][number];

/** Name of the file by which a folder or a mirror brings its own registry entry. */
export const ENTRY_FILE = 'tellscope-model.json';

/**
 * Reads a registry entry.
 *
 * @param source where it is from, for the message.
 * @throws {Error} that names the first field that is not as it should be.
 */
export function parseEntry(value: unknown, source: string): ModelEntry {
  const result = v.safeParse(ModelEntrySchema, value);
  if (!result.success) {
    const issue = result.issues[0];
    const field = v.getDotPath(issue) ?? 'the entry';
    throw new Error(`${source}: ${field} is not as it should be (expected ${issue.message}).`);
  }
  return result.output;
}

/**
 * Reads a registry.
 *
 * @throws {Error} on a bad entry or on two entries of one id.
 */
export function parseRegistry(values: readonly unknown[], source: string): ModelEntry[] {
  const models = values.map((value, index) => parseEntry(value, `${source}, entry ${index + 1}`));
  const seen = new Set<string>();
  for (const { id } of models) {
    if (seen.has(id)) {
      throw new Error(`${source}: two entries are called "${id}".`);
    }
    seen.add(id);
  }
  return models;
}

/** The models the app knows of itself. */
export const MODELS: readonly ModelEntry[] = parseRegistry(entries, 'models.json');
