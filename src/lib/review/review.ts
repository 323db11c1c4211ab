import * as v from 'valibot';
import { CATEGORIES, type Box, type Report, type Trace } from '../../../workers/report';
import { distinctItems } from '../distinct-items';
import { boxIou, temporalIou } from '../scoring/geometry';

const Seconds = v.pipe(v.number(), v.finite());
const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const Timestamp = v.pipe(v.string(), v.isoTimestamp());

const BoxSchema = v.pipe(
  v.tuple([Seconds, Seconds, Seconds, Seconds]),
  v.check(([x0, y0, x1, y1]) => x0 < x1 && y0 < y1, 'a box has a width and a height'),
);

const HumanTraceSchema = v.pipe(
  v.object({
    category: v.picklist(CATEGORIES),
    /** Onset and offset in seconds of the media timeline. */
    startSeconds: Seconds,
    endSeconds: Seconds,
    /** Boxes at the times a person set them, ascending, in pixels of the displayed frame; in between they move evenly. */
    track: v.pipe(v.array(v.object({ timeSeconds: Seconds, box: BoxSchema })), v.minLength(1)),
    /** What the person says of it; may be empty. */
    words: v.string(),
  }),
  v.check(({ startSeconds, endSeconds }) => startSeconds <= endSeconds, 'a trace ends after its onset'),
);

const MarkSchema = v.pipe(
  v.object({
    /** The model's trace the mark is about, as it was when it was marked. */
    trace: v.object({
      id: v.string(),
      category: v.picklist(CATEGORIES),
      startSeconds: Seconds,
      endSeconds: Seconds,
      box: v.tuple([Seconds, Seconds, Seconds, Seconds]),
    }),
    decision: v.picklist(['confirmed', 'rejected', 'corrected']),
    /** What it should have been; there for `corrected` only. */
    correction: v.optional(HumanTraceSchema),
    /** Why, in the person's words; may be empty. */
    words: v.string(),
    markedAt: Timestamp,
  }),
  v.check(
    ({ decision, correction }) => (decision === 'corrected') === (correction !== undefined),
    'a correction with `corrected` and with nothing else',
  ),
);

const AddedSchema = v.object({ id: v.string(), trace: HumanTraceSchema, addedAt: Timestamp });

export const ReviewSchema = v.object({
  schema: v.literal('tellscope-review/1'),
  /** Everything in here was said by a person, nothing by the model. */
  madeBy: v.literal('human'),
  file: v.object({ sha256: Sha256 }),
  model: v.object({ sha256: Sha256 }),
  /** Left out unless the person wants to be named. */
  reviewer: v.optional(v.string()),
  marks: v.array(MarkSchema),
  added: v.pipe(
    v.array(AddedSchema),
    distinctItems(({ id }) => id, 'an added trace with an id of its own'),
  ),
  createdAt: Timestamp,
  changedAt: Timestamp,
});

/** A trace as a person describes it. It has no score: people do not give one. */
export type HumanTrace = v.InferOutput<typeof HumanTraceSchema>;

/** What a person says of one of the model's traces. */
export type Mark = v.InferOutput<typeof MarkSchema>;

/** The three things a person can say of a trace of the model. */
export type Decision = Mark['decision'];

/** A trace the model did not find and a person did. */
export type AddedTrace = v.InferOutput<typeof AddedSchema>;

/** What a person says of one report. Kept beside the report, which it never changes. */
export type Review = v.InferOutput<typeof ReviewSchema>;

/** What a review is about: the same bytes judged by the same model. */
export type ReviewKey = { fileSha256: string; modelSha256: string };

/** The moment of the call as an ISO timestamp. */
export function timestamp(): string {
  return new Date().toISOString();
}

/** The key of a report's review. */
export function reviewKeyOf({ file, model }: Report): ReviewKey {
  return { fileSha256: file.sha256, modelSha256: model.sha256 };
}

