import type { Band, Verdict } from '../../workers/report';
import { formatProbability, formatShare } from './format';
import type { Figures } from './model-card';

/** The bands in words. None says "real": the absence of signs proves nothing. */
export const BAND_WORDS: Record<Band, { title: string; short: string }> = {
  'substantial-evidence': { title: 'Substantial evidence of generation', short: 'Substantial evidence' },
  inconclusive: { title: 'Inconclusive', short: 'Inconclusive' },
  'no-strong-signs': { title: 'No strong signs found', short: 'No strong signs' },
};

/** What the band asks of the reader. */
const CAUTION: Record<Band, string> = {
  'substantial-evidence': 'which speaks for generation but does not prove it',
  inconclusive: 'which lies between its thresholds, so that it makes no call',
  'no-strong-signs': 'which does not make it real: a good generator leaves few signs',
};

/** One sentence on what the probability means, with the model's measured false alarm rate. */
export function explainProbability(verdict: Verdict, figures: Figures): string {
  const opening = `The model puts the probability that this clip was generated at ${formatProbability(verdict.fakeProbability)}, ${CAUTION[verdict.band]}`;
  const flagged = figures.realFlagged;
  if (!flagged || flagged.of === 0) {
    return `${opening}; how often this model version flags real clips by mistake has not been measured.`;
  }
  const found = figures.generatedFound
    ? `${figures.generatedFound.count} of ${figures.generatedFound.of} generated clips and, wrongly, in `
    : '';
  const wrongly = found ? '' : 'wrongly ';
  return `${opening}; in tests on clips it had not seen, it ${wrongly}found substantial evidence in ${found}${flagged.count} of ${flagged.of} real clips (${formatShare(flagged.rate)}, plausibly up to ${formatShare(flagged.upper95)}).`;
}

/** What no verdict of this page covers. */
export const NOT_CHECKED: { topic: string; detail: string }[] = [
  { topic: 'Audio', detail: 'Voices and sound were not listened to.' },
  {
    topic: 'Metadata and provenance',
    detail: 'Content Credentials, capture data and the source of the file were not read.',
  },
  {
    topic: 'The truth of the scene',
    detail: 'A real recording can be staged, old, or shown with a false caption.',
  },
  {
    topic: 'Edits of real footage',
    detail: 'Face swaps and retouching are not what the model was trained on.',
  },
];
