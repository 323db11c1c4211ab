import type { METRICS } from './score';

/** The columns of Table 2 as they are headed, and in which direction a score is better. */
export const METRIC_COLUMNS: Record<
  (typeof METRICS)[number],
  { short: string; long: string; lowerIsBetter?: true }
> = {
  overall: { short: 'overall', long: 'Overall' },
  accuracy: { short: 'acc.', long: 'Accuracy' },
  fakeAccuracy: { short: 'fake acc.', long: 'Accuracy on generated videos' },
  realAccuracy: { short: 'real acc.', long: 'Accuracy on real videos' },
  explanation: { short: 'explan.', long: 'Explanation, by a judge' },
  boxIou: { short: 'IoU', long: 'Overlap of the boxes (IoU)' },
  boxDistance: { short: 'box dist.', long: 'Distance of the boxes, lower is better', lowerIsBetter: true },
  timeDistance: {
    short: 'time dist.',
    long: 'Distance of the start times, lower is better',
    lowerIsBetter: true,
  },
};
