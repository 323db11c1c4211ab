import { version as appVersion } from '../package.json';
import { describeBrowser } from './browser';
import { TellscopeError } from './errors';
import { packCandidates, type WindowEvidence } from './evidence';
import type { JobLog, JobStep } from './job-log';
import { ClipJudgement } from './judgement';
import type { Manifest } from './model/manifest';
import type { TraceNet } from './model/session';
import type { WorkerEvent } from './protocol';
import type { Report, Settings, Trace } from './report';
import { fileSha256 } from './sha256';
import { Stopwatch } from './stopwatch';
import { candidatesOf } from './traces/candidates';
import { binsOf, TraceContext, type Bin } from './traces/explain-context';
import { heatOf, type HeatWindow } from './traces/heat';
import { conclude, fakeProbability, type VerdictFeatures } from './verdict';
import { blockiness } from './video/blockiness';
import { CutDetector } from './video/cuts';
import { FrameSource } from './video/frame-source';
import { letterbox, letterboxOf, toCanonical, windowTensors, type PreparedSample } from './video/preprocess';
import {
  measurePicture,
  QualityMeter,
  reasonsToAbstain,
  type PictureQuality,
  type Quality,
} from './video/quality';
import { sampleGrid, WindowAssembler, windowCount, type Window } from './video/sampling';

/** A prepared sample with what was measured of its picture: the blocks before it was scaled, the rest after. */
type MeasuredSample = PreparedSample & { blockiness: number; picture: PictureQuality };

type Stopwatches = Stopwatch<'hash' | 'decode' | 'preprocess' | 'inference'>;

type Tell = (event: WorkerEvent) => void;

/**
 * Takes one video from the file to the report: open, sample, prepare, judge window by window, link traces, conclude.
 * Memory does not grow with the file: frames are decoded as they are needed and one window of them is kept.
 *
 * @param log of an interrupted job on the same file; what is finished in it is not run again. Evidence of another
 * model, or of a file with another hash, is not used.
 * @throws {TellscopeError} with the code of what is wrong with the file or the machine.
 */
export async function analyse(file: File, model: TraceNet, tell: Tell, log?: JobLog): Promise<Report> {
  const watch: Stopwatches = new Stopwatch();
  const analysedAt = new Date().toISOString();
  tell({ type: 'stage', stage: 'opening' });
  const source = await FrameSource.open(file);
  try {
    tell({ type: 'video', video: source.info });
    const hash = hashOf(file, log, watch, tell);
    // A failure before the hash is awaited must not surface twice.
    hash.catch(() => {});
    const usable = log && (await isUsable(log, model, hash)) ? log : undefined;
    tell({ type: 'stage', stage: 'analysing' });
    const judged = await judge(
      source,
      model,
      watch,
      tell,
      log && (usable ?? { ...log, entries: [], bins: [] }),
    );
    tell({ type: 'stage', stage: 'concluding' });
    return buildReport(file, await hash, analysedAt, source, model, judged, watch);
  } finally {
    source.dispose();
  }
}

/** SHA-256 of the file, told as soon as it is known; not computed twice for one and the same file. */
async function hashOf(file: File, log: JobLog | undefined, watch: Stopwatches, tell: Tell): Promise<string> {
  if (log?.sameFile && log.fileSha256 !== undefined) {
    return log.fileSha256;
  }
  const sha256 = await watch.time('hash', () => fileSha256(file));
  tell({ type: 'hash', sha256 });
  return sha256;
}

async function isUsable(log: JobLog, model: TraceNet, hash: Promise<string>): Promise<boolean> {
  return log.modelSha256 === model.loaded.sha256 && (log.sameFile || log.fileSha256 === (await hash));
}

type Judged = {
  judgement: ClipJudgement;
  features: VerdictFeatures;
  traces: Trace[];
  quality: Quality;
  /** Why the clip was not judged to its end, in a sentence. */
  shortfall: string | undefined;
};

