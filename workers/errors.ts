/** Every way an analysis can end without a report. Stable: reports, exit messages and tests name these. */
export type ErrorCode =
  | 'empty-file'
  | 'not-a-video'
  | 'no-video-track'
  | 'unsupported-codec'
  | 'truncated-file'
  | 'unreadable-file'
  | 'decode-failed'
  | 'webcodecs-missing'
  | 'model-unavailable'
  | 'model-altered'
  | 'model-mismatch'
  | 'backend-unavailable'
  | 'inference-failed'
  | 'out-of-memory'
  | 'gpu-lost'
  | 'worker-lost'
  | 'worker-stuck'
  | 'cancelled'
  | 'internal';

/** A {@link TellscopeError} as it crosses the worker boundary and stands in a report line. */
export type ErrorData = {
  code: ErrorCode;
  /** One or two plain sentences: what is wrong and what the person can do. */
  message: string;
};

/** A failure with a stable code and a message meant for the person who dropped the file. */
export class TellscopeError extends Error {
  readonly code: ErrorCode;

  /** Creates an error; `message` says what is wrong and what to do about it. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TellscopeError';
    this.code = code;
  }

  /** The plain data of this error, safe for structured clone and JSON. */
  toData(): ErrorData {
    return { code: this.code, message: this.message };
  }
}

/**
 * Whether something thrown says that memory ran out: engines and the runtime's allocator each have their own words, and
 * onnxruntime-web has none, or a few stray bytes, where there is no memory left for them.
 */
export function isOutOfMemory(thrown: unknown): boolean {
  return /out of memory|bad_alloc|could not allocate|allocation failed|failed to allocate|\bOOM\b|ERROR_MESSAGE:\W*$/i.test(
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}

/**
 * Turns anything thrown into error data; what is not a {@link TellscopeError} becomes `out-of-memory` where it says so,
 * `internal` otherwise.
 */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof TellscopeError) {
    return thrown.toData();
  }
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (isOutOfMemory(thrown)) {
    return {
      code: 'out-of-memory',
      message: `The memory did not suffice (${detail}). Close other tabs and programs and try again.`,
    };
  }
  return {
    code: 'internal',
    message: `Something went wrong inside Tellscope (${detail}). Try the file again; if it fails again, please report it.`,
  };
}
