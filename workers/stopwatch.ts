/** Sums up the wall time spent in named stages. Runs from its creation. */
export class Stopwatch<Stage extends string> {
  readonly #start = performance.now();
  readonly #milliseconds = new Map<Stage, number>();

  /** Runs a step and adds its time to a stage. */
  async time<T>(stage: Stage, step: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await step();
    } finally {
      this.#milliseconds.set(stage, (this.#milliseconds.get(stage) ?? 0) + performance.now() - start);
    }
  }

  /** Seconds since the start. */
  elapsedSeconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** Seconds spent in a stage so far. */
  seconds(stage: Stage): number {
    return (this.#milliseconds.get(stage) ?? 0) / 1000;
  }
}
