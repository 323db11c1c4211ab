/** A tick adds no more than twice this to the time waited, in milliseconds. */
const LONGEST_TICK = 1000;

/**
 * Calls back when nothing was heard for too long. Only time in which this thread itself was awake counts: a tab in
 * the background gets its timers once a minute, a laptop that slept gets one after hours, and neither says anything
 * about the other side.
 */
export class Patience {
  readonly #limit: number;
  readonly #onExhausted: () => void;
  readonly #tick: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #last = performance.now();
  #waited = 0;

  /** Starts waiting; `onExhausted` is called once after `limitSeconds` without {@link heard}. */
  constructor(limitSeconds: number, onExhausted: () => void) {
    this.#limit = limitSeconds * 1000;
    this.#onExhausted = onExhausted;
    this.#tick = Math.min(LONGEST_TICK, this.#limit / 10);
    this.#timer = setInterval(() => this.#check(), this.#tick);
  }

  /** There was a sign of life: waiting begins anew. */
  heard(): void {
    this.#waited = 0;
  }

  /** Stops waiting. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const now = performance.now();
    this.#waited += Math.min(now - this.#last, 2 * this.#tick);
    this.#last = now;
    if (this.#waited >= this.#limit) {
      this.stop();
      this.#onExhausted();
    }
  }
}