/** Reads the clip from where the log ends and judges it window by window. */
async function judge(
  source: FrameSource,
  model: TraceNet,
  watch: Stopwatches,
  tell: Tell,
  log: JobLog | undefined,
): Promise<Judged> {
  const { manifest } = model;
  const { framesPerSecond, windowFrames, hopFrames } = manifest.sampling;
  const clip = clipOf(source);
  const grid = sampleGrid(source.timestamps, framesPerSecond);
  const timeOf = (sample: number): number => grid[sample]?.timeSeconds ?? clip.endSeconds;
  const { width, height } = source.info;
  const judgement = new ClipJudgement(manifest, { width, height, clip }, timeOf);
  const context = contextOf(model, log?.bins);
  const telling = new Telling(judgement, windowCount(grid.length, windowFrames, hopFrames), tell);

  const checkpoint = log?.entries.at(-1)?.checkpoint;
  for (const step of log?.entries.flatMap((entry) => entry.steps) ?? []) {
    judgement.take(step);
  }
  telling.begin(log !== undefined);

  const assembler = new WindowAssembler<MeasuredSample>(windowFrames, hopFrames, checkpoint?.assembler);
  const cutDetector = new CutDetector();
  const quality = new QualityMeter(checkpoint?.quality);
  let steps: JobStep[] = [];
  const take = (step: JobStep): void => {
    steps.push(step);
    judgement.take(step);
  };
  const judgeWindow = async (window: Window<MeasuredSample> | undefined): Promise<void> => {
    if (window) {
      const { evidence, heat } = await run(window, model, watch, source.info, timeOf);
      take({ type: 'window', evidence });
      context?.push(evidence.bins ?? []);
      telling.window(heat);
    }
  };

  // Samples before the checkpoint are only read again as far as those after it depend on them.
  const known = checkpoint?.samplesRead ?? 0;
  const refilled = known - 1 - assembler.remembered;
  const first = Math.max(0, Math.min(refilled, known - CutDetector.MEMORY));
  let index = first;
  // The newest sample waits until it is known whether a cut lies before it.
  let waiting: MeasuredSample | undefined;
  let failure: unknown;
  try {
    for await (const sample of preparedSamples(source, grid.slice(first), manifest, watch)) {
      const cut = await watch.time('preprocess', () => cutDetector.push(sample.canonical));
      if (index < known) {
        if (index >= refilled && index < known - 1) {
          assembler.refill(sample);
        }
      } else {
        quality.push(sample.picture);
        if (waiting) {
          if (cut) {
            await judgeWindow(assembler.endSegment());
            take({ type: 'cut', seconds: waiting.timeSeconds });
          }
          await judgeWindow(assembler.push(waiting));
        }
      }
      waiting = sample;
      index++;
      if (steps.length > 0) {
        const { state } = quality;
        const next = { samplesRead: index, assembler: assembler.state, quality: state };
        tell({ type: 'log', entry: { steps, checkpoint: next } });
        steps = [];
      }
    }
  } catch (error) {
    // What could be decoded is judged, and the report says how far that was.
    if (!(error instanceof TellscopeError && error.code === 'decode-failed' && waiting)) {
      throw error;
    }
    failure = error;
  }
  if (waiting) {
    await judgeWindow(assembler.push(waiting));
  }
  await judgeWindow(assembler.endSegment());
  const judgedUntil = failure === undefined ? clip.endSeconds : timeOf(index);
  judgement.end(judgedUntil);
  const features = judgement.features();
  const likely = fakeProbability(features, manifest.verdict);
  const { explainer } = model;
  const traces =
    explainer && context
      ? await watch.time('inference', () => judgement.explainedTraces(likely, explainer, context))
      : judgement.traces(likely);
  return {
    judgement,
    features,
    traces,
    quality: quality.summary(Math.min(width, height)),
    shortfall:
      failure === undefined
        ? undefined
        : `Judged only up to second ${judgedUntil.toFixed(1)} of ${clip.endSeconds.toFixed(1)}: ` +
          'what follows is damaged and could not be decoded. Look for an undamaged copy.',
  };
}

