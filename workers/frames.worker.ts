import * as Comlink from 'comlink';
import { TellscopeError, toErrorData } from './errors';
import { LaneDecoder } from './frames/decoder';
import type { ClipIndex, FrameRun, FramesApi, Lane, OnFrame } from './frames/protocol';
import { observeRequestsOfWorker } from './observe-requests';
import type { Outcome } from './protocol';
import { FrameSource } from './video/frame-source';

type Clip = { source: FrameSource; lanes: Record<Lane, LaneDecoder> };

let onFrame: OnFrame = (_ticket, _frame, bitmap) => bitmap.close();
const clips = new Map<number, Clip>();
/** Runs that have not ended, and whether they are to. */
const cancelled = new Map<number, boolean>();

/** Errors cross the boundary as data: structured clone would drop their code. */
async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

const frames: FramesApi = {
  connect(receiver: OnFrame): void {
    onFrame = receiver;
  },

  open(clip: number, file: Blob): Promise<Outcome<ClipIndex>> {
    return settle(async () => {
      const source = await FrameSource.open(file);
      const index = {
        info: source.info,
        timestamps: Float64Array.from(new Set(source.timestamps)),
        keyTimestamps: source.keyTimestamps,
      };
      const lanes = { stage: new LaneDecoder(source, index), aside: new LaneDecoder(source, index) };
      clips.set(clip, { source, lanes });
      return index;
    });
  },

  close(clip: number): void {
    const closed = clips.get(clip);
    clips.delete(clip);
    if (closed) {
      const lanes = Object.values(closed.lanes).map((lane) => lane.close());
      void Promise.allSettled(lanes).then(() => closed.source.dispose());
    }
  },

  decode(run: FrameRun): Promise<Outcome<null>> {
    cancelled.set(run.ticket, false);
    return settle(async () => {
      try {
        const clip = clips.get(run.clip);
        if (!clip) {
          throw new TellscopeError('cancelled', 'The clip was closed.');
        }
        await clip.lanes[run.lane].decode(
          run,
          () => cancelled.get(run.ticket) !== false,
          (frame, bitmap) => onFrame(run.ticket, frame, Comlink.transfer(bitmap, [bitmap])),
        );
        return null;
      } finally {
        cancelled.delete(run.ticket);
      }
    });
  },

  cancel(ticket: number): void {
    if (cancelled.has(ticket)) {
      cancelled.set(ticket, true);
    }
  },
};

observeRequestsOfWorker('frames');
Comlink.expose(frames);
