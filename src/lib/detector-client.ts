import * as Comlink from 'comlink';
import { TellscopeError, toErrorData } from '../../workers/errors';
import type {
  AnalysisEvent,
  BackendChoice,
  LoadedModel,
  ModelAssets,
  WorkerEvent,
} from '../../workers/protocol';
import type { Report } from '../../workers/report';
import { Job } from './job';
import type { JobRecord } from './job-store';
import { fetchModelAssets } from './model-assets';
import { requestLog } from './privacy/request-log.svelte';
import { GpuRecord, Recovery } from './recovery';
import { DEFAULT_LIMITS, SupervisedWorker, type Limits } from './supervised-worker';
import { unwrap, whenAborted } from './worker-calls';

/** A live worker with its model loaded or loading. */
type Detector = { worker: SupervisedWorker; model: Promise<LoadedModel> };

/** What tests and other pages may want otherwise. */
export type DetectorOptions = {
  /** Fetches model and runtime. */
  assets?: () => Promise<ModelAssets>;
  /** Starts a detector worker. */
  spawn?: () => Worker;
  limits?: Limits;
};

function spawnDetector(): Worker {
  const worker = new Worker(new URL('../../workers/detector.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tellscope-detector',
  });
  requestLog.observeWorker(worker);
  return worker;
}

/**
 * The page's side of the detector. Jobs run one after the other. The worker is the unit of recovery: a cancelled job, a
 * failed run, a lost GPU or a lost worker ends in `terminate()`. A job that met a fault of the machine goes on in a new
 * worker after its last finished window, as often as {@link Recovery} allows.
 */
export class DetectorClient {
  readonly #backend: BackendChoice;
  readonly #options: Required<DetectorOptions>;
  readonly #gpu = new GpuRecord();
  #assets: Promise<ModelAssets> | undefined;
  #detector: Detector | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** Creates a client; nothing is fetched until {@link prepare} or {@link analyse}. */
  constructor(backend: BackendChoice = 'auto', options: DetectorOptions = {}) {
    this.#backend = backend;
    this.#options = { assets: fetchModelAssets, spawn: spawnDetector, limits: DEFAULT_LIMITS, ...options };
  }

  /** Loads the model ahead of the first file. Failures are kept for {@link analyse} to report. */
  prepare(): void {
    this.#detector ??= this.#start();
  }

  /**
   * Judges one file.
   *
   * @param file the video; read in slices, never copied.
   * @param onEvent told of stages, progress and partial traces.
   * @param signal aborting ends the worker at once.
   * @param record where to note how far the job has come; it goes on after what is in there of the same file.
   * @throws {TellscopeError} with the code of whatever went wrong; `cancelled` after an abort.
   */
  analyse(
    file: File,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
    record?: JobRecord,
  ): Promise<Report> {
    const job = this.#queue.then(() => this.#run(new Job(file, record), onEvent, signal));
    // One failed job must not fail those behind it.
    this.#queue = job.catch(() => {});
    return job;
  }

  /** Ends the worker. The client can be used again. */
  dispose(): void {
    this.#detector?.worker.terminate();
    this.#detector = undefined;
  }

  /** Runs a job in as many workers as it takes. */
  async #run(job: Job, onEvent: (event: AnalysisEvent) => void, signal: AbortSignal): Promise<Report> {
    const recovery = new Recovery(this.#gpu);
    const cancelled = whenAborted(signal, 'The analysis was cancelled.');
    try {
      for (;;) {
        let model: LoadedModel | undefined;
        const tell = (event: AnalysisEvent): void => {
          model = event.type === 'model' ? event.model : model;
          onEvent(event);
        };
        try {
          const report = await this.#attempt(job, tell, cancelled.promise);
          return { ...report, warnings: [...report.warnings, ...job.notes(), ...recovery.notes()] };
        } catch (error) {
          const fault = toTellscopeError(error);
          if (FILE_FAULTS.has(fault.code)) {
            throw fault;
          }
          this.dispose();
          if (fault.code === 'model-altered' || fault.code === 'backend-unavailable') {
            // What was fetched may be damaged.
            this.#assets = undefined;
          }
          const message = recovery.goesOn(fault, job.windowsDone, model?.backend);
          if (message === undefined) {
            throw fault;
          }
          onEvent({ type: 'interrupted', message });
        }
      }
    } finally {
      cancelled.release();
    }
  }

  /** Runs a job in the worker there is, from where its log ends. */
  async #attempt(
    job: Job,
    onEvent: (event: AnalysisEvent) => void,
    cancelled: Promise<never>,
  ): Promise<Report> {
    const { worker, model } = (this.#detector ??= this.#start());
    const ended = Promise.race([worker.ended, cancelled]);
    const { log } = job;
    let over = false;
    const callback = (event: WorkerEvent): void => {
      // What a terminated worker told may still be on its way.
      if (over) {
        return;
      }
      worker.progressed();
      const news = job.take(event);
      if (news) {
        onEvent(news);
      }
    };
    try {
      onEvent({ type: 'stage', stage: 'loading-model' });
      worker.progressed();
      const loaded = await Promise.race([model, ended]);
      job.judgedBy(loaded);
      onEvent({ type: 'model', model: loaded });
      return unwrap(await Promise.race([worker.api.analyse(job.file, Comlink.proxy(callback), log), ended]));
    } finally {
      over = true;
      worker.rest();
    }
  }

  #start(): Detector {
    const worker = new SupervisedWorker(this.#options.spawn(), this.#options.limits);
    worker.ended.catch(() => {
      // Lost while it had nothing to do: the next job gets another and need not hear of it.
      if (this.#detector?.worker === worker) {
        this.#detector = undefined;
      }
    });
    this.#assets ??= this.#options.assets();
    const model = this.#assets.then(async (assets) =>
      unwrap(
        await Promise.race([worker.api.load(assets, this.#backend, this.#gpu.reasonToAvoid), worker.ended]),
      ),
    );
    this.#assets.catch(() => {
      // A failed download is tried anew by the next job.
      this.#assets = undefined;
    });
    model.catch(() => {});
    return { worker, model };
  }
}

/** The file was at fault, not the machine: the worker is as good as before. */
const FILE_FAULTS = new Set([
  'empty-file',
  'not-a-video',
  'no-video-track',
  'unsupported-codec',
  'truncated-file',
  'unreadable-file',
  'decode-failed',
]);

function toTellscopeError(error: unknown): TellscopeError {
  if (error instanceof TellscopeError) {
    return error;
  }
  const { code, message } = toErrorData(error);
  return new TellscopeError(code, message, { cause: error });
}
