import type { Size } from './geometry';

/** Anything to draw from; both are stretched over the canvas. */
type Picture = Exclude<CanvasImageSource, SVGImageElement>;

/**
 * Draws how two pictures differ: for each of red, green and blue the absolute difference times `amplification`, cut
 * off at white. The browser's own compositing does it, which is as exact and takes no time.
 *
 * @param amplification a power of two.
 */
export function drawDifference(
  context: CanvasRenderingContext2D,
  a: Picture,
  b: Picture,
  amplification: number,
  { width, height }: Size = context.canvas,
): void {
  context.save();
  context.globalCompositeOperation = 'copy';
  context.drawImage(a, 0, 0, width, height);
  context.globalCompositeOperation = 'difference';
  context.drawImage(b, 0, 0, width, height);
  context.globalCompositeOperation = 'lighter';
  for (let factor = 1; factor < amplification; factor *= 2) {
    context.drawImage(context.canvas, 0, 0);
  }
  context.restore();
}
