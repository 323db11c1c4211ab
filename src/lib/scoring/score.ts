import { CATEGORIES, type Box, type Category } from '../../../workers/report';
import { boxDistance, boxIou, clipBox, temporalIou, type FrameSize } from './geometry';
import { markKey, type Mark, type Prediction } from './predictions';
import { seededRandom } from './random';
import type { RewardTrace, RewardVideo } from './reward-data';
import { compareTexts, TEXT_SCORES } from './text';

/** A score with its bootstrap 95 % interval. */
type ScoredFigure = { value: number; low: number; high: number };

/** The scores of DeeptraceReward (arXiv 2509.22646, section on evaluation), 0..100, in the order of its Table 2. */
export const METRICS = [
  'overall',
  'accuracy',
  'fakeAccuracy',
  'realAccuracy',
  'explanation',
  'boxIou',
  'boxDistance',
  'timeDistance',
] as const;

/** Scores beside those of the paper, 0..100. */
const DIAGNOSTICS = ['temporalIou', ...TEXT_SCORES] as const;

type MetricName = (typeof METRICS)[number] | (typeof DIAGNOSTICS)[number];

/** The scores of one set of videos; null where there is nothing to score, or no judge. */
export type Scores = Record<MetricName, ScoredFigure | null> & {
  videos: number;
  fakeVideos: number;
  realVideos: number;
  traces: number;
  /** Whether Overall is the mean of three parts because the explanations were not judged. */
  overallPartial: boolean;
  /** Traces whose explanation needs a judge's mark, and how many have none. */
  marks: { needed: number; missing: number };
};

/** What a box or a start that looks at no video scores on the same traces: the floor under any model. */
type Baselines = {
  wholeFrame: { boxIou: number; boxDistance: number };
  /** A box over the middle 60 % of width and height. */
  centreBox: { boxIou: number; boxDistance: number };
  startAtZero: { timeDistance: number };
};

/** A scored set of predictions. */
export type ScoreCard = {
  scores: Scores;
  /** By annotator tag; a trace may have several, or none. */
  byCategory: Partial<Record<Category, Scores>>;
  /** By generator, and by origin of the real videos. */
  bySource: Record<string, Scores>;
  /** Null when there is no trace. */
  baselines: Baselines | null;
  /** Videos without a prediction, and predictions without a video in the split. */
  unanswered: number;
  unmatched: number;
};

/** What is added up; everything else is a quotient of these. */
type Sums = Record<MetricName | 'fake' | 'real' | 'traces' | 'explained' | 'unmarked' | 'needed', number>;

type ScoredTrace = { categories: Category[]; sums: Partial<Sums> };
type ScoredVideo = { video: RewardVideo; correct: boolean; traces: ScoredTrace[] };

/** How intervals are drawn. */
export type BootstrapOptions = { resamples: number; seed: number };

const DEFAULT_BOOTSTRAP: BootstrapOptions = { resamples: 1000, seed: 1 };

/**
 * Scores predictions as DeeptraceReward does: strictly (what is missing or malformed gets the worst score), each trace
 * row of a video against the video's one predicted trace. Intervals come from resampling whole videos, generated and
 * real ones apart.
 *
 * @param videos the videos of one split.
 * @param marks a judge's marks; without them explanations are not scored, and Overall leaves them out.
 */
export function scorePredictions(
  videos: readonly RewardVideo[],
  predictions: ReadonlyMap<string, Prediction>,
  marks: ReadonlyMap<string, Mark> = new Map(),
  bootstrap: BootstrapOptions = DEFAULT_BOOTSTRAP,
): ScoreCard {
  const scored = videos.map((video) => scoreVideo(video, predictions.get(video.videoId), marks));
  const ids = new Set(videos.map(({ videoId }) => videoId));
  const summarize = (some: ScoredVideo[]): Scores => summarizeVideos(some, bootstrap);
  return {
    scores: summarize(scored),
    byCategory: Object.fromEntries(
      CATEGORIES.flatMap((category) => {
        const own = withCategory(scored, category);
        return own.length > 0 ? [[category, summarize(own)]] : [];
      }),
    ),
    bySource: Object.fromEntries(
      [...new Set(videos.map(({ source }) => source))].map((source) => [
        source,
        summarize(scored.filter(({ video }) => video.source === source)),
      ]),
    ),
    baselines: scoreBaselines(videos),
    unanswered: videos.filter(({ videoId }) => !predictions.has(videoId)).length,
    unmatched: [...predictions.keys()].filter((id) => !ids.has(id)).length,
  };
}

