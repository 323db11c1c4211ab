import type { JobLog, JobLogEntry } from '../../workers/job-log';
import type { AnalysisEvent, LoadedModel, WorkerEvent } from '../../workers/protocol';
import { withBins, type Bin } from '../../workers/traces/explain-context';
import type { HeatWindow } from '../../workers/traces/heat';
import type { JobPart, JobRecord } from './job-store';

/**
 * The page's side of one analysis: what is finished of it outlives the worker that did it and, where it is recorded, the
 * page.
 */
export class Job {
  readonly file: File;
  readonly #record: JobRecord | undefined;
  #parts: JobPart[];
  #bins: readonly Bin[];
  /** Of windows that were told of and are not in the log yet. */
  #newHeat: HeatWindow[] = [];
  #modelSha256: string | undefined;
  #fileSha256: string | undefined;
  /** The log is of this very file, as far as it is not empty: none came from an earlier visit, or its hash was compared. */
  #sameFile: boolean;
  #windowsExpected = 0;
  /** Windows taken over from an earlier visit. */
  #windowsTakenOver = 0;

  /** @param record where the job is recorded, with what an earlier visit has left of it. */
  constructor(file: File, record?: JobRecord) {
    const found = record?.found;
    this.file = file;
    this.#record = record;
    this.#parts = [...(found?.parts ?? [])];
    this.#bins = found?.bins ?? [];
    this.#modelSha256 = found?.modelSha256;
    this.#fileSha256 = found?.fileSha256;
    this.#sameFile = found === undefined;
  }

  /** Windows that need not be run again. */
  get windowsDone(): number {
    return this.#parts.reduce((sum, { entry }) => sum + windowsOf(entry), 0);
  }

  /** Where a worker goes on; undefined when there was none before it. */
  get log(): JobLog | undefined {
    return this.#modelSha256 === undefined
      ? undefined
      : {
          modelSha256: this.#modelSha256,
          fileSha256: this.#fileSha256,
          sameFile: this.#sameFile,
          entries: this.#parts.map(({ entry }) => entry),
          bins: this.#bins,
        };
  }

  /** What the report says of an earlier visit. */
  notes(): string[] {
    return this.#windowsTakenOver === 0
      ? []
      : [
          `The analysis was interrupted and went on later, after window ${this.#windowsTakenOver}; the result is the same. ` +
            'The times are those of its last part.',
        ];
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
        this.#save();
        return undefined;
      case 'hash':
        this.#fileSha256 = event.sha256;
        this.#save();
        return undefined;
      case 'window':
        this.#newHeat.push(event.heat);
        return event;
      case 'restored':
        return this.#restored(event);
      case 'progress':
        this.#windowsExpected = event.windowsExpected;
        return event;
      case 'stage':
      case 'video':
      case 'model':
        return event;
    }
  }

  #restored(event: Extract<WorkerEvent, { type: 'restored' }>): AnalysisEvent {
    this.#newHeat = [];
    // The worker compared model and file with those of the log, and takes up nothing of others.
    if (event.windows.length === 0) {
      [this.#parts, this.#bins] = [[], []];
      if (!this.#sameFile) {
        this.#record?.renounce();
      }
    } else if (!this.#sameFile) {
      this.#windowsTakenOver = event.windows.length;
    }
    this.#sameFile = true;
    return { ...event, heat: this.#parts.flatMap(({ heat }) => heat) };
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
    this.#parts.push({ entry, heat: this.#newHeat.splice(0, windowsOf(entry)) });
  }

  #save(): void {
    // The hash is told before it is known whether what was found is of this file.
    if (this.#sameFile && this.#modelSha256 !== undefined && this.#parts.length > 0) {
      this.#record?.save({
        modelSha256: this.#modelSha256,
        fileSha256: this.#fileSha256,
        windowsDone: this.windowsDone,
        windowsExpected: this.#windowsExpected,
        parts: this.#parts,
        bins: this.#bins,
      });
    }
  }
}

function windowsOf({ steps }: JobLogEntry): number {
  return steps.filter(({ type }) => type === 'window').length;
}
