/** Enlargements to choose from, over the size on screen. */
export const MAGNIFICATIONS: readonly number[] = [2, 3, 4, 6, 8];

/** A lens over the picture. */
export class Magnifier {
  on = $state(false);
  factor = $state(3);
  /** Blends neighbouring pixels; otherwise each is a square. */
  smooth = $state(false);
  /** What the lens looks at, in fractions of the picture's width and height. */
  x = $state(0.5);
  y = $state(0.5);

  /** Looks at a place of the picture. */
  lookAt(x: number, y: number): void {
    this.x = Math.min(1, Math.max(0, x));
    this.y = Math.min(1, Math.max(0, y));
  }

  /** Moves the lens by steps of a fortieth of the picture. */
  move(right: number, down: number): void {
    this.lookAt(this.x + right / 40, this.y + down / 40);
  }

  /** Takes the next stronger (1) or weaker (-1) of the {@link MAGNIFICATIONS}. */
  change(direction: 1 | -1): void {
    const next = MAGNIFICATIONS[MAGNIFICATIONS.indexOf(this.factor) + direction];
    if (next !== undefined) {
      this.factor = next;
    }
  }
}
