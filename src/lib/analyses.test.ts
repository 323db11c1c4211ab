import { describe, expect, it } from 'vitest';
import { TellscopeError } from '../../workers/errors';
import type { AnalysisEvent } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import { AnalysisManager, type Detector } from './analyses.svelte';
import { makeHeat, makeReport, makeTrace } from './report.fixture';

type Job = {
  file: File;
  signal: AbortSignal;
  tell: (event: AnalysisEvent) => void;
  resolve: (report: Report) => void;
  reject: (error: unknown) => void;
};

/** A detector whose jobs the test drives by hand; like the client, it rejects when it is aborted. */
class FakeDetector implements Detector {
  readonly jobs: Job[] = [];
  readonly prepare = (): void => {};

  analyse(file: File, onEvent: (event: AnalysisEvent) => void, signal: AbortSignal): Promise<Report> {
    return new Promise((resolve, reject) => {
      this.jobs.push({ file, signal, tell: onEvent, resolve, reject });
      signal.addEventListener('abort', () => reject(new TellscopeError('cancelled', 'Cancelled.')));
    });
  }
}

function setUp(...names: string[]) {
  const detector = new FakeDetector();
  const clock = { now: 0 };
  const manager = new AnalysisManager(detector, () => clock.now);
  const added = manager.add(names.map((name) => new File(['x'], name)));
  const job = (index: number): Job => {
    const found = detector.jobs[index];
    if (!found) {
      throw new Error(`Job ${index} has not been started.`);
    }
    return found;
  };
  const analysis = (index: number) => {
    const found = added[index];
    if (!found) {
      throw new Error(`There is no analysis ${index}.`);
    }
    return found;
  };
  return { detector, clock, manager, job, analysis };
}

const told = (manager: AnalysisManager): string | undefined => manager.announcements.at(-1)?.text;

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const progress = (windowsDone: number, windowsExpected: number): AnalysisEvent => ({
  type: 'progress',
  windowsDone,
  windowsExpected,
  judgedSeconds: windowsDone * 1.5,
});

