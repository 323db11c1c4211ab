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
  | 'worker-lost'
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

/** Turns anything thrown into error data; what is not a {@link TellscopeError} becomes `internal`. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof TellscopeError) {
    return thrown.toData();
  }
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'internal',
    message: `Something went wrong inside Tellscope (${detail}). Try the file again; if it fails again, please report it.`,
  };
}
