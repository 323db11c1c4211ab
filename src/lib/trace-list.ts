import { CATEGORIES, type Category, type Report, type Trace } from '../../workers/report';
import { formatCount, formatShare, formatTime } from './format';
import { centreOf, type Size } from './geometry';
import type { Decision } from './review/review';

/** In what order traces are listed. */
export type TraceOrder = 'score' | 'onset' | 'length' | 'category';

/** Which traces are listed, by what a person said of them. */
export type JudgementFilter = 'all' | 'open' | Decision;

/** How the list is filtered and sorted. */
export type Arrangement = {
  order: TraceOrder;
  category: Category | 'all';
  judgement: JudgementFilter;
  /** Traces below this score are left out. */
  leastScore: number;
};

/** Everything, strongest first. */
export const EVERYTHING: Arrangement = { order: 'score', category: 'all', judgement: 'all', leastScore: 0 };

/** The traces to list, in order. */
export function arrange(
  traces: readonly Trace[],
  { order, category, judgement, leastScore }: Arrangement,
  decisionOn: (trace: Trace) => Decision | undefined,
): Trace[] {
  const compare: Record<TraceOrder, (a: Trace, b: Trace) => number> = {
    score: (a, b) => b.score - a.score,
    onset: (a, b) => a.startSeconds - b.startSeconds,
    length: (a, b) => b.endSeconds - b.startSeconds - (a.endSeconds - a.startSeconds),
    category: (a, b) => CATEGORIES.indexOf(a.category) - CATEGORIES.indexOf(b.category),
  };
  return traces
    .filter((trace) => category === 'all' || trace.category === category)
    .filter((trace) => trace.score >= leastScore)
    .filter((trace) => judgement === 'all' || (decisionOn(trace) ?? 'open') === judgement)
    .sort((a, b) => compare[order](a, b) || b.score - a.score);
}

/** Something measured of a trace, in words. */
export type Measurement = { label: string; value: string };

/** What a trace rests on: all of it computed from the report. */
export function measurementsOf(trace: Trace, frame: Size, windows: Report['windows']): Measurement[] {
  const [x0, y0, x1, y1] = trace.box;
  const share = ((x1 - x0) * (y1 - y0)) / (frame.width * frame.height);
  const [first, last] = [trace.track[0], trace.track.at(-1)];
  const measurements: Measurement[] = [
    {
      label: 'Seen on',
      value: `${formatCount(trace.track.length, 'sampled frame')} over ${formatTime(trace.endSeconds - trace.startSeconds, 2)}`,
    },
    {
      label: 'Mean box',
      value: `${Math.round(x1 - x0)} × ${Math.round(y1 - y0)} px, ${formatShare(share)} of the picture`,
    },
  ];
  if (first && last && trace.track.length > 1) {
    const [from, to] = [centreOf(first.box), centreOf(last.box)];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const grown = areaOf(last.box) / areaOf(first.box);
    measurements.push(
      {
        label: 'Box moves',
        value: `${Math.round(Math.hypot(dx, dy))} px from first to last (${formatShare(Math.hypot(dx / frame.width, dy / frame.height))} of the picture)`,
      },
      { label: 'Box size', value: `${grown.toFixed(2)} times its first at the end` },
    );
  }
  const during = windows.filter(
    (window) => window.startSeconds < trace.endSeconds && window.endSeconds > trace.startSeconds,
  );
  if (during.length > 0) {
    const probabilities = during.map((window) => window.fakeProbability);
    const [low, high] = [Math.min(...probabilities), Math.max(...probabilities)];
    measurements.push({
      label: 'Windows meanwhile',
      value:
        during.length === 1
          ? `one, with a probability of ${formatShare(high)}`
          : `${during.length}, with probabilities of ${formatShare(low)} to ${formatShare(high)}`,
    });
  }
  return measurements;
}

function areaOf([x0, y0, x1, y1]: Trace['box']): number {
  return Math.max(1, (x1 - x0) * (y1 - y0));
}