/** Limits of the clip on the media timeline. */
function clipOf({ timestamps, info }: FrameSource): { startSeconds: number; endSeconds: number } {
  const startSeconds = timestamps[0]!;
  return { startSeconds, endSeconds: startSeconds + info.durationSeconds };
}

/** What the explainer needs of a clip, where the model has one. */
function contextOf({ manifest, explainer }: TraceNet, bins: readonly Bin[] = []): TraceContext | undefined {
  const { outputs, input } = manifest.sessions.trace;
  const channels = outputs['context']?.[1] ?? 0;
  return (
    explainer && new TraceContext({ inputSize: input.shape[2], cells: explainer.spec.cells, channels }, bins)
  );
}

/** Runs the model on one window and keeps what the report needs of it; the heat map is for the eye alone. */
async function run(
  window: Window<MeasuredSample>,
  model: TraceNet,
  watch: Stopwatches,
  info: FrameSource['info'],
  timeOf: (sample: number) => number,
): Promise<{ evidence: WindowEvidence; heat: HeatWindow }> {
  const { start, valid, samples } = window;
  const { manifest, explainer } = model;
  const { framesPerSecond, windowFrames } = manifest.sampling;
  const { canonical } = samples[0]!;
  const tensors = await watch.time('preprocess', () => windowTensors(samples, manifest.sessions));
  const { trace, verdictLogit, forensicLogits } = await watch.time('inference', () => model.run(tensors));
  const { input, stride } = manifest.sessions.trace;
  const place = letterboxOf(canonical.width, canonical.height, input.shape[2]);
  const candidates = Array.from({ length: valid }, (_, k) =>
    candidatesOf(trace, k, place, stride, manifest.decoding),
  );
  const times = samples.slice(0, valid).map((sample) => sample.timeSeconds);
  const { brightness, detail } = windowQuality(window, info);
  const { rows, columns, coverage } = trace;
  const evidence: WindowEvidence = {
    start,
    valid,
    startSeconds: timeOf(start),
    endSeconds: timeOf(start + valid),
    verdictLogit,
    forensicLogits,
    quality: { brightness, detail, blockiness: meanBlockiness(window) },
    place,
    candidates: packCandidates(candidates),
    coverage: { rows, columns, logits: coverage },
    ...(explainer && trace.context && { bins: binsOf(trace.context, times, windowFrames, framesPerSecond) }),
  };
  return { evidence, heat: heatOf(trace, times, place, stride) };
}

/** Tells the page how a judgement stands, so seldom that the sum of all that is told stays linear in a long clip. */
class Telling {
  readonly #judgement: ClipJudgement;
  readonly #expected: number;
  readonly #tell: Tell;
  #links = 0;
  #tracesToldAt = 0;

  constructor(judgement: ClipJudgement, expected: number, tell: Tell) {
    this.#judgement = judgement;
    this.#expected = expected;
    this.#tell = tell;
  }

  /** Tells what was restored from a log, if there was one, and where the judgement stands. */
  begin(restored: boolean): void {
    if (restored) {
      const { windows } = this.#judgement;
      this.#tell({ type: 'restored', windows: [...windows], traces: this.#newTraces() ?? [] });
    }
    this.#progress();
  }

  /** Tells of the latest window. */
  window(heat: HeatWindow): void {
    const traces = this.#newTraces();
    const window = this.#judgement.windows.at(-1)!;
    this.#tell({ type: 'window', ...window, ...(traces && { traces }), heat });
    this.#progress();
  }

  /** The list of all traces where it may have changed; in a long clip, with ever longer pauses. */
  #newTraces(): Trace[] | undefined {
    const { links, windows } = this.#judgement;
    if (links === this.#links || windows.length < this.#tracesToldAt * 1.1) {
      return undefined;
    }
    this.#links = links;
    this.#tracesToldAt = windows.length;
    return this.#judgement.partialTraces();
  }

  #progress(): void {
    const { windows } = this.#judgement;
    this.#tell({
      type: 'progress',
      windowsDone: windows.length,
      windowsExpected: Math.max(this.#expected, windows.length),
      judgedSeconds: windows.at(-1)?.endSeconds ?? 0,
    });
  }
}

