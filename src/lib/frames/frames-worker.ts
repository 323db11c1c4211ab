import * as Comlink from 'comlink';
import type { FramesApi } from '../../../workers/frames/protocol';
import { requestLog } from '../privacy/request-log.svelte';
import { whenLost } from '../worker-calls';

/** Takes the frames of one run. */
export type Receiver = (frame: number, bitmap: ImageBitmap) => void;

/** The worker that decodes frames, and whoever waits for something from it. */
export type FramesWorker = {
  /** One proxy for the worker's whole life: an in-flight call is dropped when its proxy is collected (comlink#692). */
  api: Comlink.Remote<FramesApi>;
  receivers: Map<number, Receiver>;
  /** Rejects when the worker dies. */
  lost: Promise<never>;
  /** Ends it at once; the next to need one starts another. */
  terminate: () => void;
};

let shared: FramesWorker | undefined;

/**
 * The one worker of the page that decodes frames for the eye, started by whoever needs it first. Clips share it, so
 * that nothing has to be fetched when another clip is looked at.
 */
export function sharedFramesWorker(): FramesWorker {
  shared ??= start();
  return shared;
}

function start(): FramesWorker {
  const worker = new Worker(new URL('../../../workers/frames.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tellscope-frames',
  });
  requestLog.observeWorker(worker);
  const receivers: FramesWorker['receivers'] = new Map();
  const api = Comlink.wrap<FramesApi>(worker);
  const lost = whenLost(worker, 'decoding of frames');
  const terminate = (): void => {
    worker.terminate();
    if (shared === started) {
      shared = undefined;
    }
  };
  const started: FramesWorker = { api, receivers, lost, terminate };
  lost.catch(terminate);
  void api.connect(
    Comlink.proxy((ticket: number, frame: number, bitmap: ImageBitmap) => {
      const receiver = receivers.get(ticket);
      if (receiver) {
        receiver(frame, bitmap);
      } else {
        bitmap.close();
      }
    }),
  );
  return started;
}
