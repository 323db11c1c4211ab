import type { Problem } from './problems';
import { PUBLISHED_ROWS } from './published';
import type { ScoreCard } from './score';

/** A scored set of predictions as it is saved and printed. */
export function scoreDocument(model: string, split: string, card: ScoreCard, leftOut: readonly Problem[]) {
  return { model, split, ...card, leftOut, published: PUBLISHED_ROWS };
}
