import type { ErrorCode, TellscopeError } from '../../workers/errors';
import type { Backend } from '../../workers/report';

/** Faults of the machine that a new worker may not meet again. What is wrong with a file is none of them. */
const RECOVERABLE: Partial<Record<ErrorCode, { attempts: number; what: string }>> = {
  'worker-lost': { attempts: 3, what: 'The analysis was stopped by the browser' },
  'worker-stuck': { attempts: 2, what: 'The analysis stood still' },
  'gpu-lost': { attempts: 4, what: 'The graphics card was taken away' },
  'out-of-memory': { attempts: 3, what: 'The memory did not suffice' },
  'inference-failed': { attempts: 3, what: 'The model failed while running' },
  // The runtime cannot be started twice in one worker (onnxruntime-web), and a download may have been damaged.
  'backend-unavailable': { attempts: 2, what: 'The model could not be started' },
  'model-altered': { attempts: 2, what: 'The model arrived damaged' },
  internal: { attempts: 2, what: 'Something went wrong' },
};

/** Faults that put the blame on the GPU, where the model ran on it. */
const GPU_FAULTS = new Set<ErrorCode>(['inference-failed', 'worker-stuck']);

/** A GPU that failed this often in one visit is not used again. */
const GPU_FAILURES = 2;

/** Faults one job survives at most, however far it came between them. */
const MAX_FAULTS = 12;

/** What the GPU did in this visit: its failures count across jobs. */
export class GpuRecord {
  #failures = 0;

  /** Notes a failure. */
  failed(): void {
    this.#failures++;
  }

  /** Why the GPU is not used any more, in a sentence; undefined while it is. */
  get reasonToAvoid(): string | undefined {
    return this.#failures < GPU_FAILURES
      ? undefined
      : `The graphics card failed ${this.#failures} times in this visit; the model runs on the CPU, which is slower.`;
  }
}

/** Decides for one job whether it goes on after a fault. */
export class Recovery {
  readonly #gpu: GpuRecord;
  #faults = 0;
  #faultsInPlace = 0;
  #windowsAtFault = -1;
  readonly #notes = new Map<string, number>();

  constructor(gpu: GpuRecord) {
    this.#gpu = gpu;
  }

  /**
   * Takes a fault in.
   *
   * @param windowsDone windows that were finished when it came: a job that got further has earned a new start.
   * @param backend the model ran on; undefined when it did not get that far.
   * @returns what to tell the visitor, if the job is to go on in a new worker.
   */
  goesOn(error: TellscopeError, windowsDone: number, backend: Backend | undefined): string | undefined {
    const recoverable = RECOVERABLE[error.code];
    if (error.code === 'gpu-lost' || (backend === 'webgpu' && GPU_FAULTS.has(error.code))) {
      this.#gpu.failed();
    }
    if (!recoverable) {
      return undefined;
    }
    this.#faults++;
    this.#faultsInPlace = windowsDone > this.#windowsAtFault ? 1 : this.#faultsInPlace + 1;
    this.#windowsAtFault = windowsDone;
    if (this.#faultsInPlace >= recoverable.attempts || this.#faults > MAX_FAULTS) {
      return undefined;
    }
    this.#notes.set(recoverable.what, (this.#notes.get(recoverable.what) ?? 0) + 1);
    const where = windowsDone > 0 ? `goes on after window ${windowsDone}` : 'starts anew';
    return `${recoverable.what}; it ${where}.`;
  }

  /** What the report says of the faults that were survived. */
  notes(): string[] {
    return [...this.#notes].map(
      ([what, times]) =>
        `${what}${times > 1 ? ` (${times} times)` : ''}; the analysis went on where it had stopped, and the result is the same.`,
    );
  }
}
