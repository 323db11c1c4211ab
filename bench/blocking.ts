import type { Page } from 'playwright-core';
import { CLIP, sampleTimes } from './analysis';
import { milliseconds, onPage, times, type Bench, type Part } from './part';
import { timeSeeking } from './seeking';

/** A task of this length or more is a long one: the page does not answer for that time. */
const LONG_MS = 50;

/** How the page's own thread was held up, in milliseconds. */
type Blocking = {
  /** Tasks over 50 ms by the clock, as the Performance API tells them. */
  longTasks: number[];
  /** The task that took most of the processor's time: what is left when nothing else runs on the machine. */
  longestWork: number;
  /** Processor time of the thread in all. */
  work: number;
};

/** An event of Chromium's trace; durations in microseconds, `tdur` in processor time. */
type TraceEvent = {
  name: string;
  pid: number;
  tid: number;
  tdur?: number;
  args?: { name?: string };
};

/**
 * For how long the page does not answer while it judges a clip, from the choice of the file to the verdict, beside what
 * it costs the page to do no more than get the same frames, by seeking a video element and reading its pixels.
 */
export async function measureBlocking(bench: Bench): Promise<Part> {
  const ours: Blocking[] = [];
  const seeking: Blocking[] = [];
  for (let run = 0; run < bench.runs; run++) {
    ours.push(await onPage(bench, (page) => watch(page, judge)));
    seeking.push(await onPage(bench, (page) => watch(page, seek)));
  }
  const [best, other] = [calmest(ours), calmest(seeking)];
  return {
    title: `The page’s thread while ${CLIP.split(/[\\/]/).pop() ?? ''} is judged, best of ${bench.runs}`,
    rows: [
      [`tasks over ${LONG_MS} ms by the clock`, String(best.longTasks.length)],
      ['  longest', milliseconds(Math.max(0, ...best.longTasks))],
      ['  of a task, processor time at most', milliseconds(best.longestWork)],
      ['processor time in all', milliseconds(best.work)],
      [`frames alone, by seeking a <video>: tasks over ${LONG_MS} ms`, String(other.longTasks.length)],
      ['  of a task, processor time at most', milliseconds(other.longestWork)],
      ['  processor time in all', milliseconds(other.work)],
      ['longest task: judging against getting the frames alone', times(best.longestWork / other.longestWork)],
    ],
    result: { ours, seeking },
  };
}

function calmest(runs: readonly Blocking[]): Blocking {
  const best = runs.toSorted(
    (a, b) => a.longTasks.length - b.longTasks.length || a.longestWork - b.longestWork,
  )[0];
  if (!best) {
    throw new Error('Nothing was measured.');
  }
  return best;
}

/** Judges the clip as a visitor would. */
async function judge(page: Page): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles(CLIP);
  await page.getByRole('heading', { name: 'Details for the record' }).waitFor();
}

/** Gets the frames that the detector looks at by seeking. */
async function seek(page: Page): Promise<void> {
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.id = 'seeking';
    document.body.append(input);
  });
  await page.setInputFiles('#seeking', CLIP);
  await timeSeeking(page, '#seeking', sampleTimes(10));
}

async function watch(page: Page, work: (page: Page) => Promise<void>): Promise<Blocking> {
  const browser = page.context().browser();
  if (!browser) {
    throw new Error('The browser is gone.');
  }
  await page.getByRole('heading', { name: 'Toy ship' }).waitFor();
  // What is still being done for the start page does not count.
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    const longTasks: number[] = [];
    new PerformanceObserver((list) => {
      longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
    Object.assign(window, { longTasks });
  });
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await work(page);
  // Entries come a little after the task.
  await page.waitForTimeout(500);
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const longTasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
  const works = pageTasks(trace.traceEvents);
  return {
    longTasks,
    longestWork: Math.max(0, ...works),
    work: works.reduce((total, task) => total + task, 0),
  };
}

/** Processor time of each task of the page's thread (of all pages, of which there is one), in milliseconds. */
function pageTasks(events: readonly TraceEvent[]): number[] {
  const mainThreads = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  return events
    .filter(
      ({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && mainThreads.has(`${pid}:${tid}`),
    )
    .map(({ tdur = 0 }) => tdur / 1000);
}
