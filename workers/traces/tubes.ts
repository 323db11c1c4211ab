import type { DecodingSettings } from '../model/manifest';
import type { Box } from '../report';
import { fuse, iou, meanBox, weightedMean, type Candidate } from './candidates';

/** The candidates of one grid sample, from all windows that cover it. */
export type SampleCandidates = { sample: number; timeSeconds: number; candidates: Candidate[] };

/** A run of samples between two hard cuts, with its limits in seconds. */
export type SegmentLimits = { startSeconds: number; endSeconds: number };

/** A trace in frame fractions, before it is put in words. */
export type Tube = {
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
 * latest box, bridging short gaps. A tube's score is the mean of the better half of its candidates' scores. Of tubes
 * that overlap in time and place only the strongest is kept.
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
  const tubes = [...finished, ...open]
    .filter((tube) => tube.points.length >= settings.minSamples)
    .map((tube) => finishTube(tube, segment, samplesPerSecond, settings.boundaryBlend))
    .filter((tube) => tube.score >= Math.min(settings.traceThreshold, settings.likelyTraceThreshold))
    .sort((a, b) => b.score - a.score);
  return withoutDuplicates(tubes, settings.duplicateIou).slice(0, settings.maxTraces);
}

/** Drops every tube that shares time and place with a stronger one. */
function withoutDuplicates(tubes: readonly Tube[], duplicateIou: number): Tube[] {
  const kept: Tube[] = [];
  for (const tube of tubes) {
    const duplicate = kept.some(
      (other) =>
        other.startSeconds < tube.endSeconds &&
        tube.startSeconds < other.endSeconds &&
        iou(other.box, tube.box) > duplicateIou,
    );
    if (!duplicate) {
      kept.push(tube);
    }
  }
  return kept;
}

/**
 * The tubes to show as traces: a weaker one is shown only where the clip as a whole is more likely generated than not.
 *
 * @param fakeProbability of the clip, 0..1.
 */
export function shownTubes(
  tubes: readonly Tube[],
  fakeProbability: number,
  settings: DecodingSettings,
): Tube[] {
  const threshold = fakeProbability >= 0.5 ? settings.likelyTraceThreshold : settings.traceThreshold;
  return tubes.filter((tube) => tube.score >= threshold);
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

function finishTube(tube: OpenTube, segment: SegmentLimits, samplesPerSecond: number, blend: number): Tube {
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
  const startSeconds = within((blend * onset) / total + (1 - blend) * first);
  const proposedEnd = within((blend * offset) / total + (1 - blend) * (last + step));
  const endSeconds =
    proposedEnd < startSeconds + step ? Math.min(segment.endSeconds, startSeconds + step) : proposedEnd;
  const scores = candidates.map((candidate) => candidate.score).sort((a, b) => b - a);
  const half = Math.ceil(scores.length / 2);
  return {
    score: scores.slice(0, half).reduce((a, b) => a + b, 0) / half,
    startSeconds,
    endSeconds,
    box: meanBox(candidates),
    track: tube.points.map(({ timeSeconds, candidate }) => ({ timeSeconds, box: candidate.box })),
    categoryScores: weightedMean(candidates, (candidate) => candidate.category),
    subjectScores: weightedMean(candidates, (candidate) => candidate.subject),
  };
}
