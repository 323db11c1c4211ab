import type { ErrorData } from './errors';
import type { JobLog, JobLogEntry } from './job-log';
import type { Backend, Report, Trace, VideoInfo, WindowJudgement } from './report';
import type { HeatWindow } from './traces/heat';

/** Asked of the detector: one backend, or the best that proves itself on the golden input. */
export type BackendChoice = 'auto' | Backend;

/**
 * Everything the worker needs to build its sessions. The page fetches these from its own origin and hands them
 * over as Blobs, since the worker itself cannot reach the network.
 */
export type ModelAssets = {
  /** Text of `model.json`. */
  manifest: string;
  /** The model files named in the manifest, by file name. */
  files: Record<string, Blob>;
  /** The runtime's WebAssembly binary. */
  runtimeBinary: Blob;
  /** The runtime's JavaScript glue module. */
  runtimeModule: Blob;
};

/** A backend that passed its golden test, or why the next one was taken. */
export type LoadedModel = {
  id: string;
  version: string;
  /** SHA-256 of the manifest, which itself holds the SHA-256 of every model file. */
  sha256: string;
  backend: Backend;
  precision: string;
  /** One sentence for each backend that was tried and not taken. */
  notes: string[];
};

/** The stages of an analysis, in the order a video passes them. */
export type Stage = 'loading-model' | 'opening' | 'analysing' | 'concluding';

/** What the worker tells while it works. */
export type AnalysisEvent =
  | { type: 'stage'; stage: Stage }
  | { type: 'video'; video: VideoInfo }
  | { type: 'model'; model: LoadedModel }
  | {
      type: 'progress';
      /** Windows judged so far and in all (the total can move by a few when cuts are found). */
      windowsDone: number;
      windowsExpected: number;
      /** Media time up to which the clip has been judged, in seconds. */
      judgedSeconds: number;
    }
  | ({
      type: 'window';
      /** All traces so far, re-linked; replaces the earlier list. Ids may change until the report is there. */
      traces?: Trace[];
      /** Where the model suspects something, whether or not it makes a trace. */
      heat: HeatWindow;
    } & WindowJudgement)
  | {
      type: 'interrupted';
      /** What happened, and that the job goes on. */
      message: string;
    }
  | {
      /** The job was taken up again: replaces all windows, traces and heat told of before. */
      type: 'restored';
      windows: WindowJudgement[];
      traces: Trace[];
      heat: HeatWindow[];
    };

/** What the worker tells the page's side of it: the log is kept there, so that it outlives the worker. */
export type WorkerEvent =
  | Exclude<AnalysisEvent, { type: 'restored' | 'interrupted' }>
  | Omit<Extract<AnalysisEvent, { type: 'restored' }>, 'heat'>
  | { type: 'log'; entry: JobLogEntry }
  | { type: 'hash'; sha256: string };

/** Result of a call into the worker: errors cross as data, with their code. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: ErrorData };

/** What the detector worker offers. One job at a time; to cancel, terminate the worker. */
export type DetectorApi = {
  /** Holds the named lock for as long as the worker lives, so that its end shows (Web Locks). */
  holdLock(name: string): Promise<void>;
  /** Answers: a worker that does not is stuck. */
  ping(): void;
  /**
   * Builds the sessions on the chosen backend and proves them on the golden input. `withoutGpu` says why `auto` must
   * not try the GPU.
   */
  load(
    assets: ModelAssets,
    backend: BackendChoice,
    withoutGpu: string | undefined,
  ): Promise<Outcome<LoadedModel>>;
  /** Judges one file with the loaded model, from where the log of an interrupted job ends. */
  analyse(
    file: File,
    onEvent: (event: WorkerEvent) => void,
    log: JobLog | undefined,
  ): Promise<Outcome<Report>>;
};
