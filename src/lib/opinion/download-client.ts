import * as Comlink from 'comlink';
import type { DownloadApi, DownloadEvent, DownloadRequest } from '../../../workers/opinion/download-protocol';
import type { ModelSource, StoredModel } from '../../../workers/opinion/store';
import { OpinionWorker } from './opinion-worker';

const LOSS = 'The download stopped unexpectedly. What has been downloaded is kept; go on';

/** The page's side of the download workers. Each download has a worker of its own, which ends with it. */
export class DownloadClient {
  #worker: OpinionWorker<DownloadApi> | undefined;
  readonly #start: (kind: ModelSource['kind']) => Worker;

  /** @param start starts the worker for a kind of source; tests whose "hub" lies elsewhere give their own. */
  constructor(start = startWorker) {
    this.#start = start;
  }

  /**
   * Downloads a model, or what is missing of it.
   *
   * @throws {OpinionError} saying what is wrong; `cancelled` after {@link pause} and {@link abandon}. What is stored stays.
   */
  async download(request: DownloadRequest, onEvent: (event: DownloadEvent) => void): Promise<StoredModel> {
    return this.#with(request.source.kind, (worker) =>
      worker.call(worker.api.download(request, Comlink.proxy(onEvent))),
    );
  }

  /**
   * Fetches the text of a small file from a mirror.
   *
   * @throws {OpinionError} when it cannot be had.
   */
  async readText(url: string): Promise<string> {
    return this.#with('mirror', (worker) => worker.call(worker.api.readText(url)));
  }

  /** Breaks the download off after the piece under way. */
  pause(): void {
    void this.#worker?.api.pause();
  }

  /** Breaks the download off at once, as closing the page does. */
  abandon(): void {
    this.#worker?.terminate();
  }

  async #with<T>(
    kind: ModelSource['kind'],
    work: (worker: OpinionWorker<DownloadApi>) => Promise<T>,
  ): Promise<T> {
    this.abandon();
    const worker = new OpinionWorker<DownloadApi>(this.#start(kind), LOSS);
    this.#worker = worker;
    try {
      return await work(worker);
    } finally {
      worker.terminate();
    }
  }
}

/** Which addresses a worker may reach is a matter of its script, so there is one script for each kind of source. */
export function startWorker(kind: ModelSource['kind']): Worker {
  return kind === 'hub'
    ? new Worker(new URL('../../../workers/opinion/download.worker.ts', import.meta.url), {
        type: 'module',
        name: 'tellscope-hub-download',
      })
    : new Worker(new URL('../../../workers/opinion/mirror-download.worker.ts', import.meta.url), {
        type: 'module',
        name: 'tellscope-mirror-download',
      });
}
