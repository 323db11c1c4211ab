import * as ort from 'onnxruntime-web/webgpu';
import { isOutOfMemory, TellscopeError } from '../errors';
import type { ModelAssets } from '../protocol';
import { goldenMismatch, latticeInput } from './golden';
import type { FileSpec, SessionSpec } from './manifest';

/**
 * Bytes of a model file.
 *
 * @throws {TellscopeError} `model-altered` when they are not the ones the manifest names.
 */
export async function verifiedBytes(assets: ModelAssets, spec: FileSpec): Promise<Uint8Array<ArrayBuffer>> {
  const blob = assets.files[spec.file];
  const bytes = blob && new Uint8Array(await blob.arrayBuffer());
  if (bytes?.byteLength !== spec.bytes || (await sha256Hex(bytes)) !== spec.sha256) {
    throw new TellscopeError(
      'model-altered',
      `The model file ${spec.file} is not the one its manifest names (its SHA-256 differs). ` +
        'Reload the page; if it stays, install Tellscope again.',
    );
  }
  return bytes;
}

/** SHA-256 of bytes, in lower-case hexadecimal. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Runs a session on its one input and gives its outputs by name; what the runtime holds of them is given back. */
export async function runSession(
  session: ort.InferenceSession,
  spec: SessionSpec,
  data: Float32Array,
): Promise<Record<string, Float32Array>> {
  const input = new ort.Tensor('float32', data, spec.input.shape);
  const results = await session.run({ [spec.input.name]: input });
  const outputs: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(results)) {
    if (!(tensor.data instanceof Float32Array)) {
      throw new TypeError(`output "${name}" is ${tensor.type}, not float32`);
    }
    outputs[name] = tensor.data;
    // The data stays; what the runtime holds outside JavaScript is given back.
    tensor.dispose();
  }
  input.dispose();
  return outputs;
}

/**
 * Runs a session on the golden input.
 *
 * @returns `undefined` when its outputs are the manifest's, else one sentence on the worst of them.
 */
export async function mismatchOf(
  session: ort.InferenceSession,
  spec: SessionSpec,
): Promise<string | undefined> {
  return goldenMismatch(spec, await runSession(session, spec, latticeInput(spec.input.shape)));
}

/**
 * One output of a session.
 *
 * @throws {TypeError} when the model does not have it.
 */
export function output(outputs: Record<string, Float32Array>, name: string): Float32Array {
  const data = outputs[name];
  if (!data) {
    throw new TypeError(`the model has no output "${name}"`);
  }
  return data;
}

/** The error of a run that failed; `part` is what was run. */
export function failedRun(part: 'model' | 'explainer', error: unknown): TellscopeError {
  return new TellscopeError(
    isOutOfMemory(error) ? 'out-of-memory' : 'inference-failed',
    `The ${part} failed while running (${messageOf(error)}). Close other tabs to free memory and try again.`,
    { cause: error },
  );
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
