import type { JobLog, JobLogEntry } from '../../workers/job-log';
import type { AnalysisEvent, LoadedModel, WorkerEvent } from '../../workers/protocol';
import { withBins, type Bin } from '../../workers/traces/explain-context';
import type { HeatWindow } from '../../workers/traces/heat';

/** The page's side of one analysis: what is finished of it outlives the worker that did it. */
export class Job {
  readonly file: File;
  #entries: JobLogEntry[] = [];
  #bins: readonly Bin[] = [];
  /** One for each window of the entries. */
  #heat: HeatWindow[] = [];
  /** Of windows that were told of and are not in the log yet. */
  #newHeat: HeatWindow[] = [];
  #modelSha256: string | undefined;
  #fileSha256: string | undefined;

  constructor(file: File) {
    this.file = file;
  }

  /** Windows that need not be run again. */
  get windowsDone(): number {
    return this.#entries.reduce((sum, entry) => sum + windowsOf(entry), 0);
  }

  /** Where a worker goes on; undefined when there was none before it. */
  get log(): JobLog | undefined {
    return this.#modelSha256 === undefined
      ? undefined
      : {
          modelSha256: this.#modelSha256,
          fileSha256: this.#fileSha256,
          sameFile: true,
          entries: this.#entries,
          bins: this.#bins,
        };
  }

  /** The model that goes on is known. */
  judgedBy(model: LoadedModel): void {
    this.#modelSha256 = model.sha256;
  }

  /** Takes in what the worker tells; returns what of it the page has to hear. */
  take(event: WorkerEvent): AnalysisEvent | undefined {
    switch (event.type) {
      case 'log':
        this.#log(event.entry);
        return undefined;
      case 'hash':
        this.#fileSha256 = event.sha256;
        return undefined;
      case 'window':
        this.#newHeat.push(event.heat);
        return event;
      case 'restored':
        this.#newHeat = [];
        // The worker compared model and file with those of the log, and takes up nothing of others.
        if (event.windows.length === 0) {
          [this.#entries, this.#bins, this.#heat] = [[], [], []];
        }
        return { ...event, heat: [...this.#heat] };
      case 'stage':
      case 'video':
      case 'model':
      case 'progress':
        return event;
    }
  }

  #log({ steps, checkpoint }: JobLogEntry): void {
    const kept = steps.map((step) => {
      if (step.type === 'cut') {
        return step;
      }
      const { bins = [], ...evidence } = step.evidence;
      this.#bins = withBins(this.#bins, bins);
      return { ...step, evidence };
    });
    const entry = { steps: kept, checkpoint };
    this.#entries.push(entry);
    this.#heat.push(...this.#newHeat.splice(0, windowsOf(entry)));
  }
}

function windowsOf({ steps }: JobLogEntry): number {
  return steps.filter(({ type }) => type === 'window').length;
}
