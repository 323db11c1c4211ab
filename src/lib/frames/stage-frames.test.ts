import { describe, expect, it } from 'vitest';
import { TellscopeError } from '../../../workers/errors';
import { makeReport } from '../report.fixture';
import { StageFrames, type RunDecoder } from './stage-frames';

type Picture = ImageBitmap & { frame: number; closed: boolean };

const FRAMES = 100;
const KEYS_EVERY = 25;

/** Decodes one frame whenever it is told to, and keeps book. */
class FakeDecoder implements RunDecoder {
  readonly info = { ...makeReport().video, width: 10, height: 10 };
  readonly timestamps = Float64Array.from({ length: FRAMES }, (_, frame) => frame / 25);
  readonly keyTimestamps = this.timestamps.filter((_, frame) => frame % KEYS_EVERY === 0);
  readonly runs: [first: number, last: number][] = [];
  readonly pictures: Picture[] = [];
  /** Frames that cannot be decoded. */
  readonly damaged = new Set<number>();

  get open(): number[] {
    return this.pictures.filter(({ closed }) => !closed).map(({ frame }) => frame);
  }

  async decode(
    { first, last }: { first: number; last: number },
    signal: AbortSignal | undefined,
    onFrame: (frame: number, bitmap: ImageBitmap) => void,
  ): Promise<void> {
    this.runs.push([first, last]);
    for (let frame = first; frame <= last; frame++) {
      await Promise.resolve();
      if (signal?.aborted) {
        throw new TellscopeError('cancelled', 'Cancelled.');
      }
      if (this.damaged.has(frame)) {
        throw new TellscopeError('decode-failed', `Frame ${frame}`);
      }
      const picture = { frame, closed: false, width: 10, height: 10 } as Picture;
      picture.close = () => (picture.closed = true);
      this.pictures.push(picture);
      onFrame(frame, picture);
    }
  }
}

/** A store with room for so many frames. */
function storeOf(capacity: number): { decoder: FakeDecoder; store: StageFrames } {
  const decoder = new FakeDecoder();
  return { decoder, store: new StageFrames(decoder, capacity * 400) };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

describe('StageFrames', () => {
  it.each([1, -1] as const)('decodes each frame once however long one steps by %i', async (direction) => {
    const { decoder, store } = storeOf(40);
    for (let step = 0; step < FRAMES; step++) {
      const frame = direction === 1 ? step : FRAMES - 1 - step;
      expect((await store.want(frame, direction)) as Picture).toMatchObject({ frame, closed: false });
      await settled();
    }
    expect(decoder.pictures.map(({ frame }) => frame).sort((a, b) => a - b)).toEqual(
      Array.from({ length: FRAMES }, (_, frame) => frame),
    );
  });

  it('has the next frame before it is wanted', async () => {
    const { store } = storeOf(40);
    for (let frame = 30; frame < 60; frame++) {
      await store.want(frame, 1);
      await settled();
      expect(store.get(frame + 1), `frame ${frame + 1}`).toBeDefined();
    }
  });

  it('has both neighbours of a frame that was jumped to, if its group of pictures holds them', async () => {
    const { decoder, store } = storeOf(40);
    await store.want(30, 0);
    await settled();
    expect(decoder.runs).toEqual([[26, 34]]);
    await store.want(50, 0);
    await settled();
    expect(decoder.runs.at(-1)).toEqual([50, 54]);
  });

  it('keeps within its budget and frees what it drops, never the frame on screen', async () => {
    const { decoder, store } = storeOf(5);
    for (const frame of [10, 11, 12, 13, 14, 15, 70, 69, 68, 67]) {
      const picture = (await store.want(frame, frame > 20 ? -1 : 1)) as Picture;
      await settled();
      expect(decoder.open.length).toBeLessThanOrEqual(5);
      expect(picture.closed).toBe(false);
    }
    store.dispose();
    expect(decoder.open).toEqual([]);
  });

  it('gives up a wish that was overtaken, and serves the last', async () => {
    const { store } = storeOf(40);
    const stale = store.want(20, 0);
    const fresh = store.want(90, 0);
    await expect(stale).rejects.toMatchObject({ code: 'cancelled' });
    expect((await fresh) as Picture).toMatchObject({ frame: 90 });
  });

  it('waits for a frame that is being fetched ahead instead of beginning anew', async () => {
    const { decoder, store } = storeOf(40);
    await store.want(0, 1);
    expect((await store.want(9, 1)) as Picture).toMatchObject({ frame: 9 });
    expect(decoder.runs).toEqual([[0, 12]]);
  });

  it('says that a frame cannot be decoded, and shows those around it', async () => {
    const { decoder, store } = storeOf(40);
    decoder.damaged.add(31);
    await expect(store.want(31, 0)).rejects.toMatchObject({ code: 'decode-failed' });
    expect((await store.want(30, -1)) as Picture).toMatchObject({ frame: 30 });
    expect((await store.want(32, 1)) as Picture).toMatchObject({ frame: 32 });
    // Damage in front of the wanted frame is not the wanted frame's.
    expect((await store.want(33, 0)) as Picture).toMatchObject({ frame: 33 });
  });
});
