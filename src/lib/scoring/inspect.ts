import { boxIou, clipBox } from './geometry';
import type { Prediction } from './predictions';
import type { RewardVideo } from './reward-data';

/** One video of a data set beside what was answered on it, to look at. */
export type Inspected = {
  video: RewardVideo;
  prediction: Prediction | undefined;
  verdict: 'right' | 'missed' | 'false-alarm' | 'no-answer';
  /** Mean overlap of the predicted box with the true ones, 0..1; undefined for real videos. */
  iou: number | undefined;
  /** Mean distance of the predicted start from the true ones, as a share of the length, 0..1. */
  timeDistance: number | undefined;
};

/** The kinds of videos worth looking at. */
export const INSPECTION_FILTERS = {
  wrong: 'Wrong verdicts',
  missed: 'Generated, missed',
  'false-alarm': 'Real, called fake',
  'no-answer': 'No answer',
  misplaced: 'Box beside the trace',
  unmarked: 'Explanation to judge',
  all: 'All',
} as const;

/** Name of a filter. */
export type InspectionFilter = keyof typeof INSPECTION_FILTERS;

/** Sets every video beside its answer, in the order of the data set. */
export function inspect(
  videos: readonly RewardVideo[],
  predictions: ReadonlyMap<string, Prediction>,
): Inspected[] {
  return videos.map((video) => {
    const prediction = predictions.get(video.videoId);
    const answer = prediction?.label === 'FAKE' || prediction?.localizer ? prediction : undefined;
    const box = answer?.box && clipBox(answer.box, video.frame);
    const start = answer?.startSeconds;
    const mean = (values: number[]): number | undefined =>
      values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : undefined;
    return {
      video,
      prediction,
      verdict: verdictOf(video, prediction),
      iou: mean(video.traces.map((trace) => (box ? boxIou(box, trace.box) : 0))),
      timeDistance: mean(
        video.traces.map((trace) =>
          start === undefined ? 1 : Math.min(1, Math.abs(start - trace.startSeconds) / video.durationSeconds),
        ),
      ),
    };
  });
}

function verdictOf(video: RewardVideo, prediction: Prediction | undefined): Inspected['verdict'] {
  if (prediction?.label === undefined) {
    return 'no-answer';
  }
  if (prediction.label === (video.fake ? 'FAKE' : 'REAL')) {
    return 'right';
  }
  return video.fake ? 'missed' : 'false-alarm';
}

/** Whether a video is of the kind that is asked for. `isMarked` says whether a trace (from 1) has a judge's mark. */
export function passes(
  { video, prediction, verdict, iou }: Inspected,
  filter: InspectionFilter,
  isMarked: (videoId: string, trace: number) => boolean,
): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'wrong':
      return verdict !== 'right';
    case 'misplaced':
      return prediction?.label === 'FAKE' && iou !== undefined && iou < 0.1;
    case 'unmarked':
      return (
        prediction?.label === 'FAKE' &&
        prediction.explanation !== '' &&
        video.traces.some(
          ({ explanation }, index) => explanation !== '' && !isMarked(video.videoId, index + 1),
        )
      );
    case 'missed':
    case 'false-alarm':
    case 'no-answer':
      return verdict === filter;
  }
}
