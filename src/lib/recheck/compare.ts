import type { Band, Box, Report, Trace } from '../../../workers/report';
import { boxAt } from '../geometry';
import { boxIou, temporalIou } from '../scoring/geometry';
import { geometryOf, toOriginal, type VariantGeometry, type VariantId } from './variants';

/** How far a trace of the original is found again in a copy. */
export type TraceHold =
  /** Nothing of its place is left in the copy. */
  | { kind: 'cut-off' }
  /** No trace of the copy shares place and time with it. */
  | { kind: 'gone' }
  | {
      kind: 'found';
      /** Mean IoU of the boxes while both are there, the transform undone, 0..1. */
      boxIou: number;
      /** IoU of the stretches from onset to offset, 0..1. */
      timeIou: number;
      sameCategory: boolean;
      score: number;
      /** The boxes in the middle of the shared time, in pixels of the original frame. */
      box: Box;
      original: Box;
    };

/** What the analysis of one copy says beside that of the original. */
export type VariantResult = {
  band: Band;
  fakeProbability: number;
  sameBand: boolean;
  /** By the id of the original's trace. */
  holds: Record<string, TraceHold>;
  /** Traces of the copy that belong to none of the original's. */
  extra: number;
};

/** Moments at which boxes are compared. */
const MOMENTS = 9;

/** Compares the report on a copy with that on the original, in the pixels and times of the original. */
export function compareReports(original: Report, copy: Report, id: VariantId): VariantResult {
  const geometry = geometryOf(id, original.video);
  const undone = copy.traces.map((trace) => undo(trace, geometry));
  const used = new Set<string>();
  const holds: VariantResult['holds'] = {};
  for (const trace of original.traces) {
    const { hold, match } = findAgain(trace, undone, geometry);
    holds[trace.id] = hold;
    if (match) {
      used.add(match);
    }
  }
  return {
    band: copy.verdict.band,
    fakeProbability: copy.verdict.fakeProbability,
    sameBand: copy.verdict.band === original.verdict.band,
    holds,
    extra: copy.traces.filter((trace) => !used.has(trace.id)).length,
  };
}

function undo(trace: Trace, geometry: VariantGeometry): Trace {
  return {
    ...trace,
    box: toOriginal(trace.box, geometry),
    track: trace.track.map(({ timeSeconds, box }) => ({ timeSeconds, box: toOriginal(box, geometry) })),
  };
}

function findAgain(
  trace: Trace,
  candidates: readonly Trace[],
  geometry: VariantGeometry,
): { hold: TraceHold; match?: string } {
  if (!withinKept(trace.box, geometry)) {
    return { hold: { kind: 'cut-off' } };
  }
  let best: { hold: TraceHold; match: string; likeness: number } | undefined;
  for (const candidate of candidates) {
    const overlap = overlapOf(trace, candidate, geometry);
    if (!overlap) {
      continue;
    }
    const likeness = overlap.boxIou * overlap.timeIou;
    if (likeness > (best?.likeness ?? 0)) {
      best = {
        hold: {
          kind: 'found',
          ...overlap,
          sameCategory: candidate.category === trace.category,
          score: candidate.score,
        },
        match: candidate.id,
        likeness,
      };
    }
  }
  return best ?? { hold: { kind: 'gone' } };
}

function overlapOf(
  trace: Trace,
  candidate: Trace,
  geometry: VariantGeometry,
): { boxIou: number; timeIou: number; box: Box; original: Box } | undefined {
  const from = Math.max(trace.startSeconds, candidate.startSeconds);
  const to = Math.min(trace.endSeconds, candidate.endSeconds);
  if (from > to) {
    return undefined;
  }
  const boxes = Array.from({ length: MOMENTS }, (_, index) => {
    const time = from + ((to - from) * index) / (MOMENTS - 1);
    const whole = boxAt(trace, time);
    // What was cut off cannot be found again and does not count against the copy.
    return { original: withinKept(whole, geometry) ?? whole, box: boxAt(candidate, time) };
  });
  const middle = boxes[(MOMENTS - 1) / 2];
  if (!middle) {
    return undefined;
  }
  const timeIou =
    trace.startSeconds === candidate.startSeconds && trace.endSeconds === candidate.endSeconds
      ? 1
      : temporalIou([trace.startSeconds, trace.endSeconds], [candidate.startSeconds, candidate.endSeconds]);
  const sum = boxes.reduce((total, { original, box }) => total + boxIou(original, box), 0);
  return { boxIou: sum / MOMENTS, timeIou, ...middle };
}

/** The part of a box that a copy shows, if any. */
function withinKept([x0, y0, x1, y1]: Box, { kept }: VariantGeometry): Box | undefined {
  const box: Box = [
    Math.max(x0, kept.left),
    Math.max(y0, kept.top),
    Math.min(x1, kept.left + kept.width),
    Math.min(y1, kept.top + kept.height),
  ];
  return box[0] < box[2] && box[1] < box[3] ? box : undefined;
}
