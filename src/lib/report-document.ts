import type { Report } from '../../workers/report';
import type { Review } from './review/review';
import { reviewOf } from './review/trace-review.svelte';

/** A report as it is saved: with what a person said of it, apart from what the model found. */
export type ReportDocument = Report & { humanReview?: Review };

/** A report with its human review, where that says anything. */
function withReview(report: Report, review: Review | undefined): ReportDocument {
  return review && review.marks.length + review.added.length > 0
    ? { ...report, humanReview: review }
    : report;
}

/** A report as it is saved now, with the human review that this browser has of it. */
export async function currentDocument(report: Report): Promise<ReportDocument> {
  const own = reviewOf(report);
  await own.ready;
  return withReview(report, own.review);
}

/** A saved report as JSON text. */
export function documentText(document: ReportDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The parts of a saved report: the model's own, and the person's. */
export function splitDocument({ humanReview, ...report }: ReportDocument): {
  report: Report;
  review: Review | undefined;
} {
  return { report, review: humanReview };
}
