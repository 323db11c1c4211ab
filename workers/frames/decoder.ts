import type { VideoSample } from 'mediabunny';
import { TellscopeError } from '../errors';
import type { FrameSource } from '../video/frame-source';
import type { ClipIndex, FrameRun } from './protocol';

/** Decoded timestamps are whole microseconds; packets may be timed finer. */
const SAME_TIME_SECONDS = 2e-6;

/** A decoder at work, and the number of the frame it hands out next. */
type Cursor = { samples: AsyncGenerator<VideoSample, void, undefined>; next: number };

/**
 * Decodes runs of frames one after the other. The decoder stays where a run ended: the next run goes on from there
 * when no key frame in between would be quicker.
 */
export class LaneDecoder {
  readonly #source: FrameSource;
  readonly #clip: ClipIndex;
  #busy: Promise<unknown> = Promise.resolve();
  #cursor: Cursor | undefined;
  #closed = false;

  /** Creates a decoder that reads from an opened clip. */
  constructor(source: FrameSource, clip: ClipIndex) {
    this.#source = source;
    this.#clip = clip;
  }

  /**
   * Decodes a run and hands out its pictures in order.
   *
   * @param isCancelled asked before each frame.
   * @param deliver what it returns is waited for before the run ends.
   * @throws {TellscopeError} `cancelled`; `decode-failed` when a frame is missing: no other is shown in its place.
   */
  decode(
    run: FrameRun,
    isCancelled: () => boolean,
    deliver: (frame: number, bitmap: ImageBitmap) => unknown,
  ): Promise<void> {
    const work = this.#busy.then(() => this.#decode(run, isCancelled, deliver));
    this.#busy = work.catch(() => {});
    return work;
  }

  /** Ends the run at work before its next frame and closes every frame that was decoded ahead. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#busy.then(() => this.#rewind());
  }

  async #decode(
    run: FrameRun,
    isCancelled: () => boolean,
    deliver: (frame: number, bitmap: ImageBitmap) => unknown,
  ): Promise<void> {
    const delivered: unknown[] = [];
    try {
      for (let frame = run.first; frame <= run.last; frame++) {
        const bitmap = await this.#picture(frame, run, isCancelled);
        delivered.push(deliver(frame, bitmap));
      }
      // Frames and the end of a run take different ways to the page: the end must not come first.
      await Promise.all(delivered);
    } catch (error) {
      if (!(error instanceof TellscopeError && error.code === 'cancelled')) {
        await this.#rewind();
      }
      throw error;
    }
  }

  async #picture(frame: number, run: FrameRun, isCancelled: () => boolean): Promise<ImageBitmap> {
    const wanted = this.#clip.timestamps[frame];
    if (wanted === undefined) {
      throw new TellscopeError('internal', `There is no frame ${frame + 1} in this clip.`);
    }
    const cursor = await this.#cursorFor(frame);
    for (;;) {
      if (this.#closed || isCancelled()) {
        throw new TellscopeError('cancelled', 'Another frame was asked for.');
      }
      const result = await cursor.samples.next();
      if (result.done) {
        throw missingFrame(frame, wanted);
      }
      const sample = result.value;
      try {
        if (sample.timestamp < wanted - SAME_TIME_SECONDS) {
          continue;
        }
        if (sample.timestamp > wanted + SAME_TIME_SECONDS) {
          throw missingFrame(frame, wanted);
        }
        cursor.next = frame + 1;
        return draw(sample, run, this.#clip.info);
      } finally {
        sample.close();
      }
    }
  }

  async #cursorFor(frame: number): Promise<Cursor> {
    const { timestamps, keyTimestamps } = this.#clip;
    const from = this.#cursor?.next ?? Infinity;
    const [start, wanted] = [timestamps[from] ?? Infinity, timestamps[frame] ?? 0];
    const shortcut = frame > from && keyTimestamps.some((key) => key > start && key <= wanted);
    if (!this.#cursor || frame < from || shortcut) {
      await this.#rewind();
      this.#cursor = { samples: this.#source.samplesFrom(wanted), next: frame };
    }
    return this.#cursor;
  }

  async #rewind(): Promise<void> {
    const cursor = this.#cursor;
    this.#cursor = undefined;
    await cursor?.samples.return();
  }
}

/** The frame as the player shows it: upright, square pixels, the browser's colours, black where transparent. */
function draw(sample: VideoSample, run: FrameRun, { width, height }: ClipIndex['info']): ImageBitmap {
  const crop = run.crop ?? { x: 0, y: 0, width, height };
  const scale = Math.min(1, (run.maxWidth ?? Infinity) / crop.width);
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(crop.width * scale)),
    Math.max(1, Math.round(crop.height * scale)),
  );
  const context = canvas.getContext('2d');
  if (!context) {
    throw new TellscopeError('internal', 'The browser has no canvas left to draw on. Close other tabs.');
  }
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  // Rounded to whole pixels, the canvas is not exactly as wide as the scaled crop.
  const [scaleX, scaleY] = [canvas.width / crop.width, canvas.height / crop.height];
  sample.draw(context, -crop.x * scaleX, -crop.y * scaleY, width * scaleX, height * scaleY);
  return canvas.transferToImageBitmap();
}

function missingFrame(frame: number, seconds: number): TellscopeError {
  return new TellscopeError(
    'decode-failed',
    `Frame ${frame + 1} (at ${seconds.toFixed(3)} s) cannot be decoded, so it is not shown: its data is damaged.`,
  );
}
