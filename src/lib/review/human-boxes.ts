import type { Box, Category } from '../../../workers/report';
import { boxAt, isVisibleAt } from '../geometry';
import type { HumanTrace } from './review';
import type { TraceReview } from './trace-review.svelte';

/** A trace of a person as it is to be drawn at some moment. */
export type HumanBox = {
  key: string;
  category: Category;
  box: Box;
  /** Still being written down. */
  open: boolean;
};

/** The traces of a person: those added and what stands in place of the model's, with a key each. */
export function humanTraces({ review }: TraceReview): { key: string; trace: HumanTrace }[] {
  return [
    ...review.marks.flatMap(({ trace, correction }) =>
      correction ? [{ key: `correction-${trace.id}`, trace: correction }] : [],
    ),
    ...review.added.map(({ id, trace }) => ({ key: id, trace })),
  ];
}

/** What a person drew that is to be seen on the frame shown at a time, the open draft included. */
export function humanBoxes(review: TraceReview, timeSeconds: number, frameSeconds: number): HumanBox[] {
  const { draft } = review;
  const replaced =
    draft?.target.kind === 'change'
      ? draft.target.added.id
      : draft?.target.kind === 'correct'
        ? `correction-${draft.target.trace.id}`
        : undefined;
  const kept = humanTraces(review)
    .filter(({ key, trace }) => key !== replaced && isVisibleAt(trace, timeSeconds, frameSeconds))
    .map(({ key, trace }) => ({
      key,
      category: trace.category,
      box: boxAt(trace, timeSeconds),
      open: false,
    }));
  if (!draft || draft.keepsBoxes) {
    return kept;
  }
  // A draft is drawn at any time: its box is set before its times are.
  return [...kept, { key: 'draft', category: draft.category, box: boxAt(draft, timeSeconds), open: true }];
}
