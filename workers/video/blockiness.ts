/** Pixels as they come from the decoder: four bytes each, of which the second is green. */
type CodedPixels = { rgbx: Uint8Array; width: number; height: number };

const GRID = 8;
/** Rows and columns looked at: one in so many. An even number would favour one field of interlaced video. */
const STRIDE = 3;

/**
 * How much the block grid of a codec shows: the mean absolute difference of neighbours across the 8-pixel grid over that
 * of neighbours elsewhere, in both directions. 1 where no grid is to be seen. After the blocking measure of Wang, Sheikh
 * and Bovik, “No-reference perceptual quality assessment of JPEG compressed images” (ICIP 2002). Measured before any
 * scaling: the grid is in the coded pixels.
 */
export function blockiness({ rgbx, width, height }: CodedPixels): number {
  const across = new GridDifference();
  for (let y = 0; y < height; y += STRIDE) {
    for (let x = 1, i = (y * width + 1) * 4 + 1; x < width; x++, i += 4) {
      across.push(x, Math.abs(rgbx[i]! - rgbx[i - 4]!));
    }
  }
  const rowBytes = width * 4;
  for (let y = 1; y < height; y++) {
    for (let x = 0, i = y * rowBytes + 1; x < width; x += STRIDE, i += 4 * STRIDE) {
      across.push(y, Math.abs(rgbx[i]! - rgbx[i - rowBytes]!));
    }
  }
  return across.ratio();
}

class GridDifference {
  #onGrid = 0;
  #onGridCount = 0;
  #elsewhere = 0;
  #elsewhereCount = 0;

  push(position: number, difference: number): void {
    if (position % GRID === 0) {
      this.#onGrid += difference;
      this.#onGridCount++;
    } else {
      this.#elsewhere += difference;
      this.#elsewhereCount++;
    }
  }

  ratio(): number {
    const elsewhere = this.#elsewhere / Math.max(1, this.#elsewhereCount);
    // A flat picture has no grid, and nothing to divide by.
    return elsewhere < 0.05 ? 1 : this.#onGrid / Math.max(1, this.#onGridCount) / elsewhere;
  }
}
