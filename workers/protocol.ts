import type { ErrorData } from './errors';
import type { HeatWindow } from './traces/heat';
import type { Backend, Report, Trace, VideoInfo } from './report';

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
  | {
      type: 'window';
      startSeconds: number;
      endSeconds: number;
      fakeProbability: number;
      /** All traces so far, re-linked; replaces the earlier list. Ids may change until the report is there. */
      traces: Trace[];
      /** Where the model suspects something, whether or not it makes a trace. */
      heat: HeatWindow;
    };

/** Result of a call into the worker: errors cross as data, with their code. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: ErrorData };

/** What the detector worker offers. One call at a time; to cancel, terminate the worker. */
export type DetectorApi = {
  /** Builds the sessions on the chosen backend and proves them on the golden input. */
  load(assets: ModelAssets, backend: BackendChoice): Promise<Outcome<LoadedModel>>;
  /** Judges one file with the loaded model. */
  analyse(file: File, onEvent: (event: AnalysisEvent) => void): Promise<Outcome<Report>>;
};
