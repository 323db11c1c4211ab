import type { Trace } from '../../../workers/report';
import { CATEGORY_INFO } from '../categories';
import { formatScore, formatTime } from '../format';
import { boxAt, isVisibleAt, placeBox, placeLabels, type Size } from '../geometry';
import { BRIGHT_TINTS } from './palette';

/** A canvas to draw on, in a worker or in the page. */
type Context = OffscreenCanvasRenderingContext2D;

const CASING = 'rgb(8 10 12 / 85%)';

/** What of a trace is drawn. A person's has no score. */
export type DrawnTrace = Pick<Trace, 'id' | 'category' | 'startSeconds' | 'endSeconds' | 'box' | 'track'> & {
  score: number | undefined;
};

/** One frame of a clip with what is to be drawn on it; `frame` is the size the boxes of the traces are in. */
export type FrameDrawing = {
  traces: readonly DrawnTrace[];
  frame: Size;
  /** Media time of the frame and how long it is shown, in seconds. */
  timeSeconds: number;
  durationSeconds: number;
};

/** Draws boxes with their categories over a frame that fills the canvas, and its time in a corner. */
export function drawTraces(context: Context, drawing: FrameDrawing): void {
  const { traces, frame, timeSeconds, durationSeconds } = drawing;
  const { width, height } = context.canvas;
  const content = { x: 0, y: 0, width, height };
  // As strong as on the page; two pixels at least, or the colour would be lost between pixels and in the encoder.
  const line = Math.max(2, Math.round(Math.min(width, height) / 190));
  const fontSize = Math.max(10, Math.round(Math.min(width, height) / 34));
  context.font = `600 ${fontSize}px Arial, sans-serif`;
  context.textBaseline = 'middle';
  const labelHeight = Math.round(fontSize * 1.7);
  const visible = traces
    .filter((trace) => isVisibleAt(trace, timeSeconds, durationSeconds))
    .map((trace) => {
      const value = trace.score === undefined ? '(by a person)' : formatScore(trace.score);
      const text = `${CATEGORY_INFO[trace.category].name} ${value}`;
      const rect = placeBox(boxAt(trace, timeSeconds), frame, content);
      return { trace, rect, text, label: { width: textWidth(context, text, fontSize), height: labelHeight } };
    });
  for (const { trace, rect } of visible) {
    const outline = (style: string, lineWidth: number, dash: string): void => {
      context.strokeStyle = style;
      context.lineWidth = lineWidth;
      context.setLineDash(
        dash === 'none' ? [] : dash.split(' ').map((length) => (Number(length) * line) / 2.5),
      );
      context.strokeRect(rect.x, rect.y, rect.width, rect.height);
    };
    outline(CASING, line * 2.2, 'none');
    outline(BRIGHT_TINTS[trace.category], line, CATEGORY_INFO[trace.category].dash);
  }
  context.setLineDash([]);
  const places = placeLabels(visible, content);
  for (const [index, { trace, text }] of visible.entries()) {
    const place = places[index];
    if (place) {
      drawLabel(context, text, place.x, place.y, place, fontSize, BRIGHT_TINTS[trace.category]);
    }
  }
  const time = formatTime(timeSeconds, 2);
  const size = { width: textWidth(context, time, fontSize), height: labelHeight };
  drawLabel(context, time, width - size.width, height - size.height, size, fontSize, '#eceae4');
}

function textWidth(context: Context, text: string, fontSize: number): number {
  return Math.ceil(context.measureText(text).width + fontSize);
}

function drawLabel(
  context: Context,
  text: string,
  x: number,
  y: number,
  { width, height }: Size,
  fontSize: number,
  colour: string,
): void {
  context.fillStyle = CASING;
  context.fillRect(x, y, width, height);
  context.fillStyle = colour;
  context.fillText(text, x + fontSize / 2, y + height / 2);
}
