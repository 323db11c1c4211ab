import { OpinionError } from '../../../workers/opinion/errors';
import { missingFiles } from '../../../workers/opinion/model-folder';
import type { ModelFiles } from '../../../workers/opinion/protocol';
import { ENTRY_FILE, parseEntry, type ModelEntry, type ModelVariant } from './registry';

/**
 * Files by their path in the model's folder, wherever in the picked folder that lies: it is where `config.json` is.
 * Files picked without a folder are told apart by their names, the sessions' belong below `onnx/`.
 *
 * @throws {OpinionError} `file-missing` when there is no `config.json`.
 */
export function sortFolder(picked: Iterable<File>): ModelFiles {
  const files = [...picked].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  const config = files
    .filter(({ path }) => path.split('/').at(-1) === 'config.json')
    .sort((a, b) => a.path.length - b.path.length)[0];
  if (!config) {
    throw new OpinionError(
      'file-missing',
      'There is no config.json among these files. Choose the folder that the model was downloaded to.',
    );
  }
  const root = config.path.slice(0, -'config.json'.length);
  const sorted: ModelFiles = {};
  for (const { file, path } of files) {
    if (path.startsWith(root)) {
      const inside = path.slice(root.length);
      const loose = !inside.includes('/') && /\.onnx(?:_data(?:_\d+)?)?$/.test(inside);
      sorted[loose ? `onnx/${inside}` : inside] = file;
    }
  }
  return sorted;
}

/**
 * The registry entry that a folder brings, if it brings one.
 *
 * @throws {OpinionError} `bad-entry` when it is not one.
 */
export async function entryOf(files: ModelFiles): Promise<ModelEntry | undefined> {
  const text = await files[ENTRY_FILE]?.text();
  return text === undefined ? undefined : readEntry(text);
}

/**
 * Reads the text of a registry entry that comes with a model.
 *
 * @throws {OpinionError} `bad-entry` naming the field that is not as it should be.
 */
export function readEntry(text: string): ModelEntry {
  try {
    return parseEntry(JSON.parse(text), ENTRY_FILE);
  } catch (error) {
    const detail = error instanceof SyntaxError ? `${ENTRY_FILE} is not JSON` : (error as Error).message;
    throw new OpinionError('bad-entry', `${detail} docs/second-opinion.md describes what belongs there.`, {
      cause: error,
    });
  }
}

/**
 * The first variant of a model whose files are all in a folder.
 *
 * @throws {OpinionError} `file-missing` naming what the nearest variant lacks.
 */
export async function variantIn(files: ModelFiles, variants: readonly ModelVariant[]): Promise<ModelVariant> {
  let config: unknown;
  try {
    config = JSON.parse((await files['config.json']?.text()) ?? '');
  } catch (error) {
    throw new OpinionError('load-failed', 'config.json in this folder is not JSON.', { cause: error });
  }
  const lacking = variants
    .map((variant) => ({ variant, missing: missingFiles(config, variant.dtype, (path) => path in files) }))
    .sort((a, b) => a.missing.length - b.missing.length)[0];
  if (!lacking) {
    throw new OpinionError('internal', 'The model has no variant.');
  }
  if (lacking.missing.length > 0) {
    throw new OpinionError(
      'file-missing',
      `The folder lacks ${lacking.missing.join(', ')}. Choose the folder of the whole model.`,
    );
  }
  return lacking.variant;
}
