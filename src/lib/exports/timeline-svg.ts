import type { Report } from '../../../workers/report';
import { CATEGORY_INFO } from '../categories';
import { formatRange, formatScore, formatTime } from '../format';
import { describeWindows, lanes, rulerTicks, stepCurve } from '../timeline';
import { markup, type Markup } from './markup';
import { PAPER_TINTS } from './palette';

const LABELS = 180;
const WIDTH = 900;
const RULER = 24;
const CHART = 70;
const ROW = 26;

/** The timeline of a report as a picture: probability per window, traces by category, cuts; x is media time. */
export function timelineSvg({ video, windows, traces, cuts }: Report): Markup {
  const duration = Math.max(video.durationSeconds, windows.at(-1)?.endSeconds ?? 0, 0.001);
  const x = (seconds: number): number =>
    round(LABELS + (Math.min(duration, Math.max(0, seconds)) / duration) * (WIDTH - LABELS));
  const y = (probability: number): number => round(RULER + (1 - probability) * CHART);
  const floor = RULER + CHART;

  const ticks = rulerTicks(duration, 8);
  const decimals = ticks[1] !== undefined && ticks[1] < 1 ? 1 : 0;
  const ruler = ticks.map(
    (tick) =>
      markup`<path d="M${x(tick)} ${RULER - 5}V${RULER}" stroke="#857e70"/><text x="${x(tick)}" y="${RULER - 9}" text-anchor="middle">${formatTime(tick, decimals)}</text>`,
  );
  const steps = stepCurve(windows).map(
    ({ startSeconds, endSeconds, probability }) =>
      markup`<path d="M${x(startSeconds)} ${floor}V${y(probability)}H${x(endSeconds)}V${floor}Z" fill="#0b5966" fill-opacity=".18"/><path d="M${x(startSeconds)} ${y(probability)}H${x(endSeconds)}" stroke="#0b5966" stroke-width="2"/>`,
  );

  let top = floor + 8;
  const rows: Markup[] = [];
  for (const lane of lanes(traces)) {
    const tint = PAPER_TINTS[lane.category];
    rows.push(
      markup`<text x="0" y="${top + 16}" fill="${tint}" font-weight="600">${CATEGORY_INFO[lane.category].name}</text>`,
    );
    for (const row of lane.rows) {
      for (const { startSeconds, endSeconds, score } of row) {
        const width = round(Math.max(3, x(endSeconds) - x(startSeconds)));
        rows.push(
          markup`<g><title>${CATEGORY_INFO[lane.category].name}, ${formatRange(startSeconds, endSeconds)}, score ${formatScore(score)}</title><rect x="${x(startSeconds)}" y="${top + 2}" width="${width}" height="${ROW - 6}" rx="3" fill="${tint}" fill-opacity=".16" stroke="${tint}"/><text x="${x(startSeconds) + 5}" y="${top + 16}">${formatScore(score)}</text></g>`,
        );
      }
      top += ROW;
    }
  }
  const marks = cuts.map(
    (cut) => markup`<path d="M${x(cut)} ${RULER}V${top}" stroke="#1b1f23" stroke-dasharray="5 4"/>`,
  );
  const label = `Timeline. ${describeWindows(windows)} ${traces.length} traces, listed in the table below.`;
  return markup`<svg viewBox="0 0 ${WIDTH + 20} ${top + 4}" role="img" aria-label="${label}" font-family="Arial, sans-serif" font-size="12" fill="#1b1f23">${ruler}<text x="0" y="${RULER + 14}">Probability per window</text><text x="${LABELS - 8}" y="${RULER + 8}" text-anchor="end" font-size="10">100%</text><text x="${LABELS - 8}" y="${floor}" text-anchor="end" font-size="10">0%</text><path d="M${LABELS} ${floor}H${WIDTH}M${LABELS} ${RULER}H${WIDTH}" stroke="#dcd7cb"/><path d="M${LABELS} ${y(0.5)}H${WIDTH}" stroke="#857e70" stroke-dasharray="2 4"/><g fill="none">${steps}</g>${rows}${marks}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
