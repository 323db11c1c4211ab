import * as ort from 'onnxruntime-web/webgpu';
import { isOutOfMemory, TellscopeError } from '../errors';
import type { BackendChoice, LoadedModel, ModelAssets } from '../protocol';
import type { Backend } from '../report';
import type { WindowTensors } from '../video/preprocess';
import { Explainer } from './explainer';
import { requestGpuDevice, type GpuDevice } from './gpu-device';
import { parseManifest, type Manifest } from './manifest';
import { failedRun, messageOf, mismatchOf, output, runSession, sha256Hex, verifiedBytes } from './runtime';

/** Outputs of the trace session for one window, on a grid of `rows` x `columns` cells per sample. */
export type TraceOutputs = {
  /** Samples of a window. */
  samples: number;
  rows: number;
  columns: number;
  /** `[samples, 1, rows, columns]` logits that a trace covers the cell. */
  objectness: Float32Array;
  /** `[samples, 9, rows, columns]` logits, one sigmoid per category. */
  category: Float32Array;
  /** `[samples, 4, rows, columns]` distances from the cell's centre to left, top, right, bottom, in input pixels. */
  box: Float32Array;
  /** `[samples, 2, rows, columns]` seconds since onset and until offset. */
  boundary: Float32Array;
  /** `[samples, subjects, rows, columns]` logits over the coarse subject nouns. */
  subject: Float32Array;
  /** `[1, 1, rows, columns]` logits that a trace of the window covers the cell. */
  coverage: Float32Array;
  /**
   * `[4, channels, rows / 2, columns / 2]` frozen features for the explainer: mean over both halves of the window, then
   * mean absolute step over both. Models up to 0.1.2 have none.
   */
  context?: Float32Array | undefined;
};

/** Everything the model says of one window. */
export type WindowOutputs = {
  trace: TraceOutputs;
  /** Logit that the window is generated, by the trace stream. */
  verdictLogit: number;
  /** Logit that a crop is generated, one a crop, by the forensic stream. */
  forensicLogits: Float32Array;
};

type Sessions = {
  trace: ort.InferenceSession;
  forensic: ort.InferenceSession;
  /** Rejects when the device they run on is lost; never settles on the CPU. */
  lost: Promise<never>;
};

/** Worker threads beyond this bring nothing for a model of this size. */
const MAX_THREADS = 8;

/** The embedded model, loaded on a backend that reproduced its golden outputs. */
export class TraceNet {
  readonly manifest: Manifest;
  readonly loaded: LoadedModel;
  /** The backend that was asked for; {@link loaded} names the one that was taken. */
  readonly requestedBackend: BackendChoice;
  /** Puts traces into words, where the model has such a part and it runs here. */
  readonly explainer: Explainer | undefined;
  readonly #sessions: Sessions;

  private constructor(
    manifest: Manifest,
    loaded: LoadedModel,
    requestedBackend: BackendChoice,
    explainer: Explainer | undefined,
    sessions: Sessions,
  ) {
    this.manifest = manifest;
    this.loaded = loaded;
    this.requestedBackend = requestedBackend;
    this.explainer = explainer;
    this.#sessions = sessions;
  }

  /** Rejects with `gpu-lost` when the GPU the model runs on is lost; a run may then never end. */
  get lost(): Promise<never> {
    return this.#sessions.lost;
  }

  /**
   * Builds the sessions. With `auto` WebGPU is tried first, then WASM; a backend that fails or whose outputs on the
   * golden input differ from the manifest's is not used, and {@link LoadedModel.notes} says so.
   *
   * @param withoutGpu why `auto` must not try WebGPU, in a sentence; undefined where it may.
   * @throws {TellscopeError} `model-altered` when a file does not have its hash, `gpu-lost` when the GPU goes while the
   * model is loaded, `backend-unavailable`, `model-mismatch` or `out-of-memory` when no backend is left.
   */
  static async create(assets: ModelAssets, choice: BackendChoice, withoutGpu?: string): Promise<TraceNet> {
    const manifest = parseManifest(assets.manifest);
    const [trace, forensic, sha256] = await Promise.all([
      verifiedBytes(assets, manifest.sessions.trace),
      verifiedBytes(assets, manifest.sessions.forensic),
      sha256Hex(new TextEncoder().encode(assets.manifest)),
    ]);
    await configureRuntime(assets);
    const notes: string[] = [];
    if (choice === 'auto' && withoutGpu !== undefined) {
      notes.push(withoutGpu);
    }
    for (const backend of backendsToTry(choice, withoutGpu)) {
      const attempt = await tryBackend(backend, choice, manifest, { trace, forensic });
      if ('sessions' in attempt) {
        const { id, version, precision } = manifest;
        const explainer = await Explainer.create(assets, manifest);
        const loaded = { id, version, sha256, backend, precision, notes };
        return new TraceNet(manifest, loaded, choice, explainer, attempt.sessions);
      }
      notes.push(attempt.reason);
      if (choice !== 'auto' || backend === 'wasm') {
        throw new TellscopeError(attempt.code, `The model cannot run here. ${notes.join(' ')}`);
      }
    }
    throw new TellscopeError('backend-unavailable', `The model cannot run here. ${notes.join(' ')}`);
  }

