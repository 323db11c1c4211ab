import * as Comlink from 'comlink';
import { TellscopeError } from '../../workers/errors';
import type {
  AnalysisEvent,
  BackendChoice,
  DetectorApi,
  LoadedModel,
  ModelAssets,
} from '../../workers/protocol';
import type { Report } from '../../workers/report';
import { fetchModelAssets } from './model-assets';
import { requestLog } from './privacy/request-log.svelte';
import { unwrap, whenAborted, whenLost } from './worker-calls';

/** A live worker with its model loaded or loading. */
type Detector = {
  worker: Worker;
  /** One proxy for the worker's whole life: an in-flight call is dropped when its proxy is collected (comlink#692). */
  api: Comlink.Remote<DetectorApi>;
  model: Promise<LoadedModel>;
  /** Rejects when the worker dies. */
  lost: Promise<never>;
};

/**
 * The page's side of the detector worker. Jobs run one after the other. The worker is the unit of recovery: a
 * cancelled job, a failed run or a lost worker ends in `terminate()`, and the next job gets a fresh one.
 */
export class DetectorClient {
  readonly #backend: BackendChoice;
  #assets: Promise<ModelAssets> | undefined;
  #detector: Detector | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** Creates a client; nothing is fetched until {@link prepare} or {@link analyse}. */
  constructor(backend: BackendChoice = 'auto') {
    this.#backend = backend;
  }

  /** Loads the model ahead of the first file. Failures are kept for {@link analyse} to report. */
  prepare(): void {
    this.#detector ??= this.#start();
    this.#detector.model.catch(() => {});
  }

  /**
   * Judges one file.
   *
   * @param file the video; read in slices, never copied.
   * @param onEvent told of stages, progress and partial traces.
   * @param signal aborting ends the worker at once.
   * @throws {TellscopeError} with the code of whatever went wrong; `cancelled` after an abort.
   */
  analyse(file: File, onEvent: (event: AnalysisEvent) => void, signal: AbortSignal): Promise<Report> {
    const job = this.#queue.then(() => this.#run(file, onEvent, signal));
    // One failed job must not fail those behind it.
    this.#queue = job.catch(() => {});
    return job;
  }

  /** Ends the worker. The client can be used again. */
  dispose(): void {
    this.#detector?.worker.terminate();
    this.#detector = undefined;
  }

  async #run(file: File, onEvent: (event: AnalysisEvent) => void, signal: AbortSignal): Promise<Report> {
    const cancelled = whenAborted(signal, 'The analysis was cancelled.');
    try {
      const detector = (this.#detector ??= this.#start());
      const ended = Promise.race([detector.lost, cancelled.promise]);
      onEvent({ type: 'stage', stage: 'loading-model' });
      onEvent({ type: 'model', model: await Promise.race([detector.model, ended]) });
      const callback = Comlink.proxy(onEvent);
      return unwrap(await Promise.race([detector.api.analyse(file, callback), ended]));
    } catch (error) {
      if (!isFaultOfFile(error)) {
        this.dispose();
      }
      throw error;
    } finally {
      cancelled.release();
    }
  }

  #start(): Detector {
    const worker = new Worker(new URL('../../workers/detector.worker.ts', import.meta.url), {
      type: 'module',
      name: 'tellscope-detector',
    });
    requestLog.observeWorker(worker);
    const api = Comlink.wrap<DetectorApi>(worker);
    const lost = whenLost(worker, 'analysis');
    this.#assets ??= fetchModelAssets();
    const model = this.#assets.then(async (assets) =>
      unwrap(await Promise.race([api.load(assets, this.#backend), lost])),
    );
    this.#assets.catch(() => {
      // A failed download is tried anew by the next job.
      this.#assets = undefined;
    });
    model.catch(() => {});
    return { worker, api, model, lost };
  }
}

const FILE_FAULTS = new Set([
  'empty-file',
  'not-a-video',
  'no-video-track',
  'unsupported-codec',
  'truncated-file',
  'unreadable-file',
  'decode-failed',
]);

/** Whether the worker is as good as before: the file was at fault, not the machine. */
function isFaultOfFile(error: unknown): boolean {
  return error instanceof TellscopeError && FILE_FAULTS.has(error.code);
}
