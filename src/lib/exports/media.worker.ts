import * as Comlink from 'comlink';
import { toErrorData } from '../../../workers/errors';
import type { Outcome } from '../../../workers/protocol';
import type { Report, VideoInfo } from '../../../workers/report';
import { observeRequestsOfWorker } from '../../../workers/observe-requests';
import { fileSha256 } from '../../../workers/sha256';
import { FrameSource } from '../../../workers/video/frame-source';
import { renderAnnotatedVideo, type AnnotatedVideo } from './annotated-video';
import { renderStills, type OnProgress, type PicturedTraces, type Still } from './stills';
import { renderVariant } from '../recheck/render-variant';
import type { VariantId } from '../recheck/variants';

/** What the worker that decodes and encodes for exports offers. To cancel, terminate it. */
export type MediaApi = {
  stills(
    file: Blob,
    pictured: PicturedTraces,
    maxSide: number,
    onProgress: OnProgress,
  ): Promise<Outcome<Still[]>>;
  annotate(file: Blob, report: Report, onProgress: OnProgress): Promise<Outcome<AnnotatedVideo>>;
  timestamps(file: File): Promise<Outcome<Float64Array>>;
  sha256(file: Blob): Promise<Outcome<string>>;
  variant(file: Blob, video: VideoInfo, id: VariantId, onProgress: OnProgress): Promise<Outcome<Blob>>;
};

async function settle<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

const api: MediaApi = {
  stills: (file, pictured, maxSide, onProgress) => settle(renderStills(file, pictured, maxSide, onProgress)),
  annotate: (file, report, onProgress) => settle(renderAnnotatedVideo(file, report, onProgress)),
  timestamps: (file) => settle(readTimestamps(file)),
  sha256: (file) => settle(fileSha256(file)),
  variant: (file, video, id, onProgress) => settle(renderVariant(file, video, id, onProgress)),
};

async function readTimestamps(file: File): Promise<Float64Array> {
  const source = await FrameSource.open(file);
  try {
    return source.timestamps;
  } finally {
    source.dispose();
  }
}

observeRequestsOfWorker('export');
Comlink.expose(api);
