import type { Report } from '../../workers/report';
import { CATEGORY_INFO } from './categories';
import { formatCount, formatProbability, formatRange, formatScore } from './format';
import type { Figures } from './model-card';

/** What in a report speaks for generation and what against it, in sentences, and what else its verdict rests on. */
export type Weighed = { speaksFor: string[]; speaksAgainst: string[]; others: string[] };

/** The verdict's own sentences (`workers/verdict.ts`) that are told here with more to them. */
const TOLD_HERE =
  /^(\d+ of \d+ windows|The one window of the clip|One trace was found|\d+ traces were found|No single place)/;
/** The one that has a side and is told nowhere else. */
const TEXTURE = /^Fine texture.* resembles (generated|camera) video/;

/** From here on a window, taken alone, is more likely generated than not. */
const EVEN = 0.5;

/** Weighs a report: only what was measured, said the same way on both sides. */
export function weigh({ verdict, windows, traces }: Report, figures: Figures): Weighed {
  const speaksFor: string[] = [];
  const speaksAgainst: string[] = [];
  const others: string[] = [];
  for (const reason of verdict.reasons) {
    const texture = TEXTURE.exec(reason)?.[1];
    if (texture !== undefined) {
      (texture === 'generated' ? speaksFor : speaksAgainst).push(reason);
    } else if (!TOLD_HERE.test(reason)) {
      others.push(reason);
    }
  }
  const sorted = [...windows].sort((a, b) => b.fakeProbability - a.fakeProbability);
  const above = sorted.filter(({ fakeProbability }) => fakeProbability >= EVEN);
  const below = sorted.filter(({ fakeProbability }) => fakeProbability < EVEN);
  const tell = (count: number, side: string, window: Report['windows'][number], which: string): string =>
    `${count} of ${formatCount(windows.length, 'window')} ${side} 50%; the ${which} is ${formatProbability(window.fakeProbability)} at ${formatRange(window.startSeconds, window.endSeconds)}.`;
  const [highest, lowest] = [above[0], below.at(-1)];
  if (highest) {
    speaksFor.push(tell(above.length, 'above', highest, 'highest'));
  }
  if (lowest) {
    speaksAgainst.push(tell(below.length, 'below', lowest, 'lowest'));
  }
  const [strongest] = [...traces].sort((a, b) => b.score - a.score);
  if (strongest) {
    speaksFor.push(
      `${formatCount(traces.length, 'trace')}; the strongest is ${CATEGORY_INFO[strongest.category].name.toLowerCase()} with a score of ${formatScore(strongest.score)}.`,
    );
    const rate = figures.falseTracesPerRealMinute?.value;
    if (rate !== undefined && rate > 0) {
      speaksAgainst.push(
        `Traces alone are weak evidence: in real test clips the model drew ${rate.toFixed(1)} of them a minute.`,
      );
    }
  } else {
    speaksAgainst.push('No place in the picture stood out as a trace.');
  }
  return { speaksFor, speaksAgainst, others };
}
