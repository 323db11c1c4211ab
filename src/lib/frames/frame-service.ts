import { TellscopeError } from '../../../workers/errors';
import type { ClipIndex, Crop, FrameRun } from '../../../workers/frames/protocol';
import type { VideoInfo } from '../../../workers/report';
import { unwrap, whenAborted } from '../worker-calls';
import { frameIndexAt } from './frame-times';
import { sharedFramesWorker, type FramesWorker, type Receiver } from './frames-worker';

/** How a frame is wanted. */
export type FrameOptions = {
  /** Scales the picture down (never up) to so many pixels in width. */
  maxWidth?: number;
  /** Only this part of the displayed frame, in its pixels; black where it reaches beyond. */
  crop?: Crop;
  /** Aborting rejects with `cancelled` and spares the decoder the work. */
  signal?: AbortSignal;
};

/** A clip as it is open in a worker. */
type Connection = { worker: FramesWorker; clip: number; index: ClipIndex };

let lastClip = 0;
let lastTicket = 0;

/**
 * Decoded frames of one clip, exact to the packet timestamp, from a worker. A worker that is lost is replaced at the
 * next request. Ends with {@link dispose}.
 */
export class FrameService {
  readonly #file: Blob;
  readonly #index: ClipIndex;
  readonly #ending = new AbortController();
  #connection: Promise<Connection> | undefined;

  private constructor(file: Blob, connection: Connection) {
    this.#file = file;
    this.#index = connection.index;
    void this.#keep(Promise.resolve(connection));
  }

  /**
   * Opens a clip and indexes its frames; nothing is decoded yet.
   *
   * @param signal aborting rejects with `cancelled`.
   * @throws {TellscopeError} saying why the file's frames cannot be decoded here.
   */
  static async open(file: Blob, signal = new AbortController().signal): Promise<FrameService> {
    return new FrameService(file, await connect(file, signal));
  }

  /** Metadata, as the analysis reports them. */
  get info(): VideoInfo {
    return this.#index.info;
  }

  /** Packet timestamps of all frames in seconds, ascending; a frame's number is its place here. */
  get timestamps(): Float64Array {
    return this.#index.timestamps;
  }

  /** Timestamps of key frames, ascending: getting another frame means decoding all from the key frame before it. */
  get keyTimestamps(): Float64Array {
    return this.#index.keyTimestamps;
  }

  /** Number of the frame on screen at a media time: the last that began by then; the first before any. */
  indexAt(seconds: number): number {
    return frameIndexAt(this.timestamps, seconds);
  }

  /**
   * The frame on screen at a media time, upright, with square pixels. Requests are served in order, beside the
   * player's own. The bitmap belongs to the caller, who closes it.
   *
   * @param seconds any media time; a packet timestamp means that very frame.
   * @throws {TellscopeError} `cancelled` after an abort, `decode-failed` when this very frame cannot be decoded.
   */
  async frameAt(seconds: number, { signal, ...size }: FrameOptions = {}): Promise<ImageBitmap> {
    const frame = this.indexAt(seconds);
    let picture: ImageBitmap | undefined;
    await this.decode({ lane: 'aside', first: frame, last: frame, ...size }, signal, (_, bitmap) => {
      picture = bitmap;
    });
    if (!picture) {
      throw new TellscopeError('internal', 'A frame was lost between worker and page.');
    }
    return picture;
  }

  /**
   * Decodes a run of frames; `onFrame` gets each in order and owns its bitmap.
   *
   * @throws {TellscopeError} as {@link frameAt}.
   */
  async decode(
    run: Omit<FrameRun, 'ticket' | 'clip'>,
    signal: AbortSignal | undefined,
    onFrame: Receiver,
  ): Promise<void> {
    const ended = whenAborted(
      AbortSignal.any([this.#ending.signal, ...(signal ? [signal] : [])]),
      'The frame is no longer wanted.',
    );
    const ticket = ++lastTicket;
    let worker: FramesWorker | undefined;
    try {
      const connection = this.#connection ?? this.#keep(connect(this.#file, this.#ending.signal));
      const { clip, ...open } = await Promise.race([connection, ended.promise]);
      worker = open.worker;
      worker.receivers.set(ticket, onFrame);
      const done = worker.api.decode({ ...run, clip, ticket });
      unwrap(await Promise.race([done, worker.lost, ended.promise]));
    } catch (error) {
      void worker?.api.cancel(ticket);
      throw error;
    } finally {
      ended.release();
      worker?.receivers.delete(ticket);
    }
  }

  /** Closes the clip; what is still being decoded rejects with `cancelled`. */
  dispose(): void {
    this.#ending.abort();
    this.#connection?.then(({ worker, clip }) => void worker.api.close(clip)).catch(() => {});
  }

  /** Keeps a connection until its worker is lost. */
  #keep(connection: Promise<Connection>): Promise<Connection> {
    const forget = (): void => {
      if (this.#connection === connection) {
        this.#connection = undefined;
      }
    };
    this.#connection = connection;
    connection.then(({ worker }) => worker.lost.catch(forget)).catch(forget);
    return connection;
  }
}

/** How long a file that is no longer wanted may keep the worker busy before the worker is replaced. */
const PATIENCE_MS = 10_000;

async function connect(file: Blob, signal: AbortSignal): Promise<Connection> {
  const worker = sharedFramesWorker();
  const clip = ++lastClip;
  const cancelled = whenAborted(signal, 'The clip is no longer wanted.');
  const opened = worker.api.open(clip, file);
  try {
    const index = unwrap(await Promise.race([opened, worker.lost, cancelled.promise]));
    return { worker, clip, index };
  } catch (error) {
    if (signal.aborted) {
      const impatience = setTimeout(worker.terminate, PATIENCE_MS);
      void opened.then(() => {
        clearTimeout(impatience);
        void worker.api.close(clip);
      });
    }
    throw error;
  } finally {
    cancelled.release();
  }
}