/** A review in which nothing has been said yet; `now` as an ISO timestamp. */
export function emptyReview({ fileSha256, modelSha256 }: ReviewKey, now: string): Review {
  return {
    schema: 'tellscope-review/1',
    madeBy: 'human',
    file: { sha256: fileSha256 },
    model: { sha256: modelSha256 },
    marks: [],
    added: [],
    createdAt: now,
    changedAt: now,
  };
}

/** A stored or imported review, or why it is none, in a short phrase. */
export function parseReview(data: unknown): { review: Review } | { problem: string } {
  const result = v.safeParse(ReviewSchema, data);
  if (result.success) {
    return { review: result.output };
  }
  const [issue] = result.issues;
  return { problem: `${v.getDotPath(issue) ?? 'its root'}: ${issue.message}` };
}

/** Overlap in space and in time above which a marked trace is taken for one with another id. */
const SAME_TRACE = 0.5;

/** The marks of a review beside the traces of a report. */
export type MatchedMarks = {
  byTraceId: ReadonlyMap<string, Mark>;
  /** Marks whose trace this report does not have: another backend may find slightly other traces. */
  orphans: readonly Mark[];
};

/**
 * Finds for each mark the trace it is about: the one with its id if it is still the same, else the one of its category
 * that overlaps it most in space and time.
 */
export function matchMarks(review: Review, traces: readonly Trace[]): MatchedMarks {
  const byTraceId = new Map<string, Mark>();
  const orphans: Mark[] = [];
  for (const mark of review.marks) {
    const best = traces
      .filter(({ id }) => !byTraceId.has(id))
      .map((trace) => ({
        id: trace.id,
        likeness: likeness(trace, mark.trace),
      }))
      .sort((a, b) => b.likeness - a.likeness)[0];
    if (best && best.likeness >= SAME_TRACE) {
      byTraceId.set(best.id, mark);
    } else {
      orphans.push(mark);
    }
  }
  return { byTraceId, orphans };
}

function likeness(trace: Trace, marked: Mark['trace']): number {
  if (trace.category !== marked.category) {
    return 0;
  }
  const sameTimes = trace.startSeconds === marked.startSeconds && trace.endSeconds === marked.endSeconds;
  // A trace on a single frame lasts for no time that could overlap.
  const inTime = sameTimes
    ? 1
    : temporalIou([trace.startSeconds, trace.endSeconds], [marked.startSeconds, marked.endSeconds]);
  // Of two that are equally alike, the one that still has the id.
  return Math.min(boxIou(trace.box, marked.box), inTime) + (trace.id === marked.id ? 0.01 : 0);
}

/** The mark on a trace of the model; `correction` for `corrected` only. */
export function makeMark(
  { id, category, startSeconds, endSeconds, box }: Trace,
  decision: Decision,
  now: string,
  { correction, words = '' }: { correction?: HumanTrace; words?: string } = {},
): Mark {
  return {
    trace: { id, category, startSeconds, endSeconds, box: [...box] as Box },
    decision,
    ...(correction && { correction }),
    words,
    markedAt: now,
  };
}

/** The model's trace as a starting point for a correction. */
export function humanTraceOf({ category, startSeconds, endSeconds, track, box }: Trace): HumanTrace {
  const points = track.length > 0 ? track : [{ timeSeconds: startSeconds, box }];
  return {
    category,
    startSeconds,
    endSeconds,
    track: points.map((point) => ({
      timeSeconds: point.timeSeconds,
      box: [point.box[0], point.box[1], point.box[2], point.box[3]],
    })),
    words: '',
  };
}

/** Sets the box at a time; one that was set within half a frame of it is replaced. */
export function withBoxAt(
  track: HumanTrace['track'],
  timeSeconds: number,
  box: Box,
  frameSeconds: number,
): HumanTrace['track'] {
  const others = track.filter((point) => Math.abs(point.timeSeconds - timeSeconds) > frameSeconds / 2);
  return [...others, { timeSeconds, box }].sort((a, b) => a.timeSeconds - b.timeSeconds);
}
