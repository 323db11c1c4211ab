import { createStore, promisifyRequest, type UseStore } from 'idb-keyval';
import { version as appVersion } from '../../package.json';
import type { JobLogEntry } from '../../workers/job-log';
import type { Bin } from '../../workers/traces/explain-context';
import type { HeatWindow } from '../../workers/traces/heat';

/** What is known of an unfinished analysis beside its evidence: enough to know its file again. */
export type UnfinishedJob = {
  id: string;
  /** Of the app that made it: another version may mean something else by the same evidence. */
  appVersion: string;
  name: string;
  size: number;
  modelSha256: string;
  /** The file is known again by it alone; undefined while it is not computed, and until then nothing is offered. */
  fileSha256: string | undefined;
  windowsDone: number;
  windowsExpected: number;
  /** Parts and bins that belong to it. */
  parts: number;
  bins: number;
  /** Unix time in milliseconds. */
  updatedAt: number;
};

/** An entry of a job's log, with what is kept of its windows for the eye. */
export type JobPart = { entry: JobLogEntry; heat: HeatWindow[] };

/** How far a job has come: numbers of the model, no pixel of the video. */
export type JobState = Pick<
  UnfinishedJob,
  'modelSha256' | 'fileSha256' | 'windowsDone' | 'windowsExpected'
> & { parts: readonly JobPart[]; bins: readonly Bin[] };

/** The place of one running job in the store. Its tab holds a lock on it, so that no other goes on with it too. */
export type JobRecord = {
  /** What an interrupted job on a file of the same size has left. */
  readonly found: JobState | undefined;
  /** Stores what is new. */
  save(state: JobState): void;
  /** What was found is of another file or model: leaves it alone and begins anew. */
  renounce(): void;
  /** Lets go of the record and keeps it. */
  release(): Promise<void>;
  /** Deletes the record: the job is finished, or nobody wants it finished. */
  forget(): Promise<void>;
};

const DATABASE = 'tellscope-unfinished';

/** A job that nobody took up for a week is forgotten, and of more than so many the oldest. */
const MAX_AGE = 7 * 24 * 3600 * 1000;
const MAX_JOBS = 5;

/** Beyond so many bytes a job is not recorded any further; enough for hours of video. */
const MAX_BYTES = 128e6;

/** A store that does not answer in so many milliseconds must not keep the analysis from beginning. */
const PATIENCE = 5000;

const lockOf = (id: string): string => `tellscope-job-${id}`;
const partKey = (id: string, index: number): IDBValidKey => [id, 'part', index];
const binKey = (id: string, index: number): IDBValidKey => [id, 'bin', index];

/** The unfinished analyses of this browser, in IndexedDB; all tabs share them. */
export class JobStore {
  readonly #open: UseStore = createStore(DATABASE, 'jobs');

