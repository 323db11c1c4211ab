import type { Box, Trace } from '../../../workers/report';
import type { ReportDocument } from '../report-document';
import { matchMarks, type Decision, type HumanTrace } from '../review/review';

/** A trace as the exports list it: the model's own, or a person's. */
export type ListedTrace = Pick<Trace, 'id' | 'category' | 'startSeconds' | 'endSeconds' | 'box' | 'track'> & {
  madeBy: 'model' | 'human';
  /** The model's sentence, or the person's words, which may be empty. */
  explanation: string;
  /** People give none. */
  score: number | undefined;
  /** What a person says of a trace of the model, and why. */
  decision: Decision | undefined;
  words: string;
};

/**
 * All traces of a saved report: those of the model with what a person said of them, each correction behind the trace it
 * corrects, and last what only a person found.
 */
export function listTraces({ traces, humanReview }: ReportDocument): ListedTrace[] {
  const marks = humanReview && matchMarks(humanReview, traces).byTraceId;
  const listed = traces.flatMap((trace) => {
    const mark = marks?.get(trace.id);
    const own: ListedTrace = {
      ...trace,
      madeBy: 'model',
      decision: mark?.decision,
      words: mark?.words ?? '',
    };
    return mark?.correction ? [own, byHuman(`${trace.id}-corrected`, mark.correction)] : [own];
  });
  const added = humanReview?.added ?? [];
  return [...listed, ...added.map(({ id, trace }) => byHuman(id, trace))];
}

/** The traces that stand after the review: without those a person rejected, and with corrections in place of what they correct. */
export function standingTraces(document: ReportDocument): ListedTrace[] {
  return listTraces(document).filter(({ decision }) => decision !== 'rejected' && decision !== 'corrected');
}

function byHuman(id: string, { category, startSeconds, endSeconds, track, words }: HumanTrace): ListedTrace {
  return {
    id,
    category,
    startSeconds,
    endSeconds,
    track,
    box: meanBox(track.map((point) => point.box)),
    madeBy: 'human',
    explanation: words,
    score: undefined,
    decision: undefined,
    words: '',
  };
}

function meanBox(boxes: readonly Box[]): Box {
  const mean = (edge: 0 | 1 | 2 | 3): number =>
    boxes.reduce((sum, box) => sum + box[edge], 0) / Math.max(1, boxes.length);
  return [mean(0), mean(1), mean(2), mean(3)];
}
