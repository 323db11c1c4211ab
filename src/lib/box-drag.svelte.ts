import type { Rect } from './geometry';

/** A rectangle that is dragged over the picture. */
export class BoxDrag {
  #corners = $state.raw<{ x0: number; y0: number; x1: number; y1: number }>();

  /** What has been drawn so far, in pixels of the element it is drawn on; nothing while none is. */
  rect: Rect | undefined = $derived(
    this.#corners && {
      x: Math.min(this.#corners.x0, this.#corners.x1),
      y: Math.min(this.#corners.y0, this.#corners.y1),
      width: Math.abs(this.#corners.x1 - this.#corners.x0),
      height: Math.abs(this.#corners.y1 - this.#corners.y0),
    },
  );

  /** Attachment for the element it is drawn on; `onend` gets the rectangle, which is empty after a click. */
  on(onend: (rect: Rect) => void): (node: HTMLElement) => () => void {
    return (node) => {
      const listening = new AbortController();
      const listen = (
        type: 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel',
        listener: (event: PointerEvent) => void,
      ): void => node.addEventListener(type, listener, { signal: listening.signal });
      listen('pointerdown', (event) => {
        if (event.button === 0) {
          event.preventDefault();
          node.setPointerCapture(event.pointerId);
          const { offsetX: x, offsetY: y } = event;
          this.#corners = { x0: x, y0: y, x1: x, y1: y };
        }
      });
      listen('pointermove', ({ offsetX, offsetY }) => {
        if (this.#corners) {
          this.#corners = { ...this.#corners, x1: offsetX, y1: offsetY };
        }
      });
      listen('pointerup', () => {
        const { rect } = this;
        this.#corners = undefined;
        if (rect) {
          onend(rect);
        }
      });
      listen('pointercancel', () => (this.#corners = undefined));
      return () => listening.abort();
    };
  }
}
