import { observeRequests, type RequestNotice } from '../../../workers/observe-requests';
import type { FromServiceWorker, ObservedRequest } from '../../service-worker/messages';
import { originOf } from './addresses';

/** Requests beyond this many are counted, the oldest no longer listed. */
const LISTED = 500;

/**
 * All requests of this page and its workers that anyone could observe. Three watch: the browser's own timings, in the
 * page and in each worker; the policies, whose refusals are events; the service worker, through which all requests of
 * page and workers pass once it is there.
 */
export class RequestLog {
  /** Newest last. */
  list = $state.raw<readonly ObservedRequest[]>([]);
  /** Requests that went to a server. */
  sent = $state(0);
  /** Requests that went to a server since a file was dropped; undefined before. */
  sentSinceFile = $state<number>();
  /** Servers that were asked, as origins. */
  servers = $state.raw<readonly string[]>([]);

  /** Unix time in milliseconds. */
  #fileTime = 0;

  /** Takes in one observed request. */
  add(request: ObservedRequest): void {
    this.list = [...this.list.slice(1 - LISTED), request];
    if (request.answer !== 'network') {
      return;
    }
    this.sent += 1;
    // What started before is told late now and then.
    if (this.sentSinceFile !== undefined && request.time >= this.#fileTime) {
      this.sentSinceFile += 1;
    }
    const origin = originOf(request.url);
    if (!this.servers.includes(origin)) {
      this.servers = [...this.servers, origin];
    }
  }

  /** Counts anew: a file was dropped. */
  startFile(): void {
    this.#fileTime = Date.now();
    this.sentSinceFile = 0;
  }

  /** Watches this page, and what the service worker sees of it. */
  observePage(): void {
    observeRequests('page', (request) => this.add(request));
    const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    container?.addEventListener('message', ({ data }: MessageEvent<FromServiceWorker>) => {
      if (data.type === 'request') {
        this.add(data.request);
      }
    });
    container?.startMessages();
  }

  /** Listens to what a worker tells of its own requests. */
  observeWorker(worker: Worker): void {
    worker.addEventListener('message', ({ data }: MessageEvent<Partial<RequestNotice> | null>) => {
      if (data?.tellscopeRequest) {
        this.add(data.tellscopeRequest);
      }
    });
  }
}

/** The log of this page. */
export const requestLog = new RequestLog();
