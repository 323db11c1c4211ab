import { clear, createStore, get, set, type UseStore } from 'idb-keyval';
import { parseReview, type Review, type ReviewKey } from './review';

const DATABASE = 'tellscope-reviews';

let store: UseStore | undefined;

function reviews(): UseStore {
  return (store ??= createStore(DATABASE, 'reviews'));
}

function idOf({ fileSha256, modelSha256 }: ReviewKey): string {
  return `${fileSha256}:${modelSha256}`;
}

/**
 * The review of a file judged by a model that is stored in this browser, if there is one.
 *
 * @throws {Error} when the browser keeps nothing (private windows, a full disk), or holds something that is no review.
 */
export async function loadReview(key: ReviewKey): Promise<Review | undefined> {
  const stored = await get<unknown>(idOf(key), reviews());
  if (stored === undefined) {
    return undefined;
  }
  const parsed = parseReview(stored);
  if ('problem' in parsed) {
    throw new Error(`the stored review is damaged at ${parsed.problem}`);
  }
  return parsed.review;
}

/**
 * Stores a review in this browser, in place of an earlier one of the same file and model.
 *
 * @throws {Error} when the browser cannot keep it.
 */
export async function saveReview(review: Review): Promise<void> {
  await set(idOf({ fileSha256: review.file.sha256, modelSha256: review.model.sha256 }), review, reviews());
}

/** Deletes all reviews of this browser. */
export async function deleteAllReviews(): Promise<void> {
  await clear(reviews());
}
