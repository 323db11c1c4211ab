import type { DecodingSettings } from '../model/manifest';
import type { Box } from '../report';
import { fuse, iou, meanBox, weightedMean, type Candidate } from './candidates';

/** The candidates of one grid sample, from all windows that cover it. */
export type SampleCandidates = { sample: number; timeSeconds: number; candidates: Candidate[] };

/** A run of samples between two hard cuts, with its limits in seconds. */
export type SegmentLimits = { startSeconds: number; endSeconds: number };

/** A trace in frame fractions, before it is put in words. */
export type Tube = {
  /** First and last sample of the clip's grid it was seen at. */
  firstSample: number;
  lastSample: number;
  score: number;
  startSeconds: number;
  endSeconds: number;
  box: Box;
  track: { timeSeconds: number; box: Box }[];
  /** Score of each category over the tube. */
  categoryScores: Float64Array;
  /** Score of each subject noun over the tube. */
  subjectScores: Float64Array;
};

type OpenTube = { points: { sample: number; timeSeconds: number; candidate: Candidate }[] };

/**
 * Links the candidates of one segment over time and over its windows into tubes: greedily by overlap with the tube's
 * latest box, bridging short gaps. A tube's score is the mean of the better half of its candidates' scores.
 *
 * @param samples ascending by sample.
 * @param samplesPerSecond density of the grid.
 */
export function linkTubes(
  samples: readonly SampleCandidates[],
  segment: SegmentLimits,
  samplesPerSecond: number,
  settings: DecodingSettings,
): Tube[] {
  const finished: OpenTube[] = [];
  let open: OpenTube[] = [];
  for (const { sample, timeSeconds, candidates } of samples) {
    const points = fuse(candidates, settings.nmsIou);
    const alive = open.filter((tube) => sample - tube.points.at(-1)!.sample - 1 <= settings.maxGap);
    finished.push(...open.filter((tube) => !alive.includes(tube)));
    const taken = new Set<Candidate>();
    for (const { tube, candidate } of matches(alive, points, settings.linkIou)) {
      tube.points.push({ sample, timeSeconds, candidate });
      taken.add(candidate);
    }
    const fresh = points
      .filter((candidate) => !taken.has(candidate))
      .map((candidate) => ({ points: [{ sample, timeSeconds, candidate }] }));
    open = [...alive, ...fresh];
  }
  // In the order they began, as in training: it decides between equals.
  return [...finished, ...open]
    .filter((tube) => tube.points.length >= settings.minSamples)
    .sort((a, b) => a.points[0]!.sample - b.points[0]!.sample)
    .map((tube) => finishTube(tube, segment, samplesPerSecond, settings));
}

/**
 * The tubes to show as traces: in a clip that is likely generated weaker ones too, and at least the best.
 *
 * @param tubes best first.
 * @param fakeProbability of the clip, 0..1.
 */
export function shownTubes(
  tubes: readonly Tube[],
  fakeProbability: number,
  settings: DecodingSettings,
): Tube[] {
  if (fakeProbability < settings.likelyProbability) {
    return tubes.filter((tube) => tube.score >= settings.traceThreshold);
  }
  const shown = tubes.filter((tube) => tube.score >= settings.likelyTraceThreshold);
  return shown.length > 0 ? shown : tubes.slice(0, 1);
}

/** Pairs each tube with at most one candidate: larger overlap first, then higher score, then the older tube. */
function matches(
  tubes: readonly OpenTube[],
  candidates: readonly Candidate[],
  linkIou: number,
): { tube: OpenTube; candidate: Candidate }[] {
  const pairs = tubes.flatMap((tube, age) =>
    candidates.map((candidate) => ({
      tube,
      age,
      candidate,
      overlap: iou(tube.points.at(-1)!.candidate.box, candidate.box),
    })),
  );
  const sorted = pairs
    .filter((pair) => pair.overlap >= linkIou)
    .sort((a, b) => b.overlap - a.overlap || b.candidate.score - a.candidate.score || a.age - b.age);
  const usedTubes = new Set<OpenTube>();
  const usedCandidates = new Set<Candidate>();
  return sorted.filter(({ tube, candidate }) => {
    if (usedTubes.has(tube) || usedCandidates.has(candidate)) {
      return false;
    }
    usedTubes.add(tube);
    usedCandidates.add(candidate);
    return true;
  });
}

function finishTube(
  tube: OpenTube,
  segment: SegmentLimits,
  samplesPerSecond: number,
  { boundaryBlend: blend, edgeSlack }: DecodingSettings,
): Tube {
  const candidates = tube.points.map((point) => point.candidate);
  const step = 1 / samplesPerSecond;
  const first = tube.points[0]!.timeSeconds;
  const last = tube.points.at(-1)!.timeSeconds;
  let total = 0;
  let onset = 0;
  let offset = 0;
  for (const { timeSeconds, candidate } of tube.points) {
    total += candidate.score;
    onset += candidate.score * (timeSeconds - candidate.boundary[0]!);
    offset += candidate.score * (timeSeconds + candidate.boundary[1]!);
  }
  const within = (time: number): number => Math.min(Math.max(time, segment.startSeconds), segment.endSeconds);
  const begin = within((blend * onset) / total + (1 - blend) * first);
  const end = within((blend * offset) / total + (1 - blend) * (last + step));
  const startSeconds = begin - segment.startSeconds <= edgeSlack ? segment.startSeconds : begin;
  const proposedEnd = segment.endSeconds - end <= edgeSlack ? segment.endSeconds : end;
  const endSeconds =
    proposedEnd < startSeconds + step ? Math.min(segment.endSeconds, startSeconds + step) : proposedEnd;
  const scores = candidates.map((candidate) => candidate.score).sort((a, b) => b - a);
  const half = Math.ceil(scores.length / 2);
  return {
    firstSample: tube.points[0]!.sample,
    lastSample: tube.points.at(-1)!.sample,
    score: scores.slice(0, half).reduce((a, b) => a + b, 0) / half,
    startSeconds,
    endSeconds,
    box: meanBox(candidates),
    track: tube.points.map(({ timeSeconds, candidate }) => ({ timeSeconds, box: candidate.box })),
    categoryScores: weightedMean(candidates, (candidate) => candidate.category),
    subjectScores: weightedMean(candidates, (candidate) => candidate.subject),
  };
}
