import * as Comlink from 'comlink';
import { observeRequestsOfWorker } from '../observe-requests';
import { downloadModel } from './download';
import type { DownloadApi } from './download-protocol';
import { settleOpinion } from './errors';
import { refused, request } from './source';

/**
 * Makes this worker a download worker. There are two, the same but for the addresses that the policy of their script
 * lets them reach: one the hub's, one any. Neither is ever handed a video.
 */
export function serveDownloads(): void {
  let controller = new AbortController();
  const api: DownloadApi = {
    download: (wanted, onEvent) => {
      controller = new AbortController();
      return settleOpinion(() => downloadModel(wanted, controller.signal, onEvent));
    },

    readText: (url) =>
      settleOpinion(async () => {
        const response = await request(url, controller.signal);
        if (!response.ok) {
          throw refused(url, response);
        }
        return response.text();
      }),

    pause() {
      controller.abort();
    },
  };
  observeRequestsOfWorker('model download');
  Comlink.expose(api);
}
