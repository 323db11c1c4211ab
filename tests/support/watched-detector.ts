import { expect } from 'vitest';
import { DetectorClient } from '../../src/lib/detector-client';
import { TellscopeError, type ErrorCode } from '../../workers/errors';
import type { ModelAssets } from '../../workers/protocol';
import type { Report } from '../../workers/report';
import type { Watch } from './watched.worker';

/** How a file ended; `late` when it did not end in its time. */
export type Ending = {
  as: 'report' | ErrorCode | 'late';
  report?: Report;
  message?: string;
  seconds: number;
};

/** The detector with a worker whose open frames and decoders can be counted. */
export class WatchedDetector {
  readonly client: DetectorClient;
  readonly #channel = new BroadcastChannel('tellscope-test-watch');
  #worker: Worker | undefined;
  #workers = 0;

  /** @param name of its workers: `one-thread`, or any other. */
  constructor(assets: ModelAssets, name = 'watched') {
    this.client = new DetectorClient('wasm', {
      assets: () => Promise.resolve(assets),
      spawn: () => {
        this.#workers++;
        this.#worker = new Worker(new URL('./watched.worker.ts', import.meta.url), { type: 'module', name });
        return this.#worker;
      },
    });
  }

  /** How many workers were needed so far: more than one means that one was lost. */
  get workers(): number {
    return this.#workers;
  }

  /** Judges a file, which has so many seconds for it. */
  async judge(file: File, seconds: number): Promise<Ending> {
    const start = performance.now();
    const took = (): number => (performance.now() - start) / 1000;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), seconds * 1000);
    try {
      const report = await this.client.analyse(file, () => {}, limit.signal);
      return { as: 'report', report, seconds: took() };
    } catch (error) {
      if (!(error instanceof TellscopeError)) {
        throw error;
      }
      const as = error.code === 'cancelled' ? 'late' : error.code;
      return { as, message: error.message, seconds: took() };
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the worker holds open. */
  count(): Promise<Watch> {
    const answer = new Promise<Watch>((resolve) => {
      this.#channel.onmessage = ({ data }: MessageEvent<Watch>) => resolve(data);
    });
    this.#worker?.postMessage('count');
    return answer;
  }

  /** Fails the test if anything is still open, or went uncaught in the worker. */
  async expectNothingLeft(): Promise<void> {
    // A decoder is closed a moment after the last frame was taken from it.
    await expect
      .poll(() => this.count(), { timeout: 30_000 })
      .toMatchObject({ frames: 0, decoders: 0, uncaught: [] });
  }

  dispose(): void {
    this.client.dispose();
    this.#channel.close();
  }
}
