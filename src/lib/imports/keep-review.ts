import { reviewKeyOf, type Review } from '../review/review';
import { loadReview, saveReview } from '../review/store';
import type { Report } from '../../../workers/report';

/**
 * Stores the human review of an opened report in this browser, unless a later one of the same file and model is there.
 *
 * @returns nothing when it could be kept or was there already, else why not, in a sentence.
 */
export async function keepReview(report: Report, review: Review): Promise<string | undefined> {
  const key = reviewKeyOf(report);
  if (review.file.sha256 !== key.fileSha256 || review.model.sha256 !== key.modelSha256) {
    return 'The human review in this report is of another file or model and was left out.';
  }
  try {
    const own = await loadReview(key);
    if (own && own.changedAt > review.changedAt) {
      return 'This browser has a later human review of the same clip; it is shown in place of the one in the report.';
    }
    await saveReview(review);
    return undefined;
  } catch {
    return 'The human review in this report could not be stored in this browser and is not shown.';
  }
}
