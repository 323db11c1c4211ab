/** Pixels a frame may take at most: nothing more is to be seen in it. */
const PIXELS_PER_FRAME = 24;
/** Beyond this the timeline would be wider than browsers lay out well. */
const MAX_ZOOM = 400;
/** One step of the zoom buttons. */
export const ZOOM_STEP = 2;

/** How far a timeline can be zoomed: until single frames are told apart. 1 shows the whole clip. */
export function maxZoom(durationSeconds: number, frameSeconds: number, plotWidth: number): number {
  if (plotWidth <= 0 || frameSeconds <= 0) {
    return 1;
  }
  const wanted = ((durationSeconds / frameSeconds) * PIXELS_PER_FRAME) / plotWidth;
  return Math.min(MAX_ZOOM, Math.max(1, wanted));
}

/**
 * Where to scroll so that a moment stays where it is while the zoom changes.
 *
 * @param plotWidth width of the whole clip at a zoom of 1, in pixels.
 * @param share where the moment is in the clip, 0..1.
 * @param scroll how far is scrolled now, in pixels.
 */
export function scrollAfterZoom(
  plotWidth: number,
  share: number,
  scroll: number,
  from: number,
  to: number,
): number {
  const onScreen = share * plotWidth * from - scroll;
  return Math.max(0, share * plotWidth * to - onScreen);
}

/** Where to scroll so that a moment is in sight; where it is already, nothing changes. */
export function scrollIntoSight(plotWidth: number, zoom: number, share: number, scroll: number): number {
  const place = share * plotWidth * zoom;
  const margin = plotWidth * 0.1;
  if (place >= scroll && place <= scroll + plotWidth) {
    return scroll;
  }
  return Math.max(0, place - margin);
}

/**
 * The middles of the thumbnails to show, in seconds: an even grid over the clip, of which only what is in sight and
 * half a screen on each side is there.
 *
 * @param tileWidth width of a thumbnail in pixels.
 */
export function thumbnailTimes(
  durationSeconds: number,
  plotWidth: number,
  zoom: number,
  scroll: number,
  tileWidth: number,
): number[] {
  const whole = plotWidth * zoom;
  if (whole <= 0 || tileWidth <= 0 || durationSeconds <= 0) {
    return [];
  }
  const count = Math.max(1, Math.round(whole / tileWidth));
  const first = Math.max(0, Math.floor(((scroll - plotWidth / 2) / whole) * count));
  const last = Math.min(count - 1, Math.ceil(((scroll + plotWidth * 1.5) / whole) * count));
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, index) => ((first + index + 0.5) / count) * durationSeconds,
  );
}