function scoreVideo(
  video: RewardVideo,
  prediction: Prediction | undefined,
  marks: ReadonlyMap<string, Mark>,
): ScoredVideo {
  const correct = prediction?.label === (video.fake ? 'FAKE' : 'REAL');
  // A clip that was called real has no trace, whatever else the line says.
  const answer = prediction?.label === 'FAKE' || prediction?.localizer ? prediction : undefined;
  const box = answer?.box && clipBox(answer.box, video.frame);
  const traces = video.traces.map((trace, index) => ({
    categories: trace.categories,
    sums: {
      traces: 1,
      ...scorePlace(box, answer?.startSeconds, trace, video),
      temporalIou: scoreDuration(answer, trace),
      ...scoreExplanation(
        answer?.explanation ?? '',
        trace.explanation,
        marks.get(markKey(video.videoId, index + 1)),
      ),
    },
  }));
  return { video, correct, traces };
}

function scorePlace(
  box: Box | undefined,
  startSeconds: number | undefined,
  trace: RewardTrace,
  video: { frame: FrameSize; durationSeconds: number },
): Pick<Sums, 'boxIou' | 'boxDistance' | 'timeDistance'> {
  return {
    boxIou: box ? boxIou(box, trace.box) : 0,
    boxDistance: box ? boxDistance(box, trace.box, video.frame) : 1,
    timeDistance:
      startSeconds === undefined
        ? 1
        : Math.min(1, Math.abs(startSeconds - trace.startSeconds) / video.durationSeconds),
  };
}

function scoreDuration(answer: Prediction | undefined, trace: RewardTrace): number {
  if (
    answer?.startSeconds === undefined ||
    answer.endSeconds === undefined ||
    trace.endSeconds === undefined
  ) {
    return 0;
  }
  return temporalIou([answer.startSeconds, answer.endSeconds], [trace.startSeconds, trace.endSeconds]);
}

function scoreExplanation(predicted: string, written: string, mark: Mark | undefined): Partial<Sums> {
  if (written === '') {
    return {};
  }
  const texts = compareTexts(predicted, written);
  // Where there is nothing to judge, the mark is 0 without a judge.
  return predicted === ''
    ? { explained: 1, ...texts }
    : { explained: 1, needed: 1, explanation: mark ?? 0, unmarked: mark === undefined ? 1 : 0, ...texts };
}

function withCategory(videos: ScoredVideo[], category: Category): ScoredVideo[] {
  return videos
    .map((video) => ({
      ...video,
      traces: video.traces.filter((trace) => trace.categories.includes(category)),
    }))
    .filter(({ traces }) => traces.length > 0);
}

function summarizeVideos(videos: ScoredVideo[], { resamples, seed }: BootstrapOptions): Scores {
  const [fake, real] = [true, false].map((kind) =>
    videos.filter(({ video }) => video.fake === kind).map(sumOfVideo),
  );
  const fakeSums = fake ?? [];
  const realSums = real ?? [];
  const total = addUp([...fakeSums, ...realSums]);
  // One missing mark would be a made-up 0: then there is no explanation score at all.
  const judged = total.explained > 0 && total.unmarked === 0;
  const values = quotients(total, judged);
  const random = seededRandom(seed);
  const groups = [fakeSums.map(toVector), realSums.map(toVector)];
  const draws = Array.from({ length: resamples }, () => quotients(drawSums(groups, random), judged));
  const figure = (name: MetricName): ScoredFigure | null => {
    const value = values[name];
    if (value === null) {
      return null;
    }
    // A draw may hold no trace, or none that is explained.
    const drawn = draws.map((draw) => draw[name]).filter((one) => one !== null);
    const sorted = Float64Array.from(drawn).sort();
    return { value, low: quantile(sorted, 0.025) ?? value, high: quantile(sorted, 0.975) ?? value };
  };
  const figures = Object.fromEntries(
    [...METRICS, ...DIAGNOSTICS].map((name) => [name, figure(name)]),
  ) as Record<MetricName, ScoredFigure | null>;
  return {
    ...figures,
    videos: total.fake + total.real,
    fakeVideos: total.fake,
    realVideos: total.real,
    traces: total.traces,
    overallPartial: values.overall !== null && values.explanation === null,
    marks: { needed: total.needed, missing: total.unmarked },
  };
}

function sumOfVideo({ video, correct, traces }: ScoredVideo): Partial<Sums> {
  const hit = correct ? 1 : 0;
  const own = video.fake ? { fake: 1, fakeAccuracy: hit } : { real: 1, realAccuracy: hit };
  return addUp([{ ...own, accuracy: hit }, ...traces.map(({ sums }) => sums)]);
}