  /**
   * Jobs that were interrupted, run in no tab and can be taken up, latest first; what is too old is deleted.
   * None where the browser stores nothing.
   */
  async list(): Promise<UnfinishedJob[]> {
    try {
      const [jobs, running] = await Promise.all([this.#heads(), locksHeld()]);
      const idle = jobs
        .filter(({ id }) => !running.has(lockOf(id)))
        .sort((a, b) => b.updatedAt - a.updatedAt);
      const usable = idle
        .filter((job) => job.appVersion === appVersion && Date.now() - job.updatedAt < MAX_AGE)
        .filter((job) => job.fileSha256 !== undefined)
        .slice(0, MAX_JOBS);
      await Promise.all(idle.filter((job) => !usable.includes(job)).map(({ id }) => this.forget(id)));
      return usable;
    } catch {
      return [];
    }
  }

  /**
   * Begins to record a job, from what an interrupted one on a file of this size has left: whether it is the same file,
   * the worker decides by its hash.
   *
   * @param onFailure told once, in a sentence, when the browser stores nothing or no more.
   */
  async record(file: File, onFailure: (message: string) => void): Promise<JobRecord> {
    const unknown = new Promise<UnfinishedJob[]>((resolve) => setTimeout(resolve, PATIENCE, []));
    const jobs = await Promise.race([this.list(), unknown]);
    const candidates = jobs.filter(({ size }) => size === file.size);
    candidates.sort((a, b) => Number(b.name === file.name) - Number(a.name === file.name));
    for (const job of candidates) {
      const release = await takeLock(job.id);
      const found = release && (await this.#load(job).catch(() => undefined));
      if (found) {
        return new StoredRecord(this.#open, file, onFailure, { id: job.id, release, found });
      }
      release?.();
    }
    return new StoredRecord(this.#open, file, onFailure);
  }

  /** Deletes a job. */
  forget(id: string): Promise<void> {
    return forget(this.#open, id);
  }

  #heads(): Promise<UnfinishedJob[]> {
    // Keys that are strings come before those that are arrays; the evidence itself is not read.
    const heads = IDBKeyRange.bound('', [], false, true);
    return this.#open('readonly', (jobs) => promisifyRequest(jobs.getAll(heads))) as Promise<UnfinishedJob[]>;
  }

  /** All of a job; undefined when part of it is gone, and the rest is deleted then. */
  async #load(job: UnfinishedJob): Promise<JobState | undefined> {
    const { id, modelSha256, fileSha256, windowsDone, windowsExpected } = job;
    const read = <T>(keys: IDBValidKey[]): Promise<(T | undefined)[]> =>
      this.#open('readonly', (jobs) =>
        Promise.all(keys.map((key) => promisifyRequest(jobs.get(key) as IDBRequest<T | undefined>))),
      );
    const parts = await read<JobPart>(Array.from({ length: job.parts }, (_, n) => partKey(id, n)));
    const bins = await read<Bin>(Array.from({ length: job.bins }, (_, n) => binKey(id, n)));
    if ([...parts, ...bins].includes(undefined)) {
      await this.forget(id);
      return undefined;
    }
    return {
      modelSha256,
      fileSha256,
      windowsDone,
      windowsExpected,
      parts: parts as JobPart[],
      bins: bins as Bin[],
    };
  }
}

type Taken = { id: string; release: () => void; found: JobState };

class StoredRecord implements JobRecord {
  readonly found: JobState | undefined;
  readonly #open: UseStore;
  readonly #file: File;
  readonly #onFailure: (message: string) => void;
  #id: string;
  /** Ends the lock; there is none before the first thing is stored. */
  #release: Promise<(() => void) | undefined> | undefined;
  #parts: number;
  #bytes: number;
  #bins: readonly Bin[];
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(open: UseStore, file: File, onFailure: (message: string) => void, taken?: Taken) {
    this.#open = open;
    this.#file = file;
    this.#onFailure = onFailure;
    this.#id = taken?.id ?? crypto.randomUUID();
    this.#release = taken && Promise.resolve(taken.release);
    this.found = taken?.found;
    this.#parts = taken?.found.parts.length ?? 0;
    this.#bytes = taken ? bytesOf(taken.found.parts) : 0;
    this.#bins = taken?.found.bins ?? [];
  }

  save(state: JobState): void {
    if (this.#failed) {
      return;
    }
    const news = state.parts.slice(this.#parts);
    this.#bytes += bytesOf(news);
    if (this.#bytes > MAX_BYTES) {
      this.#fail('it is very long');
      return;
    }
    const id = this.#id;
    this.#release ??= takeLock(id);
    const head: UnfinishedJob = {
      id,
      appVersion,
      name: this.#file.name,
      size: this.#file.size,
      modelSha256: state.modelSha256,
      fileSha256: state.fileSha256,
      windowsDone: state.windowsDone,
      windowsExpected: state.windowsExpected,
      parts: state.parts.length,
      bins: state.bins.length,
      updatedAt: Date.now(),
    };
    const first = this.#parts;
    const bins = [...state.bins.entries()].filter(([index, bin]) => bin !== this.#bins[index]);
    this.#parts = head.parts;
    this.#bins = state.bins;
    this.#writing = this.#writing.then(async () => {
      if (this.#failed) {
        return;
      }
      try {
        // Head and parts together or not at all.
        await this.#open('readwrite', (jobs) => {
          jobs.put(head, id);
          news.forEach((part, index) => jobs.put(part, partKey(id, first + index)));
          bins.forEach(([index, bin]) => jobs.put(bin, binKey(id, index)));
          return promisifyRequest(jobs.transaction);
        });
      } catch (error) {
        this.#fail(error instanceof Error ? error.name : String(error));
      }
    });
  }

  renounce(): void {
    void this.#letGo();
    this.#id = crypto.randomUUID();
    [this.#parts, this.#bytes, this.#bins] = [0, 0, []];
  }

  async release(): Promise<void> {
    await this.#writing;
    await this.#letGo();
  }

  async forget(): Promise<void> {
    this.#failed = true;
    await this.#writing;
    try {
      await forget(this.#open, this.#id);
    } catch {
      // Nothing could be stored in the first place.
    }
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const release = this.#release;
    this.#release = undefined;
    (await release)?.();
  }

  #fail(why: string): void {
    this.#failed = true;
    this.#onFailure(
      `How far this analysis has come is not stored in this browser any further (${why}): if the page is closed ` +
        'before it is done, what follows has to be judged again.',
    );
  }
}

function forget(open: UseStore, id: string): Promise<void> {
  return open('readwrite', (jobs) => {
    jobs.delete(id);
    jobs.delete(IDBKeyRange.bound([id], [id, []]));
    return promisifyRequest(jobs.transaction);
  });
}

function bytesOf(parts: readonly JobPart[]): number {
  const sizes = parts.flatMap(({ entry, heat }) => [
    ...heat.map(({ values }) => values.byteLength),
    ...entry.steps.map((step) =>
      step.type === 'cut'
        ? 0
        : step.evidence.candidates.values.byteLength + step.evidence.coverage.logits.byteLength,
    ),
  ]);
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function locksHeld(): Promise<Set<string | undefined>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.map(({ name }) => name));
}

/** Takes a job for this tab until the function is called; undefined when another tab has it. */
function takeLock(id: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    navigator.locks
      .request(lockOf(id), { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(() => resolve(undefined));
  });
}
