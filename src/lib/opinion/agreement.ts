import type { Band, OpinionTrace, Trace } from '../../../workers/report';
import { boxAt } from '../geometry';
import { boxIou, temporalIou } from '../scoring/geometry';
import type { ParsedAnswer } from './answers';

/** How a trace of the second opinion lies to the one of TraceNet's that it meets best. */
export type TraceAgreement = {
  /** Id of TraceNet's trace; `null` when none is met in place or time. */
  traceId: string | null;
  /** Intersection over union of the boxes, 0..1; `null` where the second opinion has no box. */
  boxIou: number | null;
  /** Intersection over union of the stretches of time, 0..1; `null` where the second opinion has no end. */
  timeIou: number | null;
  /** Distance of the onsets in seconds; `null` where the second opinion has none. */
  onsetSeconds: number | null;
};

/** What is said of a trace that meets none. */
export const NO_AGREEMENT: TraceAgreement = {
  traceId: null,
  boxIou: null,
  timeIou: null,
  onsetSeconds: null,
};

/**
 * Sets each trace of a second opinion against TraceNet's.
 *
 * The box of a tube is the one at the middle of the time both have, so that a moving trace is not held against its mean.
 *
 * @returns one entry for each trace of the opinion, in its order.
 */
export function compareTraces(opinion: readonly OpinionTrace[], traces: readonly Trace[]): TraceAgreement[] {
  return opinion.map((mine) => {
    const met = traces
      .map((trace) => compareTo(mine, trace))
      .filter((agreement) => strength(agreement) > 0)
      .sort((a, b) => strength(b) - strength(a));
    return met[0] ?? NO_AGREEMENT;
  });
}

function compareTo(mine: OpinionTrace, trace: Trace): TraceAgreement {
  const { startSeconds, endSeconds } = mine;
  const from = Math.max(startSeconds ?? trace.startSeconds, trace.startSeconds);
  const to = Math.min(endSeconds ?? trace.endSeconds, trace.endSeconds);
  return {
    traceId: trace.id,
    boxIou: mine.box && boxIou(mine.box, boxAt(trace, (from + to) / 2)),
    timeIou:
      startSeconds === null || endSeconds === null
        ? null
        : temporalIou([startSeconds, endSeconds], [trace.startSeconds, trace.endSeconds]),
    onsetSeconds: startSeconds === null ? null : Math.abs(startSeconds - trace.startSeconds),
  };
}

function strength({ boxIou: place, timeIou: time }: TraceAgreement): number {
  // Overlap in time alone is no agreement where both have a box.
  return place === 0 ? 0 : (place ?? 0) + (time ?? 0);
}

/** How the label of a second opinion stands to TraceNet's band; neither changes the other. */
export type LabelAgreement = 'same' | 'different' | 'not-comparable';

/** Compares a label about the clip with the band. An inconclusive band agrees with nothing. */
export function compareLabel(label: ParsedAnswer['label'], band: Band): LabelAgreement {
  if (band === 'inconclusive' || (label !== 'FAKE' && label !== 'REAL')) {
    return 'not-comparable';
  }
  return (label === 'FAKE') === (band === 'substantial-evidence') ? 'same' : 'different';
}