const NOTHING: Sums = {
  overall: 0,
  accuracy: 0,
  fakeAccuracy: 0,
  realAccuracy: 0,
  explanation: 0,
  boxIou: 0,
  boxDistance: 0,
  timeDistance: 0,
  temporalIou: 0,
  rougeL: 0,
  token: 0,
  contentWord: 0,
  category: 0,
  fake: 0,
  real: 0,
  traces: 0,
  explained: 0,
  needed: 0,
  unmarked: 0,
};
const SUM_NAMES = Object.keys(NOTHING) as (keyof Sums)[];

function addUp(parts: readonly Partial<Sums>[]): Sums {
  const total = { ...NOTHING };
  for (const part of parts) {
    for (const name of SUM_NAMES) {
      total[name] += part[name] ?? 0;
    }
  }
  return total;
}

/** The scores in percent. Overall = (Accuracy + Explanation + BBox IoU + (100 - Time distance)) / 4. */
function quotients(sums: Sums, judged: boolean): Record<MetricName, number | null> {
  const percent = (sum: number, count: number): number | null => (count > 0 ? (100 * sum) / count : null);
  const accuracy = percent(sums.accuracy, sums.fake + sums.real);
  const explanation = judged ? percent(sums.explanation, sums.explained) : null;
  const iou = percent(sums.boxIou, sums.traces);
  const timeDistance = percent(sums.timeDistance, sums.traces);
  const parts = [accuracy, iou, timeDistance === null ? null : 100 - timeDistance];
  return {
    overall: sums.fake > 0 && sums.real > 0 ? meanOf(judged ? [...parts, explanation] : parts) : null,
    accuracy,
    fakeAccuracy: percent(sums.fakeAccuracy, sums.fake),
    realAccuracy: percent(sums.realAccuracy, sums.real),
    explanation,
    boxIou: iou,
    boxDistance: percent(sums.boxDistance, sums.traces),
    timeDistance,
    temporalIou: percent(sums.temporalIou, sums.traces),
    rougeL: percent(sums.rougeL, sums.explained),
    token: percent(sums.token, sums.explained),
    contentWord: percent(sums.contentWord, sums.explained),
    category: percent(sums.category, sums.explained),
  };
}

/** Mean of the parts of Overall; null when one is missing. */
function meanOf(parts: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const part of parts) {
    if (part === null) {
      return null;
    }
    sum += part;
  }
  return sum / parts.length;
}

/** The sums in the order of {@link SUM_NAMES}: a thousand resamples of all videos add up millions of them. */
function toVector(sums: Partial<Sums>): Float64Array {
  return Float64Array.from(SUM_NAMES, (name) => sums[name] ?? 0);
}

/** Adds up as many videos of each group as it has, drawn with replacement. */
function drawSums(groups: readonly Float64Array[][], random: () => number): Sums {
  const total = new Float64Array(SUM_NAMES.length);
  for (const group of groups) {
    for (let count = 0; count < group.length; count++) {
      const drawn = group[Math.floor(random() * group.length)];
      for (let index = 0; drawn && index < total.length; index++) {
        total[index] = (total[index] ?? 0) + (drawn[index] ?? 0);
      }
    }
  }
  return Object.fromEntries(SUM_NAMES.map((name, index) => [name, total[index] ?? 0])) as Sums;
}

/** Quantile of sorted numbers, interpolated between neighbours. */
function quantile(sorted: Float64Array, share: number): number | undefined {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (position % 1);
}

function scoreBaselines(videos: readonly RewardVideo[]): Baselines | null {
  const mean = (score: (trace: RewardTrace, video: RewardVideo) => number): number => {
    const all = videos.flatMap((video) => video.traces.map((trace) => score(trace, video)));
    return (100 * all.reduce((sum, one) => sum + one, 0)) / all.length;
  };
  if (!videos.some(({ traces }) => traces.length > 0)) {
    return null;
  }
  const place = (margin: number): { boxIou: number; boxDistance: number } => {
    const box = ({ width, height }: FrameSize): Box => [
      width * margin,
      height * margin,
      width * (1 - margin),
      height * (1 - margin),
    ];
    return {
      boxIou: mean((trace, { frame }) => boxIou(box(frame), trace.box)),
      boxDistance: mean((trace, { frame }) => boxDistance(box(frame), trace.box, frame)),
    };
  };
  return {
    wholeFrame: place(0),
    centreBox: place(0.2),
    startAtZero: {
      timeDistance: mean((trace, { durationSeconds }) => Math.min(1, trace.startSeconds / durationSeconds)),
    },
  };
}
