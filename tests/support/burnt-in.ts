/** Bits of the numbers that the frames of `tests/fixtures/stepping` carry. */
const BITS = 10;

/** Where the blocks lie: along the top, the lowest bit on the left, or turned counter-clockwise to the left side. */
export type NumberedFrame = 'upright' | 'turned';

/** Middle of each block, the lowest bit first, in fractions of the displayed frame. */
function blockCentres(frame: NumberedFrame = 'upright'): { x: number; y: number }[] {
  return Array.from({ length: BITS }, (_, bit) => {
    const along = (bit + 0.5) / BITS;
    return frame === 'upright' ? { x: along, y: 1 / 6 } : { x: 1 / 6, y: 1 - along };
  });
}

/** The number whose blocks have this brightness (0 to 255), the lowest bit first. */
function numberOf(brightness: readonly number[]): number {
  return brightness.reduce((sum, value, bit) => {
    if (value > 80 && value < 170) {
      throw new Error(`the block of bit ${bit} is neither black nor white (${value})`);
    }
    return sum + (value > 125 ? 2 ** bit : 0);
  }, 0);
}

/** Reads the number off a picture of a frame. */
export function burntInNumber(picture: ImageBitmap, frame?: NumberedFrame): number {
  const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  if (!context) {
    throw new Error('no canvas');
  }
  context.drawImage(picture, 0, 0);
  return numberOf(
    blockCentres(frame).map(({ x, y }) => {
      const { data } = context.getImageData(
        Math.floor(x * picture.width),
        Math.floor(y * picture.height),
        1,
        1,
      );
      return data[0] ?? NaN;
    }),
  );
}
