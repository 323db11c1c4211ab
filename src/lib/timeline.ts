import { CATEGORIES, type Category, type Report, type Trace } from '../../workers/report';
import { formatProbability, formatRange } from './format';

/** The model's probability for one window of the clip. */
export type WindowProbability = Report['windows'][number];

/** A stretch of time with one probability. */
export type Step = { startSeconds: number; endSeconds: number; probability: number };

/** Windows overlap; each stretch between their edges gets the mean of the windows that cover it. */
export function stepCurve(windows: WindowProbability[]): Step[] {
  const edges = [...new Set(windows.flatMap((window) => [window.startSeconds, window.endSeconds]))].sort(
    (a, b) => a - b,
  );
  const steps: Step[] = [];
  for (const [index, startSeconds] of edges.entries()) {
    const endSeconds = edges[index + 1];
    if (endSeconds === undefined) {
      break;
    }
    const middle = (startSeconds + endSeconds) / 2;
    const covering = windows.filter((window) => window.startSeconds <= middle && middle < window.endSeconds);
    if (covering.length > 0) {
      const sum = covering.reduce((total, window) => total + window.fakeProbability, 0);
      steps.push({ startSeconds, endSeconds, probability: sum / covering.length });
    }
  }
  return steps;
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

function packRows(traces: Trace[]): Trace[][] {
  const rows: Trace[][] = [];
  for (const trace of [...traces].sort((a, b) => a.startSeconds - b.startSeconds)) {
    const row = rows.find((candidates) => (candidates.at(-1)?.endSeconds ?? 0) <= trace.startSeconds);
    if (row) {
      row.push(trace);
    } else {
      rows.push([trace]);
    }
  }
  return rows;
}

/** Round times for the ruler: at most `most` ticks, starting at zero. */
export function rulerTicks(durationSeconds: number, most: number): number[] {
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const step = steps.find((candidate) => durationSeconds / candidate <= most) ?? durationSeconds / most;
  if (!(durationSeconds > 0)) {
    return [0];
  }
  return Array.from({ length: Math.floor(durationSeconds / step + 1e-6) + 1 }, (_, index) => index * step);
}
