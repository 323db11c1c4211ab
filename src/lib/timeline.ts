import { CATEGORIES, type Category, type Report, type Trace } from '../../workers/report';
import { formatProbability, formatRange } from './format';

/** What the model saw in one window, as far as it is known while the analysis runs. */
export type WindowProbability = Report['windows'][number];

/** A stretch of time with one probability. */
export type Step = {
  startSeconds: number;
  endSeconds: number;
  probability: number;
  /** Mean of the windows' intervals, where all of them have one. */
  interval: { low: number; high: number } | undefined;
};

/** Windows overlap; each stretch between their edges gets the mean of the windows that cover it. */
export function stepCurve(windows: WindowProbability[]): Step[] {
  const edges = [...new Set(windows.flatMap((window) => [window.startSeconds, window.endSeconds]))].sort(
    (a, b) => a - b,
  );
  const byStart = [...windows].sort((a, b) => a.startSeconds - b.startSeconds);
  const steps: Step[] = [];
  // Windows that cover the stretch: long clips have thousands, of which a few overlap at a time.
  let covering: WindowProbability[] = [];
  let begun = 0;
  for (const [index, startSeconds] of edges.entries()) {
    const endSeconds = edges[index + 1];
    if (endSeconds === undefined) {
      break;
    }
    covering = covering.filter((window) => window.endSeconds > startSeconds);
    for (let next = byStart[begun]; next && next.startSeconds <= startSeconds; next = byStart[++begun]) {
      if (next.endSeconds > startSeconds) {
        covering.push(next);
      }
    }
    if (covering.length > 0) {
      const intervals = covering.flatMap(({ interval }) => interval ?? []);
      steps.push({
        startSeconds,
        endSeconds,
        probability: mean(covering.map((window) => window.fakeProbability)),
        interval:
          intervals.length === covering.length
            ? {
                low: mean(intervals.map(({ low }) => low)),
                high: mean(intervals.map(({ high }) => high)),
              }
            : undefined,
      });
    }
  }
  return steps;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** The probability curve in one sentence: the text twin of the chart. */
export function describeWindows(windows: WindowProbability[]): string {
  const sorted = [...windows].sort((a, b) => a.fakeProbability - b.fakeProbability);
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  if (!lowest || !highest) {
    return 'No window has been judged yet.';
  }
  const tell = (window: WindowProbability): string =>
    `${formatProbability(window.fakeProbability)} at ${formatRange(window.startSeconds, window.endSeconds)}`;
  if (windows.length === 1) {
    return `One window judged: ${tell(highest)}.`;
  }
  return `${windows.length} windows judged; highest ${tell(highest)}, lowest ${tell(lowest)}.`;
}

/** The traces of one category, in rows in which none overlaps another. */
export type Lane = { category: Category; rows: Trace[][] };

/** One lane per category that has traces, in the order of the category table. */
export function lanes(traces: Trace[]): Lane[] {
  return CATEGORIES.flatMap((category) => {
    const own = traces.filter((trace) => trace.category === category);
    return own.length > 0 ? [{ category, rows: packRows(own) }] : [];
  });
}

/** Puts stretches of time into rows in which none overlaps another. */
export function packRows<T extends { startSeconds: number; endSeconds: number }>(
  stretches: readonly T[],
): T[][] {
  const rows: T[][] = [];
  for (const stretch of [...stretches].sort((a, b) => a.startSeconds - b.startSeconds)) {
    const row = rows.find((candidates) => (candidates.at(-1)?.endSeconds ?? 0) <= stretch.startSeconds);
    if (row) {
      row.push(stretch);
    } else {
      rows.push([stretch]);
    }
  }
  return rows;
}

/** Round times for the ruler: at most `most` ticks, starting at zero. */
export function rulerTicks(durationSeconds: number, most: number): number[] {
  const steps = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const step = steps.find((candidate) => durationSeconds / candidate <= most) ?? durationSeconds / most;
  if (!(durationSeconds > 0)) {
    return [0];
  }
  return Array.from({ length: Math.floor(durationSeconds / step + 1e-6) + 1 }, (_, index) => index * step);
}
