import * as Comlink from 'comlink';
import { TellscopeError } from '../../../workers/errors';
import type { Outcome } from '../../../workers/protocol';
import type { Report } from '../../../workers/report';
import { unwrap, whenAborted, whenLost } from '../worker-calls';
import type { AnnotatedVideo } from './annotated-video';
import type { MediaApi } from './media.worker';
import type { OnProgress, Still } from './stills';

/** How a job is watched and ended. */
export type JobOptions = { onProgress: OnProgress; signal: AbortSignal };

/**
 * Pictures all traces of a report in a worker of its own.
 *
 * @param maxSide longest side of the pictures in pixels; larger frames are scaled down.
 * @throws {TellscopeError} `cancelled` after an abort.
 */
export function makeStills(
  file: Blob,
  report: Report,
  maxSide: number,
  { onProgress, signal }: JobOptions,
): Promise<Still[]> {
  return run((api) => api.stills(file, report, maxSide, Comlink.proxy(onProgress)), signal);
}

/**
 * Makes a copy of the video with its traces burnt in, in a worker of its own.
 *
 * @throws {TellscopeError} `cancelled` after an abort.
 */
export function makeAnnotatedVideo(
  file: Blob,
  report: Report,
  { onProgress, signal }: JobOptions,
): Promise<AnnotatedVideo> {
  return run((api) => api.annotate(file, report, Comlink.proxy(onProgress)), signal);
}

async function run<T>(
  call: (api: Comlink.Remote<MediaApi>) => Promise<Outcome<T>>,
  signal: AbortSignal,
): Promise<T> {
  if (signal.aborted) {
    throw new TellscopeError('cancelled', 'Cancelled.');
  }
  const worker = new Worker(new URL('./media.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tellscope-exports',
  });
  const cancelled = whenAborted(signal, 'Cancelled.');
  try {
    const api = Comlink.wrap<MediaApi>(worker);
    return unwrap(await Promise.race([call(api), cancelled.promise, whenLost(worker, 'export')]));
  } finally {
    cancelled.release();
    worker.terminate();
  }
}
