import * as Comlink from 'comlink';
import { toErrorData } from '../../../workers/errors';
import type { Outcome } from '../../../workers/protocol';
import type { Report } from '../../../workers/report';
import { renderAnnotatedVideo, type AnnotatedVideo } from './annotated-video';
import { renderStills, type OnProgress, type Still } from './stills';

/** What the worker that decodes and encodes for exports offers. To cancel, terminate it. */
export type MediaApi = {
  stills(file: Blob, report: Report, maxSide: number, onProgress: OnProgress): Promise<Outcome<Still[]>>;
  annotate(file: Blob, report: Report, onProgress: OnProgress): Promise<Outcome<AnnotatedVideo>>;
};

async function settle<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

const api: MediaApi = {
  stills: (file, report, maxSide, onProgress) => settle(renderStills(file, report, maxSide, onProgress)),
  annotate: (file, report, onProgress) => settle(renderAnnotatedVideo(file, report, onProgress)),
};

Comlink.expose(api);