/** Decodes each frame the grid needs once and prepares it; a frame on screen for several grid times is repeated. */
async function* preparedSamples(
  source: FrameSource,
  grid: readonly { timeSeconds: number; frame: number }[],
  manifest: Manifest,
  watch: Stopwatches,
): AsyncGenerator<MeasuredSample, void, undefined> {
  const wanted = [...new Set(grid.map(({ frame }) => source.timestamps[frame]!))];
  const frames = source.framesAt(wanted);
  const { shape, fill } = manifest.sessions.trace.input;
  let shown = -1;
  let canonical: MeasuredSample['canonical'] | undefined;
  let letterboxed: MeasuredSample['letterboxed'] | undefined;
  let blocks = 1;
  let picture: PictureQuality | undefined;
  try {
    for (const { timeSeconds, frame } of grid) {
      if (source.timestamps[frame] !== source.timestamps[shown]) {
        const decoded = await watch.time('decode', () => frames.next());
        if (decoded.done) {
          return;
        }
        [canonical, letterboxed, blocks, picture] = await watch.time('preprocess', () => {
          const small = toCanonical(decoded.value, manifest.canonicalShortSide);
          const boxed = letterbox(small, shape[2], fill);
          return [small, boxed, blockiness(decoded.value), measurePicture(small)] as const;
        });
        shown = frame;
      }
      if (canonical && letterboxed && picture) {
        yield { timeSeconds, canonical, letterboxed, blockiness: blocks, picture };
      }
    }
  } finally {
    await frames.return();
  }
}

function meanBlockiness({ samples, valid }: Window<MeasuredSample>): number {
  const sum = samples.slice(0, valid).reduce((total, sample) => total + sample.blockiness, 0);
  return sum / Math.max(1, valid);
}

function windowQuality(
  { samples, valid }: Window<MeasuredSample>,
  { width, height }: FrameSource['info'],
): Quality {
  const meter = new QualityMeter();
  for (const { picture } of samples.slice(0, valid)) {
    meter.push(picture);
  }
  return meter.summary(Math.min(width, height));
}

function buildReport(
  file: File,
  sha256: string,
  analysedAt: string,
  source: FrameSource,
  model: TraceNet,
  judged: Judged,
  watch: Stopwatches,
): Report {
  const { info } = source;
  const { id, version, sha256: modelSha256, backend, precision, notes } = model.loaded;
  const { judgement, features, traces } = judged;
  const abstentions = reasonsToAbstain(judged.quality);
  return {
    schema: 'tellscope-report/1',
    app: { name: 'Tellscope', version: appVersion },
    analysedAt,
    browser: describeBrowser(navigator),
    file: { name: file.name, bytes: file.size, sha256 },
    video: info,
    model: { id, version, sha256: modelSha256, backend, precision },
    settings: describeSettings(model),
    verdict: conclude(
      features,
      judgement.windows.map((window) => window.fakeProbability),
      traces.map((trace) => trace.score),
      abstentions,
      model.manifest.verdict,
    ),
    traces,
    cuts: judgement.cuts,
    windows: judgement.windows,
    timing: {
      hashSeconds: watch.seconds('hash'),
      decodeSeconds: watch.seconds('decode'),
      preprocessSeconds: watch.seconds('preprocess'),
      inferenceSeconds: watch.seconds('inference'),
      totalSeconds: watch.elapsedSeconds(),
    },
    warnings: [...source.warnings, ...(judged.shortfall ? [judged.shortfall] : []), ...notes],
    secondOpinions: [],
  };
}

function describeSettings({ manifest, requestedBackend }: TraceNet): Settings {
  const { sampling, canonicalShortSide, decoding, verdict } = manifest;
  const { traceThreshold, likelyTraceThreshold } = decoding;
  return {
    requestedBackend,
    ...sampling,
    shortSide: canonicalShortSide,
    traceThreshold,
    likelyTraceThreshold,
    bands: verdict.bands,
  };
}
