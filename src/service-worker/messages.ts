/** Name of the service worker's script, which lies at the app's root since it rules over its own folder. */
export const SERVICE_WORKER_FILE = 'service-worker.js';

/** How a request was answered, as the one who saw it tells. */
export type Answer =
  /** From what this browser has stored. */
  | 'stored'
  /** By a server. */
  | 'network'
  /** Not at all: it was refused before it left. */
  | 'refused';

/** One request, as seen by the service worker, or by the page or a worker that it came from. */
export type ObservedRequest = {
  /** Unix time in milliseconds. */
  time: number;
  url: string;
  answer: Answer;
  /** Who asked. */
  by: string;
};

/** Whether the app works without a network. */
export type OfflineState =
  | { state: 'storing'; files: number; done: number }
  | { state: 'ready' }
  /** With the reason in a sentence. */
  | { state: 'failed'; reason: string };

/** What the service worker tells the pages. */
export type FromServiceWorker =
  { type: 'request'; request: ObservedRequest } | { type: 'offline'; offline: OfflineState };

/** What a page tells the service worker. */
export type ToServiceWorker =
  /** Store what is large too: the model and its runtime. */
  | { type: 'store-all' }
  /** Take over from the version that runs. */
  | { type: 'take-over' }
  /** Store nothing any more: everything is being deleted. */
  | { type: 'forget' };
