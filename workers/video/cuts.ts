import type { RgbImage } from './resize';

const BINS_PER_CHANNEL = 4;
const BINS = BINS_PER_CHANNEL ** 3;
const GRID = 16;

/** What two frames are compared by: a colour histogram and a coarse luma thumbnail. */
type Signature = { histogram: Float32Array; thumbnail: Float32Array };

/** Share of pixels that must change colour bin, together with {@link THUMBNAIL_CHANGE}. */
const HISTOGRAM_CHANGE = 0.35;
/** Mean luma change (0..1) of the thumbnail that goes with {@link HISTOGRAM_CHANGE}. */
const THUMBNAIL_CHANGE = 0.1;
/** Mean luma change that is a cut whatever the colours do. */
const LARGE_THUMBNAIL_CHANGE = 0.28;

/**
 * Finds hard cuts in a stream of sampled frames. A change must last: a camera flash differs from the frame before
 * and the one after, but those two are alike, so nothing is cut. Decides one sample late for that reason.
 */
export class CutDetector {
  /** Samples its decisions depend on. */
  static readonly MEMORY = 3;
  /** The latest three samples, oldest first. */
  #recent: Signature[] = [];

  /** Takes the next sample; true when a hard cut lies between the two samples *before* it. */
  push(frame: RgbImage): boolean {
    const next = describe(frame);
    const [earlier, before, after] = this.#recent.length === 3 ? this.#recent : [undefined, ...this.#recent];
    this.#recent = [...this.#recent, next].slice(-3);
    return (
      before !== undefined &&
      after !== undefined &&
      isChange(before, after) &&
      isChange(before, next) &&
      (earlier === undefined || isChange(earlier, after))
    );
  }
}

function isChange(a: Signature, b: Signature): boolean {
  let moved = 0;
  for (let i = 0; i < BINS; i++) {
    moved += Math.abs(a.histogram[i]! - b.histogram[i]!);
  }
  let luma = 0;
  for (let i = 0; i < a.thumbnail.length; i++) {
    luma += Math.abs(a.thumbnail[i]! - b.thumbnail[i]!);
  }
  luma /= a.thumbnail.length;
  return (moved / 2 > HISTOGRAM_CHANGE && luma > THUMBNAIL_CHANGE) || luma > LARGE_THUMBNAIL_CHANGE;
}

function describe({ data, width, height }: RgbImage): Signature {
  const histogram = new Float32Array(BINS);
  const thumbnail = new Float32Array(GRID * GRID);
  const cells = new Uint32Array(GRID * GRID);
  const step = Math.max(1, Math.floor(Math.min(width, height) / 72));
  let count = 0;
  for (let y = 0; y < height; y += step) {
    const row = Math.floor((y * GRID) / height) * GRID;
    for (let x = 0; x < width; x += step) {
      const i = (y * width + x) * 3;
      const red = data[i]!;
      const green = data[i + 1]!;
      const blue = data[i + 2]!;
      histogram[((red >> 6) * BINS_PER_CHANNEL + (green >> 6)) * BINS_PER_CHANNEL + (blue >> 6)]!++;
      const cell = row + Math.floor((x * GRID) / width);
      thumbnail[cell]! += (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
      cells[cell]!++;
      count++;
    }
  }
  for (let i = 0; i < BINS; i++) {
    histogram[i]! /= count;
  }
  for (let i = 0; i < thumbnail.length; i++) {
    thumbnail[i]! /= Math.max(1, cells[i]!);
  }
  return { histogram, thumbnail };
}
