import * as Comlink from 'comlink';
import { OpinionError } from '../../../workers/opinion/errors';
import type {
  Answer,
  AskEvent,
  AskRequest,
  LoadEvent,
  LoadRequest,
  OpinionApi,
} from '../../../workers/opinion/protocol';
import { OpinionWorker } from './opinion-worker';

/**
 * The page's side of the inference worker. A failed load or answer ends the worker, for its runtime would fail every
 * later call with the old error; so does {@link unload}, which is the one sure way to get the memory back.
 */
export class InferenceClient {
  readonly #patience: number;
  #worker: OpinionWorker<OpinionApi> | undefined;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param patience how long a stopped answer may take to end by itself, in milliseconds: a step cannot be broken off. */
  constructor(patience = 5000) {
    this.#patience = patience;
  }

  /** Whether a model is loaded or loading. */
  get active(): boolean {
    return this.#worker !== undefined;
  }

  /**
   * Loads a model, in a new worker.
   *
   * @throws {OpinionError} saying why it cannot be loaded; `cancelled` after {@link unload}.
   */
  async load(request: LoadRequest, onEvent: (event: LoadEvent) => void): Promise<void> {
    this.unload();
    const worker = new OpinionWorker<OpinionApi>(
      new Worker(new URL('../../../workers/opinion/inference.worker.ts', import.meta.url), {
        type: 'module',
        name: 'tellscope-second-opinion',
      }),
      'The second opinion stopped unexpectedly. It may have run out of memory; choose a smaller model',
    );
    this.#worker = worker;
    try {
      await worker.call(worker.api.load(request, Comlink.proxy(onEvent)));
    } catch (error) {
      this.#end(worker);
      throw error;
    }
  }

  /**
   * Asks the loaded model.
   *
   * @throws {OpinionError} saying why there is no answer; the model then has to be loaded again, unless the clip was at
   * fault (`video-unreadable`).
   */
  async ask(request: AskRequest, onEvent: (event: AskEvent) => void): Promise<Answer> {
    const worker = this.#worker;
    if (!worker) {
      throw new OpinionError('internal', 'No model is loaded.');
    }
    try {
      return await worker.call(worker.api.ask(request, Comlink.proxy(onEvent)));
    } catch (error) {
      if (!(error instanceof OpinionError && error.data.code === 'video-unreadable')) {
        this.#end(worker);
      }
      throw error;
    } finally {
      clearTimeout(this.#stopTimer);
    }
  }

  /** Ends the answer under way. What does not end soon is ended with its worker: {@link ask} rejects with `cancelled`. */
  stop(): void {
    const worker = this.#worker;
    if (worker) {
      void worker.api.stop();
      clearTimeout(this.#stopTimer);
      this.#stopTimer = setTimeout(() => this.#end(worker), this.#patience);
    }
  }

  /** Ends the worker and with it everything the model holds. */
  unload(): void {
    if (this.#worker) {
      this.#end(this.#worker);
    }
  }

  #end(worker: OpinionWorker<OpinionApi>): void {
    worker.terminate();
    if (this.#worker === worker) {
      this.#worker = undefined;
    }
  }
}
