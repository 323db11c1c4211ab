import { TellscopeError } from '../../workers/errors';
import type { Outcome } from '../../workers/protocol';

/**
 * The value of a call into a worker.
 *
 * @throws {TellscopeError} when the call failed there.
 */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) {
    return outcome.value;
  }
  throw new TellscopeError(outcome.error.code, outcome.error.message);
}

/** A promise that never resolves and rejects with `worker-lost` when the worker dies; `job` names what it was doing. */
export function whenLost(worker: Worker, job: string): Promise<never> {
  const lost = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const detail = event.message ? ` (${event.message})` : '';
      reject(
        new TellscopeError(
          'worker-lost',
          `The ${job} stopped unexpectedly${detail}. Close other tabs to free memory and try again.`,
        ),
      );
    });
  });
  lost.catch(() => {});
  return lost;
}

/** A promise that never resolves and rejects with `cancelled` when the signal fires, and a way to stop listening. */
export function whenAborted(
  signal: AbortSignal,
  message: string,
): { promise: Promise<never>; release: () => void } {
  const listening = new AbortController();
  const promise = new Promise<never>((_, reject) => {
    const cancel = (): void => reject(new TellscopeError('cancelled', message));
    if (signal.aborted) {
      cancel();
    } else {
      signal.addEventListener('abort', cancel, { signal: listening.signal });
    }
  });
  promise.catch(() => {});
  return { promise, release: () => listening.abort() };
}
