import type { Box, Trace } from '../../workers/report';

/** A size in any unit. */
export type Size = { width: number; height: number };

/** A rectangle in CSS pixels of the player's stage. */
export type Rect = { x: number; y: number; width: number; height: number };

/** Where `object-fit: contain` puts a frame inside the stage. */
export function containRect(stage: Size, frame: Size): Rect {
  if (stage.width <= 0 || stage.height <= 0 || frame.width <= 0 || frame.height <= 0) {
    return { x: 0, y: 0, width: 0, height: 0 };
  }
  const scale = Math.min(stage.width / frame.width, stage.height / frame.height);
  const width = frame.width * scale;
  const height = frame.height * scale;
  return { x: (stage.width - width) / 2, y: (stage.height - height) / 2, width, height };
}

/** A box in frame pixels as a rectangle of the stage. */
export function placeBox([x0, y0, x1, y1]: Box, frame: Size, content: Rect): Rect {
  const scale = content.width / frame.width;
  return {
    x: content.x + x0 * scale,
    y: content.y + y0 * scale,
    width: (x1 - x0) * scale,
    height: (y1 - y0) * scale,
  };
}

/** A rectangle of the stage as a box in whole pixels of the frame; what {@link placeBox} undoes. */
export function boxOfRect(rect: Rect, frame: Size, content: Rect): Box {
  const scale = frame.width / content.width;
  const [left, top] = [(rect.x - content.x) * scale, (rect.y - content.y) * scale];
  return [
    Math.round(left),
    Math.round(top),
    Math.round(left + rect.width * scale),
    Math.round(top + rect.height * scale),
  ];
}

/** What of a trace is drawn: a person's trace has a tube and no mean box. */
type Tube = { track: Trace['track']; box?: Box | undefined };

/** The trace's box at a media time, interpolated along its tube and held at both ends. */
export function boxAt(trace: Tube, timeSeconds: number): Box {
  const after = trace.track.findIndex((point) => point.timeSeconds >= timeSeconds);
  const next = trace.track[after];
  if (!next) {
    return trace.track.at(-1)?.box ?? trace.box ?? [0, 0, 0, 0];
  }
  const previous = trace.track[after - 1];
  if (!previous) {
    return next.box;
  }
  const share = (timeSeconds - previous.timeSeconds) / (next.timeSeconds - previous.timeSeconds);
  const mix = (from: number, to: number): number => from + (to - from) * share;
  const [a, b] = [previous.box, next.box];
  return [mix(a[0], b[0]), mix(a[1], b[1]), mix(a[2], b[2]), mix(a[3], b[3])];
}

/**
 * Whether a trace is to be seen on the frame shown at `timeSeconds`. The frame stands for the whole of its display
 * time: after a jump to an onset, the frame on screen began a little before it.
 */
export function isVisibleAt(
  trace: Pick<Trace, 'startSeconds' | 'endSeconds'>,
  timeSeconds: number,
  frameSeconds: number,
): boolean {
  return trace.startSeconds < timeSeconds + frameSeconds && timeSeconds <= trace.endSeconds;
}

/** The middle of a box. */
export function centreOf([x0, y0, x1, y1]: Box): { x: number; y: number } {
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
}

/** The smallest rectangle under a point: of nested boxes the inner one is meant. */
export function hitTest<T extends { rect: Rect }>(items: T[], x: number, y: number): T | undefined {
  return items
    .filter(({ rect }) => x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height)
    .sort((a, b) => a.rect.width * a.rect.height - b.rect.width * b.rect.height)[0];
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/**
 * Places one label per box: above it, else at its upper edge inside, else below, wherever no earlier label lies and
 * the content area is not left. Earlier boxes choose first; the last resort is the first place inside the content.
 */
export function placeLabels(boxes: { rect: Rect; label: Size }[], content: Rect): Rect[] {
  const placed: Rect[] = [];
  for (const { rect, label } of boxes) {
    const x = Math.max(content.x, Math.min(rect.x, content.x + content.width - label.width));
    const candidates = [
      rect.y - label.height,
      rect.y,
      rect.y + rect.height,
      rect.y + rect.height - label.height,
    ]
      .map((y) => ({ x, y, ...label }))
      .filter((place) => place.y >= content.y && place.y + place.height <= content.y + content.height);
    const free = candidates.find((place) => !placed.some((other) => overlaps(place, other)));
    placed.push(free ?? candidates[0] ?? { x, y: Math.max(content.y, rect.y), ...label });
  }
  return placed;
}

/** A crop of the given aspect ratio around a box, with a margin for context; it may reach beyond the frame. */
export function closeUpCrop([x0, y0, x1, y1]: Box, aspect: number, margin = 0.2): Rect {
  const wanted = { width: (x1 - x0) * (1 + 2 * margin), height: (y1 - y0) * (1 + 2 * margin) };
  const width = Math.max(1, wanted.width, wanted.height * aspect);
  const height = width / aspect;
  return { x: (x0 + x1 - width) / 2, y: (y0 + y1 - height) / 2, width, height };
}
