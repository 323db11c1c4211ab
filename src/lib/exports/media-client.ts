import * as Comlink from 'comlink';
import { TellscopeError } from '../../../workers/errors';
import type { Outcome } from '../../../workers/protocol';
import type { Report, VideoInfo } from '../../../workers/report';
import type { VariantId } from '../recheck/variants';
import { requestLog } from '../privacy/request-log.svelte';
import { unwrap, whenAborted, whenLost } from '../worker-calls';
import type { AnnotatedVideo } from './annotated-video';
import type { MediaApi } from './media.worker';
import type { OnProgress, PicturedTraces, Still } from './stills';

/** How a job is watched and ended. */
export type JobOptions = { onProgress: OnProgress; signal: AbortSignal };

/**
 * Pictures traces in a worker of its own.
 *
 * @param maxSide longest side of the pictures in pixels; larger frames are scaled down.
 * @throws {TellscopeError} `cancelled` after an abort.
 */
export function makeStills(
  file: Blob,
  { traces, video }: PicturedTraces,
  maxSide: number,
  { onProgress, signal }: JobOptions,
): Promise<Still[]> {
  return run((api) => api.stills(file, { traces, video }, maxSide, Comlink.proxy(onProgress)), signal);
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

/**
 * The presentation timestamps of all frames in seconds, ascending, read in a worker of its own.
 *
 * @throws {TellscopeError} `cancelled` after an abort.
 */
export function readTimestamps(file: File, { signal }: Pick<JobOptions, 'signal'>): Promise<Float64Array> {
  return run((api) => api.timestamps(file), signal);
}

/**
 * SHA-256 of a file in lower-case hexadecimal, read in a worker of its own.
 *
 * @throws {TellscopeError} `cancelled` after an abort.
 */
export function hashFile(file: Blob, signal: AbortSignal): Promise<string> {
  return run((api) => api.sha256(file), signal);
}

/**
 * Makes a copy of the video for a re-check, in a worker of its own.
 *
 * @throws {TellscopeError} `cancelled` after an abort; in words when the browser cannot encode it.
 */
export function makeVariant(
  file: Blob,
  video: VideoInfo,
  id: VariantId,
  { onProgress, signal }: JobOptions,
): Promise<Blob> {
  return run((api) => api.variant(file, video, id, Comlink.proxy(onProgress)), signal);
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
  requestLog.observeWorker(worker);
  const cancelled = whenAborted(signal, 'Cancelled.');
  try {
    const api = Comlink.wrap<MediaApi>(worker);
    return unwrap(await Promise.race([call(api), cancelled.promise, whenLost(worker, 'export')]));
  } finally {
    cancelled.release();
    worker.terminate();
  }
}
