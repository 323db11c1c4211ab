import * as Comlink from 'comlink';
import { OpinionError, unwrapOpinion, type OpinionOutcome } from '../../../workers/opinion/errors';
import { requestLog } from '../privacy/request-log.svelte';

/** A worker of the second opinion and the ways it can end. */
export class OpinionWorker<Api> {
  /** One proxy for the worker's whole life: an in-flight call is dropped when its proxy is collected (comlink#692). */
  readonly api: Comlink.Remote<Api>;
  readonly #worker: Worker;
  readonly #ended: Promise<never>;
  #reject: (error: OpinionError) => void = () => {};

  /** @param worker just started; @param loss said when it dies by itself. */
  constructor(worker: Worker, loss: string) {
    this.#worker = worker;
    requestLog.observeWorker(worker);
    this.#ended = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.#ended.catch(() => {});
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const detail = event.message ? ` (${event.message})` : '';
      this.#reject(new OpinionError('worker-lost', `${loss}${detail}.`));
    });
    this.api = Comlink.wrap<Api>(worker);
  }

  /**
   * The value of a call, or the end of the worker, whichever is first.
   *
   * @throws {OpinionError} of the call, of the worker's death, or `cancelled` after {@link terminate}.
   */
  async call<T>(call: Promise<OpinionOutcome<T>>): Promise<T> {
    return unwrapOpinion(await Promise.race([call, this.#ended]));
  }

  /** Ends the worker and with it everything it holds; calls under way reject with `cancelled`. */
  terminate(): void {
    this.#worker.terminate();
    this.#reject(new OpinionError('cancelled', 'Stopped.'));
  }
}
