import { TellscopeError, toErrorData, type ErrorData } from '../../../workers/errors';
import type { AnalysisEvent } from '../../../workers/protocol';
import type { Report, VideoInfo } from '../../../workers/report';
import { makeVariant, type JobOptions } from '../exports/media-client';
import { compareReports, type VariantResult } from './compare';
import { VARIANT_IDS, type VariantId } from './variants';

/** What a re-check needs of the rest of the page. */
export type RecheckTools = {
  make: (file: Blob, video: VideoInfo, id: VariantId, options: JobOptions) => Promise<Blob>;
  analyse: (file: File, onEvent: (event: AnalysisEvent) => void, signal: AbortSignal) => Promise<Report>;
};

/** One copy on its way: waiting, being encoded, being analysed, or at its end. */
export class VariantStep {
  readonly id: VariantId;
  phase = $state<'waiting' | 'encoding' | 'analysing' | 'done' | 'failed'>('waiting');
  /** Share of the present phase that is done, 0..1. */
  progress = $state(0);
  result = $state.raw<VariantResult>();
  error = $state.raw<ErrorData>();

  constructor(id: VariantId) {
    this.id = id;
  }
}

/**
 * The re-check of one report: copies of the clip are made on this machine and judged as the clip was, one after the
 * other. A copy that fails leaves the others standing.
 */
export class Recheck {
  readonly report: Report;
  status = $state<'idle' | 'running' | 'done' | 'cancelled'>('idle');
  steps = $state.raw<VariantStep[]>([]);

  /** Share of all the work that is done, 0..1; making a copy counts as a fifth of judging it. */
  progress = $derived(
    this.steps.length === 0
      ? 0
      : this.steps.reduce((sum, { phase, progress }) => sum + shareOf(phase, progress), 0) /
          this.steps.length,
  );
  /** The copies that were judged. */
  judged = $derived(this.steps.flatMap(({ id, result }) => (result ? [{ id, result }] : [])));

  readonly #file: File;
  readonly #tools: RecheckTools;
  #running: AbortController | undefined;

  constructor(file: File, report: Report, tools: RecheckTools) {
    this.#file = file;
    this.report = report;
    this.#tools = tools;
  }

  /** Makes and judges all copies. Never rejects: failures are in the steps. */
  async start(): Promise<void> {
    if (this.#running) {
      return;
    }
    const running = new AbortController();
    this.#running = running;
    this.steps = VARIANT_IDS.map((id) => new VariantStep(id));
    this.status = 'running';
    for (const step of this.steps) {
      await this.#run(step, running.signal);
      if (running.signal.aborted) {
        break;
      }
    }
    this.#running = undefined;
    this.status = running.signal.aborted ? 'cancelled' : 'done';
  }

  /** Ends at once; what is done stays. */
  cancel(): void {
    this.#running?.abort();
  }

  async #run(step: VariantStep, signal: AbortSignal): Promise<void> {
    try {
      step.phase = 'encoding';
      const onProgress = (share: number): void => {
        step.progress = share;
      };
      const copy = await this.#tools.make(this.#file, this.report.video, step.id, { onProgress, signal });
      step.phase = 'analysing';
      step.progress = 0;
      const name = `${step.id}.${copy.type === 'video/mp4' ? 'mp4' : 'webm'}`;
      const report = await this.#tools.analyse(
        new File([copy], name, { type: copy.type }),
        (event) => {
          if (event.type === 'progress') {
            onProgress(event.windowsDone / Math.max(1, event.windowsExpected));
          }
        },
        signal,
      );
      step.result = compareReports(this.report, report, step.id);
      step.phase = 'done';
    } catch (error) {
      const cancelled = signal.aborted || (error instanceof TellscopeError && error.code === 'cancelled');
      step.phase = cancelled ? 'waiting' : 'failed';
      step.error = cancelled ? undefined : toErrorData(error);
    }
  }
}

function shareOf(phase: VariantStep['phase'], progress: number): number {
  switch (phase) {
    case 'waiting':
      return 0;
    case 'encoding':
      return 0.2 * progress;
    case 'analysing':
      return 0.2 + 0.8 * progress;
    case 'done':
    case 'failed':
      return 1;
  }
}

const open = new WeakMap<Report, Recheck>();

/** The re-check of a report; one for the whole visit, which goes on while another clip is looked at. */
export function recheckOf(file: File, report: Report, analyse: RecheckTools['analyse']): Recheck {
  const known = open.get(report) ?? new Recheck(file, report, { make: makeVariant, analyse });
  open.set(report, known);
  return known;
}

/** Ends the re-check of a report that is no longer wanted. */
export function endRecheck(report: Report): void {
  open.get(report)?.cancel();
}
