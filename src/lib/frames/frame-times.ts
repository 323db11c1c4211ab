/** Players round timestamps to microseconds, some containers store them in milliseconds; frames are further apart. */
const ROUNDING_SECONDS = 1e-4;

/**
 * Number of the frame on screen at a media time: the last whose timestamp is not later; the first before any.
 *
 * @param timestamps packet timestamps in seconds, ascending, at least one.
 */
export function frameIndexAt(timestamps: ArrayLike<number>, seconds: number): number {
  let [low, high] = [0, timestamps.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((timestamps[middle] ?? Infinity) <= seconds + ROUNDING_SECONDS) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
