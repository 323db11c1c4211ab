/** Every way a second opinion can fail to be had. Stable: the page and the tests name these. */
export type OpinionErrorCode =
  | 'source-unreachable'
  | 'source-refused'
  | 'file-missing'
  | 'file-altered'
  | 'larger-than-agreed'
  | 'storage-full'
  | 'storage-unavailable'
  | 'bad-entry'
  | 'load-failed'
  | 'run-failed'
  | 'video-unreadable'
  | 'worker-lost'
  | 'cancelled'
  | 'internal';

/** An {@link OpinionError} as it crosses the worker boundary. */
export type OpinionErrorData = {
  code: OpinionErrorCode;
  /** Plain sentences: what is wrong and what the person can do. */
  message: string;
  /** For `larger-than-agreed`: what the source says the download is, in bytes. */
  bytes?: number;
};

/** A failure with a stable code and a message meant for the person who asked. */
export class OpinionError extends Error {
  readonly data: OpinionErrorData;

  /** Creates an error; `message` says what is wrong and what to do about it. */
  constructor(code: OpinionErrorCode, message: string, options?: ErrorOptions & { bytes?: number }) {
    super(message, options);
    this.name = 'OpinionError';
    this.data = { code, message, ...(options?.bytes !== undefined && { bytes: options.bytes }) };
  }
}

/** Result of a call into one of the workers: errors cross as data, with their code. */
export type OpinionOutcome<T> = { ok: true; value: T } | { ok: false; error: OpinionErrorData };

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Turns anything thrown into error data; what is not an {@link OpinionError} becomes `internal`. */
export function toOpinionErrorData(thrown: unknown): OpinionErrorData {
  return thrown instanceof OpinionError
    ? thrown.data
    : { code: 'internal', message: `Something went wrong inside Tellscope (${messageOf(thrown)}).` };
}

/** Runs work for a caller on the other side of a worker boundary: structured clone would drop an error's code. */
export async function settleOpinion<T>(work: () => Promise<T>): Promise<OpinionOutcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toOpinionErrorData(error) };
  }
}

/**
 * The value of a call into one of the workers.
 *
 * @throws {OpinionError} when the call failed there.
 */
export function unwrapOpinion<T>(outcome: OpinionOutcome<T>): T {
  if (outcome.ok) {
    return outcome.value;
  }
  const { code, message, bytes } = outcome.error;
  throw new OpinionError(code, message, bytes === undefined ? {} : { bytes });
}
