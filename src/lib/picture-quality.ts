import type { Report, WindowJudgement } from '../../workers/report';

/**
 * Range over which the band of the timeline is filled. Detail is the mean absolute difference of neighbouring pixels.
 * Blockiness is the difference across the codec's 8-pixel grid over that elsewhere: 1 where no grid is to be seen. The
 * ends of both ranges are chosen to be readable, not measured.
 */
const FULL_DETAIL = 8;
const NO_BLOCKS = 1;
const FULL_BLOCKS = 1.5;

/** A stretch of time with the quality of its picture, both 0..1 of the band's height. */
export type QualityStep = { startSeconds: number; endSeconds: number; detail: number; blocks: number };

/** The quality of each window as far as it is not overlapped by the next one. */
export function qualitySteps(windows: readonly WindowJudgement[]): QualityStep[] {
  return windows.flatMap(({ startSeconds, endSeconds, quality }, index) => {
    if (!quality) {
      return [];
    }
    const next = windows[index + 1]?.startSeconds ?? endSeconds;
    const blockiness = quality.blockiness ?? NO_BLOCKS;
    return [
      {
        startSeconds,
        endSeconds: Math.min(endSeconds, next),
        detail: Math.min(1, quality.detail / FULL_DETAIL),
        blocks: Math.min(1, Math.max(0, (blockiness - NO_BLOCKS) / (FULL_BLOCKS - NO_BLOCKS))),
      },
    ];
  });
}

/** The band in one sentence: the text twin of the picture. */
export function describeQuality(windows: readonly WindowJudgement[]): string {
  const known = windows.flatMap(({ quality }) => (quality ? [quality] : []));
  if (known.length === 0) {
    return 'Picture quality was not measured.';
  }
  const detail = known.map((quality) => quality.detail);
  const blocks = known.flatMap((quality) => quality.blockiness ?? []);
  const range = (values: number[], digits: number): string =>
    `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
  const blockiness =
    blocks.length > 0 ? ` Blocks of the codec: ${range(blocks, 2)}, where 1 means that none show.` : '';
  return `Picture quality per window. Detail: ${range(detail, 1)} of 255, where under 1 is flat or blurred.${blockiness}`;
}

/**
 * Where a limit is named. These are conventions, not measured ends of what the model can do; of the 152 test clips 9, 4
 * and 5 lie beyond them, too few to say how it fares there (below a detail of 0.6 or a brightness of 12 it does not judge
 * at all). What was measured with TraceNet 0.3.0 on those clips stands in the sentences: AUC by quarter of detail 0.85
 * (the least), 0.92 (both middle ones) and 0.96 (`training/quality_figures.py`). For blockiness: a clip of a person in a
 * room has 1.11 as it comes, 1.20 at H.264 CRF 35 and 1.38 at CRF 42.
 */
const LITTLE_DETAIL = 1.5;
const DARK = 30;
const VISIBLE_BLOCKS = 1.3;

/** What in this clip makes the verdict less sure, in sentences; every one rests on something measured. */
export function qualityLimits({ video, windows, settings }: Report): string[] {
  const limits: string[] = [];
  const shortSide = Math.min(video.width, video.height);
  if (shortSide < settings.shortSide) {
    limits.push(
      `The picture has ${shortSide} pixels on its short side; the model works at ${settings.shortSide}. Detail that is not there cannot be judged.`,
    );
  }
  if (windows.length <= 2) {
    limits.push(
      `The clip is short: the model saw it in ${windows.length === 1 ? 'one window' : `${windows.length} windows`}, so that little can cancel out a chance finding.`,
    );
  }
  const known = windows.flatMap(({ quality }) => (quality ? [quality] : []));
  const share = (test: (quality: (typeof known)[number]) => boolean): number =>
    known.filter(test).length / Math.max(1, known.length);
  if (share(({ detail }) => detail < LITTLE_DETAIL) >= 0.5) {
    limits.push(
      'Half of the clip or more has little detail: it is soft, blurred or flat. On the quarter of its test clips with the least detail TraceNet had an AUC of 0.85, on all of them 0.91.',
    );
  }
  if (share(({ brightness }) => brightness < DARK) >= 0.5) {
    limits.push(
      'Half of the clip or more is dark. Only 4 of the 152 test clips of TraceNet were: how it fares there is not known.',
    );
  }
  if (share(({ blockiness }) => (blockiness ?? 1) >= VISIBLE_BLOCKS) >= 0.5) {
    limits.push(
      'Blocks of the codec show in half of the clip or more: strong compression wears fine texture away. Only 5 of the 152 test clips of TraceNet were like that; compressed again at H.264 CRF 35, they cost it little (AUC 0.90 instead of 0.91).',
    );
  }
  return limits;
}
