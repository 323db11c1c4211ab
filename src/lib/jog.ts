import type { Playback } from './playback.svelte';

/** Wheel movement, in pixels, and pointer movement that make one frame: a notch of a wheel is about 100. */
const WHEEL_PIXELS = 100;
const DRAG_PIXELS = 12;
/** A wheel that counts in lines instead of pixels. */
const LINE_PIXELS = 33;

/** Adds up movements until they make whole frames. */
class JogCounter {
  #rest = 0;
  readonly #perFrame: number;

  /** Creates a counter; `perFrame` is the movement that makes one frame. */
  constructor(perFrame: number) {
    this.#perFrame = perFrame;
  }

  /** Takes a movement; returns the whole frames it completes. */
  add(movement: number): number {
    if (Math.sign(movement) !== Math.sign(this.#rest)) {
      this.#rest = 0;
    }
    this.#rest += movement / this.#perFrame;
    const frames = Math.trunc(this.#rest + Math.sign(this.#rest) * 1e-9);
    this.#rest -= frames;
    return frames;
  }
}

/**
 * Attachment that goes through the frames with the wheel.
 *
 * @param always also with a plain vertical wheel, which elsewhere scrolls the page; otherwise with Shift held or
 *   sideways only.
 */
export function jogByWheel(playback: Playback, always: () => boolean): (node: HTMLElement) => () => void {
  return (node) => {
    const counter = new JogCounter(WHEEL_PIXELS);
    const onWheel = (event: WheelEvent): void => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (event.ctrlKey || !(sideways || event.shiftKey || always())) {
        return;
      }
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
      const frames = counter.add((sideways ? event.deltaX : event.deltaY) * unit);
      if (frames !== 0) {
        playback.step(frames);
      }
    };
    node.addEventListener('wheel', onWheel, { passive: false });
    return () => node.removeEventListener('wheel', onWheel);
  };
}

/** Attachment that goes through the frames when one drags sideways. */
export function jogByDrag(playback: Playback): (node: HTMLElement) => () => void {
  return (node) => {
    const listening = new AbortController();
    const { signal } = listening;
    let counter = new JogCounter(DRAG_PIXELS);
    node.addEventListener(
      'pointerdown',
      (event) => {
        counter = new JogCounter(DRAG_PIXELS);
        node.setPointerCapture(event.pointerId);
      },
      { signal },
    );
    node.addEventListener(
      'pointermove',
      (event) => {
        const frames = node.hasPointerCapture(event.pointerId) ? counter.add(event.movementX) : 0;
        if (frames !== 0) {
          playback.step(frames);
        }
      },
      { signal },
    );
    return () => listening.abort();
  };
}
