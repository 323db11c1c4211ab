/** Files that every model has; without one of them nothing loads. */
const REQUIRED = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json'];

/** Files that some models have, and that are taken where they are. */
const OPTIONAL = ['generation_config.json', 'processor_config.json', 'chat_template.jinja'];

/** Suffix of a session's file for each dtype, as transformers.js 4.3 names them. */
const SUFFIXES: Record<string, string> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
};

/** A path in a model's folder, and whether the model runs without it. */
export type FolderFile = { path: string; optional: boolean };

/**
 * The files transformers.js will ask for, in the order they are best fetched: small ones first.
 *
 * @param config the model's `config.json`, which says how many pieces the weights of a session are in.
 * @param dtype dtype by session file.
 */
export function filesOf(config: unknown, dtype: Record<string, string>): FolderFile[] {
  const sessions = Object.entries(dtype).flatMap(([session, name]) => {
    const file = `${session}${SUFFIXES[name] ?? ''}.onnx`;
    const pieces = Array.from({ length: pieceCount(config, session, file) }, (_, index) =>
      index === 0 ? `${file}_data` : `${file}_data_${index}`,
    );
    return [file, ...pieces].map((piece) => `onnx/${piece}`);
  });
  return [
    ...REQUIRED.map((path) => ({ path, optional: false })),
    ...OPTIONAL.map((path) => ({ path, optional: true })),
    ...sessions.map((path) => ({ path, optional: false })),
  ];
}

/** Paths that the model cannot run without and that are not there. */
export function missingFiles(
  config: unknown,
  dtype: Record<string, string>,
  has: (path: string) => boolean,
): string[] {
  return filesOf(config, dtype)
    .filter(({ path, optional }) => !optional && !has(path))
    .map(({ path }) => path);
}

/** How many files of weights lie beside a session's graph: `transformers.js_config.use_external_data_format`. */
function pieceCount(config: unknown, session: string, file: string): number {
  const format = property(property(config, 'transformers.js_config'), 'use_external_data_format');
  const value = property(format, file) ?? property(format, session) ?? format;
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : 0;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
