import type { TraceOutputs } from '../model/session';
import type { Letterbox } from '../video/preprocess';

/** The model's trace map of one window: how much it suspects each place of the picture at each sample. */
export type HeatWindow = {
  /** Media time of each sample, in seconds, ascending. */
  times: number[];
  rows: number;
  columns: number;
  /** Where the displayed frame lies on the grid, in cells; what is around it is the letterbox. */
  place: Letterbox;
  /** `[times, rows, columns]`, the sigmoid of the objectness logits, 0 to 255 for 0 to 1. */
  values: Uint8Array;
};

/**
 * Takes the trace map off a window's outputs.
 *
 * @param times seconds of its samples, without repetitions.
 * @param place where the frame lies in the session's input, in input pixels.
 * @param stride input pixels a cell covers.
 */
export function heatOf(
  { objectness, rows, columns }: TraceOutputs,
  times: number[],
  place: Letterbox,
  stride: number,
): HeatWindow {
  const values = Uint8Array.from(
    objectness.subarray(0, times.length * rows * columns),
    (logit) => 255 / (1 + Math.exp(-logit)) + 0.5,
  );
  const { x, y, width, height } = place;
  return {
    times,
    rows,
    columns,
    place: { x: x / stride, y: y / stride, width: width / stride, height: height / stride },
    values,
  };
}