describe('AnalysisManager', () => {
  it('judges files one after the other and shows the first', async () => {
    const { detector, manager, job, analysis } = setUp('a.mp4', 'b.mp4');
    expect(manager.selectedId).toBe(analysis(0).id);
    expect(detector.jobs).toHaveLength(1);
    expect([analysis(0).status, analysis(1).status]).toEqual(['running', 'queued']);

    job(0).resolve(makeReport());
    await settle();
    expect([analysis(0).status, analysis(1).status]).toEqual(['done', 'running']);
    expect(job(1).file.name).toBe('b.mp4');
    expect(manager.selectedId).toBe(analysis(0).id);
  });

  it('leaves the others standing when one fails', async () => {
    const { manager, job, analysis } = setUp('a.mp4', 'b.mp4', 'c.mp4');
    job(0).resolve(makeReport());
    await settle();
    job(1).reject(new TellscopeError('truncated-file', 'The file was cut off.'));
    await settle();
    expect(analysis(1).error).toEqual({ code: 'truncated-file', message: 'The file was cut off.' });
    expect([analysis(0).status, analysis(1).status, analysis(2).status]).toEqual([
      'done',
      'failed',
      'running',
    ]);
    expect(analysis(0).report).toEqual(makeReport());
    expect(told(manager)).toBe('b.mp4: failed. The file was cut off.');
  });

  it('takes partial findings in, and replaces them by those of the report', async () => {
    const { job, analysis } = setUp('a.mp4');
    const report = makeReport({ traces: [makeTrace({ id: 'final' })] });
    job(0).tell({ type: 'video', video: report.video });
    job(0).tell({
      type: 'window',
      startSeconds: 0,
      endSeconds: 2,
      fakeProbability: 0.8,
      traces: [makeTrace({ id: 'partial' })],
      heat: makeHeat(),
    });
    expect(analysis(0).video).toEqual(report.video);
    expect(analysis(0).heat).toEqual([makeHeat()]);
    expect(analysis(0).windows).toEqual([{ startSeconds: 0, endSeconds: 2, fakeProbability: 0.8 }]);
    analysis(0).selectedTraceId = 'partial';
    expect(analysis(0).selectedTrace?.id).toBe('partial');

    job(0).resolve(report);
    await settle();
    expect(analysis(0).traces).toEqual(report.traces);
    expect(analysis(0).windows).toEqual(report.windows);
    expect(analysis(0).selectedTrace).toBeUndefined();
  });

  it('estimates the time left from the second window on', () => {
    const { clock, job, analysis } = setUp('a.mp4');
    clock.now = 5000;
    job(0).tell({ type: 'stage', stage: 'analysing' });
    clock.now = 7000;
    job(0).tell(progress(1, 6));
    expect(analysis(0).secondsLeft).toBeUndefined();
    clock.now = 9000;
    job(0).tell(progress(2, 6));
    expect(analysis(0).secondsLeft).toBe(8);
    expect(analysis(0).progress).toBeCloseTo(1 / 3);
    clock.now = 11_000;
    // The total may turn out smaller than expected.
    job(0).tell(progress(3, 2));
    expect(analysis(0).secondsLeft).toBe(0);
    expect(analysis(0).progress).toBe(1);
  });

  it('cancels at once, ignores what comes late, and goes on with the next', async () => {
    const { manager, job, analysis } = setUp('a.mp4', 'b.mp4');
    manager.cancel(analysis(0).id);
    expect(analysis(0).status).toBe('cancelled');
    expect(job(0).signal.aborted).toBe(true);
    job(0).tell(progress(3, 6));
    expect(analysis(0).windowsDone).toBe(0);
    await settle();
    expect(analysis(0).status).toBe('cancelled');
    expect(analysis(0).error).toBeUndefined();
    expect(analysis(1).status).toBe('running');
  });

  it('cancels a waiting file without ever starting it', async () => {
    const { detector, manager, job, analysis } = setUp('a.mp4', 'b.mp4');
    manager.cancel(analysis(1).id);
    job(0).resolve(makeReport());
    await settle();
    expect(analysis(1).status).toBe('cancelled');
    expect(detector.jobs).toHaveLength(1);
  });

  it('does not let go of a finished verdict', async () => {
    const { manager, job, analysis } = setUp('a.mp4');
    job(0).resolve(makeReport());
    await settle();
    manager.cancel(analysis(0).id);
    manager.retry(analysis(0).id);
    expect(analysis(0).status).toBe('done');
  });

  it('judges again on request, from a clean slate', async () => {
    const { manager, job, analysis } = setUp('a.mp4');
    job(0).tell(progress(3, 6));
    job(0).reject(new Error('out of memory'));
    await settle();
    expect(analysis(0).error?.code).toBe('out-of-memory');
    manager.retry(analysis(0).id);
    expect(analysis(0).status).toBe('running');
    expect(analysis(0).error).toBeUndefined();
    expect(analysis(0).windowsDone).toBe(0);
    job(1).resolve(makeReport());
    await settle();
    expect(analysis(0).status).toBe('done');
  });

  it('can be asked again right after a cancellation', async () => {
    const { manager, job, analysis } = setUp('a.mp4');
    manager.cancel(analysis(0).id);
    manager.retry(analysis(0).id);
    expect(analysis(0).status).toBe('queued');
    await settle();
    job(1).resolve(makeReport());
    await settle();
    expect(analysis(0).status).toBe('done');
  });

  it('removes a file, frees its URL and shows a neighbour', async () => {
    const { manager, analysis } = setUp('a.mp4', 'b.mp4');
    const url = analysis(0).url ?? 'none';
    await expect(fetch(url)).resolves.toBeDefined();
    manager.remove(analysis(0).id);
    await expect(fetch(url)).rejects.toThrow();
    expect(manager.list.map(({ file }) => file.name)).toEqual(['b.mp4']);
    expect(manager.selectedId).toBe(analysis(1).id);
    manager.remove(analysis(1).id);
    expect(manager.selectedId).toBeUndefined();
  });

  it('gives an empty file no URL to play', () => {
    const { manager } = setUp('a.mp4');
    expect(manager.add([new File([], 'empty.mp4')])[0]?.url).toBeUndefined();
  });

  it('shows a new file at once when it is judged at once, and else stays', async () => {
    const { manager, job, analysis } = setUp('a.mp4');
    const [waiting] = manager.add([new File(['x'], 'b.mp4')]);
    expect(manager.selectedId).toBe(analysis(0).id);
    expect(told(manager)).toBe('1 clip added.');
    job(0).resolve(makeReport());
    await settle();
    job(1).resolve(makeReport());
    await settle();
    expect(waiting?.status).toBe('done');
    const [next] = manager.add([new File(['x'], 'c.mp4')]);
    expect(manager.selectedId).toBe(next?.id);
  });

  it('speaks of stages, quarters and the verdict, not of every window', async () => {
    const { manager, job } = setUp('a.mp4');
    job(0).tell({ type: 'stage', stage: 'analysing' });
    expect(told(manager)).toBe('a.mp4: analysing');
    job(0).tell(progress(1, 8));
    expect(told(manager)).toBe('a.mp4: analysing');
    job(0).tell(progress(4, 8));
    expect(told(manager)).toBe('a.mp4: 50 percent analysed');
    job(0).tell(progress(5, 8));
    expect(told(manager)).toBe('a.mp4: 50 percent analysed');
    job(0).resolve(makeReport());
    await settle();
    expect(told(manager)).toBe(
      'a.mp4: Substantial evidence of generation. Probability of generation 93%. 1 trace.',
    );
  });
});