  /**
   * Runs both streams on one window.
   *
   * @throws {TellscopeError} `inference-failed` or `out-of-memory`; the worker should then be replaced, not called again.
   */
  async run(tensors: WindowTensors): Promise<WindowOutputs> {
    const { trace: traceSpec, forensic: forensicSpec } = this.manifest.sessions;
    try {
      // One after the other: a runtime must not run two sessions at once (onnxruntime#29851).
      const trace = await runSession(this.#sessions.trace, traceSpec, tensors.frames);
      const forensic = await runSession(this.#sessions.forensic, forensicSpec, tensors.crops);
      refuseZeros(trace, forensic);
      const grid = traceSpec.outputs['objectness'] ?? [];
      return {
        trace: {
          samples: grid[0] ?? 0,
          rows: grid[2] ?? 0,
          columns: grid[3] ?? 0,
          objectness: output(trace, 'objectness'),
          category: output(trace, 'category'),
          box: output(trace, 'box'),
          boundary: output(trace, 'boundary'),
          subject: output(trace, 'subject'),
          coverage: output(trace, 'coverage'),
          context: trace['context'],
        },
        verdictLogit: output(trace, 'verdict')[0]!,
        forensicLogits: output(forensic, 'forensic'),
      };
    } catch (error) {
      throw failedRun('model', error);
    }
  }
}

function backendsToTry(choice: BackendChoice, withoutGpu: string | undefined): readonly Backend[] {
  if (choice !== 'auto') {
    return [choice];
  }
  return withoutGpu === undefined ? ['webgpu', 'wasm'] : ['wasm'];
}

type Attempt =
  | { sessions: Sessions }
  | { code: 'backend-unavailable' | 'model-mismatch' | 'out-of-memory'; reason: string };

async function tryBackend(
  backend: Backend,
  choice: BackendChoice,
  manifest: Manifest,
  bytes: { trace: Uint8Array; forensic: Uint8Array },
): Promise<Attempt> {
  let gpu: Extract<GpuDevice, { device: GPUDevice }> | undefined;
  if (backend === 'webgpu') {
    const found = await requestGpuDevice(choice === 'auto');
    if ('missing' in found) {
      return { code: 'backend-unavailable', reason: found.missing };
    }
    gpu = found;
  }
  const lost = gpu?.lost ?? new Promise<never>(() => {});
  const name = backend === 'webgpu' ? 'WebGPU' : 'WebAssembly';
  const created: ort.InferenceSession[] = [];
  try {
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders: gpu ? [{ name: 'webgpu', device: gpu.device }] : ['wasm'],
    };
    const trace = await Promise.race([ort.InferenceSession.create(bytes.trace, options), lost]);
    created.push(trace);
    const forensic = await Promise.race([ort.InferenceSession.create(bytes.forensic, options), lost]);
    created.push(forensic);
    // This first run also compiles the shaders, so no window pays for that.
    const mismatch =
      (await Promise.race([mismatchOf(trace, manifest.sessions.trace), lost])) ??
      (await Promise.race([mismatchOf(forensic, manifest.sessions.forensic), lost]));
    if (mismatch === undefined) {
      return { sessions: { trace, forensic, lost } };
    }
    await release(created);
    return { code: 'model-mismatch', reason: `${name} computes wrong numbers on this machine: ${mismatch}.` };
  } catch (error) {
    if (error instanceof TellscopeError) {
      // The GPU is lost, and what the runtime still does on it may never end: another worker has to go on.
      throw error;
    }
    await release(created);
    return {
      code: isOutOfMemory(error) ? 'out-of-memory' : 'backend-unavailable',
      reason: `${name} could not be started (${messageOf(error)}).`,
    };
  }
}

/** A lost GPU has answered with zeros instead of an error (onnxruntime#27596); no picture makes the model do so. */
function refuseZeros(...runs: Record<string, Float32Array>[]): void {
  for (const outputs of runs) {
    if (Object.values(outputs).every((data) => data.every((value) => value === 0))) {
      throw new Error('all its outputs are zero');
    }
  }
}

async function release(sessions: ort.InferenceSession[]): Promise<void> {
  await Promise.allSettled(sessions.map((session) => session.release()));
}

async function configureRuntime(assets: ModelAssets): Promise<void> {
  ort.env.wasm.wasmBinary = await assets.runtimeBinary.arrayBuffer();
  // The worker's policy lets scripts start from memory only. The address lives as long as the worker: each of the
  // runtime's threads starts from it.
  const script = new Blob([assets.runtimeModule], { type: 'text/javascript' });
  ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(script) };
  ort.env.wasm.numThreads = crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
  ort.env.logLevel = 'error';
}
