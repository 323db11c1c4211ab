import * as Comlink from 'comlink';
import { TellscopeError } from '../../workers/errors';
import { Patience } from '../../workers/patience';
import type { DetectorApi } from '../../workers/protocol';
import { whenLost } from './worker-calls';

/**
 * How long silence is borne, in seconds of the page's own waking time. Generous: a window on an old phone blocks the
 * worker for many seconds, an emulated GPU takes minutes for one, and a worker that died is noticed at once anyway.
 */
export type Limits = {
  /** Until the worker answers a ping: longer than any step that blocks it. */
  answerSeconds: number;
  /** Until the next event of a job, and until the model is loaded. */
  progressSeconds: number;
};

export const DEFAULT_LIMITS: Limits = { answerSeconds: 3 * 60, progressSeconds: 15 * 60 };

/** A live detector worker that is watched: its death, its silence and its standstill all reject {@link ended}. */
export class SupervisedWorker {
  /** One proxy for the worker's whole life: an in-flight call is dropped when its proxy is collected (comlink#692). */
  readonly api: Comlink.Remote<DetectorApi>;
  /** Rejects with `worker-lost` or `worker-stuck`. */
  readonly ended: Promise<never>;

  readonly #worker: Worker;
  readonly #limits: Limits;
  readonly #fail: (error: TellscopeError) => void;
  #answers: Patience | undefined;
  readonly #pings: ReturnType<typeof setInterval>;
  readonly #waiting = new AbortController();
  #progress: Patience | undefined;
  #pinging = false;

  /** Watches a worker from its birth. */
  constructor(worker: Worker, limits: Limits) {
    this.#worker = worker;
    this.#limits = limits;
    this.api = Comlink.wrap<DetectorApi>(worker);
    let fail: (error: TellscopeError) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    this.#fail = fail;
    this.ended = Promise.race([failed, whenLost(worker, 'analysis')]);
    this.ended.catch(() => this.terminate());
    this.#pings = setInterval(() => void this.#ping(), (limits.answerSeconds * 1000) / 20);
    void this.#watchLife();
  }

  /** A job or a loading begins or goes on: the next sign of it must come in time. */
  progressed(): void {
    this.#progress ??= new Patience(this.#limits.progressSeconds, () =>
      this.#fail(stuck('made no progress')),
    );
    this.#progress.heard();
    this.#answers?.heard();
  }

  /** No progress is expected until {@link progressed} is called again. */
  rest(): void {
    this.#progress?.stop();
    this.#progress = undefined;
  }

  /** Ends the worker at once. */
  terminate(): void {
    this.rest();
    this.#answers?.stop();
    this.#answers = undefined;
    clearInterval(this.#pings);
    this.#waiting.abort();
    this.#worker.terminate();
  }

  async #ping(): Promise<void> {
    if (!this.#pinging) {
      this.#pinging = true;
      await this.api.ping();
      this.#pinging = false;
      if (this.#waiting.signal.aborted) {
        return;
      }
      // Its scripts have to be there before it can answer at all.
      this.#answers ??= new Patience(this.#limits.answerSeconds, () => this.#fail(stuck('did not answer')));
      this.#answers.heard();
    }
  }

  /**
   * A worker killed for its memory, or by anything but its own error, goes without an event. It holds a lock while it
   * lives; the browser hands that lock on when the worker is gone.
   */
  async #watchLife(): Promise<void> {
    const name = `tellscope-detector-${crypto.randomUUID()}`;
    try {
      await this.api.holdLock(name);
      await navigator.locks.request(name, { signal: this.#waiting.signal }, () => {
        this.#fail(lost());
      });
    } catch {
      // Terminated by us, or without Web Locks: then the pings tell, only later.
    }
  }
}

function lost(): TellscopeError {
  return new TellscopeError(
    'worker-lost',
    'The analysis was ended by the browser, most likely for lack of memory. Close other tabs and try again.',
  );
}

function stuck(how: string): TellscopeError {
  return new TellscopeError(
    'worker-stuck',
    `The analysis ${how} for a long time and was given up. Close other programs and tabs and try again.`,
  );
}
