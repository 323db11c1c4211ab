import * as Comlink from 'comlink';
import { scorePredictions } from './score';

/** What the worker that scores offers: a thousand resamples of all videos would hold up the page. */
export type ScoreApi = { score: typeof scorePredictions };

const api: ScoreApi = { score: scorePredictions };

Comlink.expose(api);
