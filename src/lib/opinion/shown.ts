import type { Report, SecondOpinion } from '../../../workers/report';
import type { Opinion } from './opinions.svelte';

/**
 * All second opinions on a clip: those that came with its report, which may have been made elsewhere or in an earlier
 * version, before those of this visit, which the page knows more of.
 *
 * @param ofThisVisit oldest first; their records are in the report as well, unless the clip was judged anew since.
 */
export function allOpinions(report: Report | undefined, ofThisVisit: readonly Opinion[]): Opinion[] {
  const known = new Set(ofThisVisit.map(({ record }) => record));
  const brought = (report?.secondOpinions ?? []).filter((record) => !known.has(record)).map(fromRecord);
  return [...brought, ...ofThisVisit];
}

/** What a report keeps of an answer. Where it was understood, it was about the clip: a report has no place for others. */
function fromRecord(record: SecondOpinion, index: number): Opinion {
  const { parsed } = record;
  return {
    id: `record-${index}`,
    record,
    question: parsed ? { kind: 'clip' } : { kind: 'unknown' },
    parsed: parsed && { ...parsed, explanation: '' },
    timesSeconds: [],
    stopped: false,
  };
}

/** A stretch of time that a second opinion calls unnatural. */
export type OpinionRange = {
  key: string;
  /** Name of the model. */
  model: string;
  explanation: string;
  startSeconds: number;
  /** The clip's end where the opinion names none. */
  endSeconds: number;
};

/**
 * What second opinions say of the time of a clip; a trace without an onset has no place on a time axis.
 *
 * @param clipEnd end of the clip in seconds.
 */
export function opinionRanges(opinions: readonly SecondOpinion[], clipEnd: number): OpinionRange[] {
  return opinions.flatMap(({ model, parsed }, opinion) =>
    (parsed?.traces ?? []).flatMap(({ startSeconds, endSeconds, explanation }, trace) =>
      startSeconds === null
        ? []
        : [
            {
              key: `${opinion}-${trace}`,
              model: model.name,
              explanation,
              startSeconds,
              endSeconds: endSeconds ?? clipEnd,
            },
          ],
    ),
  );
}
