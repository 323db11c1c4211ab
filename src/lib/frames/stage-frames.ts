import { TellscopeError } from '../../../workers/errors';
import { frameIndexAt } from './frame-times';
import type { FrameService } from './frame-service';

/** What is needed of the {@link FrameService}. */
export type RunDecoder = Pick<FrameService, 'info' | 'timestamps' | 'keyTimestamps' | 'decode'>;

/** Where the frames after the wanted one are likely to be wanted: behind it, before it, or not known. */
export type Direction = -1 | 0 | 1;

/** Frames decoded ahead of a step, and on both sides of a frame that was jumped to. */
const AHEAD = 12;
const AROUND = 4;

const BYTES_PER_PIXEL = 4;

type Wanted = {
  frame: number;
  promise: Promise<ImageBitmap>;
  resolve: (picture: ImageBitmap) => void;
  reject: (error: unknown) => void;
};

type Run = { next: number; last: number; controller: AbortController };

/**
 * The frames around the one on screen, decoded ahead in the direction of the steps and kept within a budget, so that a
 * step shows its frame at once. Only the latest wish counts: an older one that is still being decoded is given up.
 */
export class StageFrames {
  readonly #decoder: RunDecoder;
  readonly #capacity: number;
  readonly #cache = new Map<number, ImageBitmap>();
  #focus = 0;
  #wanted: Wanted | undefined;
  #run: Run | undefined;

  /** Creates an empty store; `budgetBytes` bounds the memory of the decoded frames. */
  constructor(decoder: RunDecoder, budgetBytes = frameBudget()) {
    this.#decoder = decoder;
    const { width, height } = decoder.info;
    this.#capacity = Math.max(3, Math.floor(budgetBytes / (width * height * BYTES_PER_PIXEL)));
  }

  /** A frame if it is decoded already; the bitmap stays the store's and is valid until the next wish. */
  get(frame: number): ImageBitmap | undefined {
    return this.#cache.get(frame);
  }

  /**
   * Decodes a frame (or has it), and frames in `direction` after it. The bitmap stays the store's and is valid until
   * the next wish.
   *
   * @throws {TellscopeError} `cancelled` when another frame is wanted before this one is there, `decode-failed` when
   *   this one cannot be decoded.
   */
  want(frame: number, direction: Direction): Promise<ImageBitmap> {
    this.#focus = frame;
    const cached = this.#cache.get(frame);
    if (this.#wanted?.frame === frame) {
      return this.#wanted.promise;
    }
    this.#wanted?.reject(new TellscopeError('cancelled', 'Another frame is wanted.'));
    this.#wanted = undefined;
    if (cached) {
      this.#prefetch(frame, direction);
      return Promise.resolve(cached);
    }
    const wanted = makeWanted(frame);
    this.#wanted = wanted;
    const underway = this.#run && frame >= this.#run.next && frame <= this.#run.last;
    if (!underway) {
      this.#start(...this.#spanAround(frame, direction));
    }
    return wanted.promise;
  }

  /** Gives up what is being decoded and frees all frames. */
  dispose(): void {
    this.#run?.controller.abort();
    this.#run = undefined;
    this.#wanted?.reject(new TellscopeError('cancelled', 'The clip was closed.'));
    this.#wanted = undefined;
    for (const picture of this.#cache.values()) {
      picture.close();
    }
    this.#cache.clear();
  }

  /** The run that brings a frame and its neighbours, without decoding a group of pictures more than it needs. */
  #spanAround(frame: number, direction: Direction): [first: number, last: number] {
    const reach = direction === 0 ? AROUND : AHEAD;
    const half = Math.floor((this.#capacity - 1) / 2);
    const back = direction === 1 ? 0 : Math.min(reach, direction === 0 ? half : this.#capacity - 1);
    const on = direction === -1 ? 0 : Math.min(reach, direction === 0 ? half : this.#capacity - 1);
    return [
      Math.max(frame - back, this.#keyFrameOf(frame)),
      Math.min(frame + on, this.#decoder.timestamps.length - 1),
    ];
  }

  /** Number of the frame at which decoding has to begin for this one. */
  #keyFrameOf(frame: number): number {
    const { timestamps, keyTimestamps } = this.#decoder;
    const time = timestamps[frame] ?? 0;
    const key = keyTimestamps[frameIndexAt(keyTimestamps, time)] ?? 0;
    return key <= time ? frameIndexAt(timestamps, key) : 0;
  }

  /** Refills the frames ahead when half of them are used up. */
  #prefetch(frame: number, direction: Direction): void {
    if (direction === 0 || this.#run) {
      return;
    }
    let edge = frame;
    while (this.#cache.has(edge + direction)) {
      edge += direction;
    }
    const next = edge + direction;
    const depth = Math.min(AHEAD, this.#capacity - 1);
    if (next >= 0 && next < this.#decoder.timestamps.length && Math.abs(edge - frame) <= depth / 2) {
      const [first, last] = this.#spanAround(next, direction);
      const room = depth - Math.abs(edge - frame);
      this.#start(
        direction === 1 ? first : Math.max(first, next - room + 1),
        direction === 1 ? Math.min(last, next + room - 1) : last,
      );
    }
  }

  #start(first: number, last: number): void {
    this.#run?.controller.abort();
    const run: Run = { next: first, last, controller: new AbortController() };
    this.#run = run;
    void this.#decoder
      .decode({ lane: 'stage', first, last }, run.controller.signal, (frame, picture) => {
        run.next = frame + 1;
        this.#take(frame, picture, run);
      })
      .catch((error: unknown) => {
        // Frames that were only fetched ahead may fail: they are asked for again when they are wanted.
        if (this.#run === run && this.#wanted && this.#wanted.frame >= run.next) {
          this.#fail(run, error);
        }
      })
      .finally(() => {
        if (this.#run === run) {
          this.#run = undefined;
        }
      });
  }

  #fail(run: Run, error: unknown): void {
    const wanted = this.#wanted;
    if (wanted && wanted.frame > run.next) {
      // Another frame of the run failed; this one gets a try of its own.
      this.#start(wanted.frame, wanted.frame);
      return;
    }
    this.#wanted = undefined;
    wanted?.reject(error);
  }

  #take(frame: number, picture: ImageBitmap, run: Run): void {
    if (this.#run !== run) {
      picture.close();
      return;
    }
    this.#cache.get(frame)?.close();
    this.#cache.set(frame, picture);
    this.#evict();
    if (this.#wanted?.frame === frame) {
      const { resolve } = this.#wanted;
      this.#wanted = undefined;
      resolve(picture);
    }
  }

  /** Drops the frames furthest from the wanted one. */
  #evict(): void {
    while (this.#cache.size > this.#capacity) {
      const furthest = [...this.#cache.keys()].reduce((a, b) =>
        Math.abs(b - this.#focus) > Math.abs(a - this.#focus) ? b : a,
      );
      this.#cache.get(furthest)?.close();
      this.#cache.delete(furthest);
    }
  }
}

function makeWanted(frame: number): Wanted {
  let resolve: Wanted['resolve'] = () => {};
  let reject: Wanted['reject'] = () => {};
  const promise = new Promise<ImageBitmap>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Nobody need be listening when a wish is overtaken by the next.
  promise.catch(() => {});
  return { frame, promise, resolve, reject };
}

/** Bytes of decoded frames to keep: a part of the machine's memory as far as the browser tells it. */
function frameBudget(): number {
  const { deviceMemory = 4 } = navigator as Navigator & { deviceMemory?: number };
  return (deviceMemory >= 4 ? 256 : 96) * 2 ** 20;
}
