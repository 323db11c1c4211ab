import * as Comlink from 'comlink';
import { whenLost } from '../worker-calls';
import type { scorePredictions, ScoreCard } from './score';
import type { ScoreApi } from './score.worker';

/**
 * Scores predictions in a worker of its own; see {@link scorePredictions}.
 *
 * @throws {TellscopeError} `worker-lost`.
 */
export async function scoreInWorker(
  ...[videos, predictions, marks]: Parameters<typeof scorePredictions>
): Promise<ScoreCard> {
  const worker = new Worker(new URL('./score.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tellscope-scores',
  });
  try {
    const api = Comlink.wrap<ScoreApi>(worker);
    return await Promise.race([api.score(videos, predictions, marks), whenLost(worker, 'scoring')]);
  } finally {
    worker.terminate();
  }
}
