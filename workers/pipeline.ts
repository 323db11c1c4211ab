import type { Manifest } from './model/manifest';
import type { TraceNet } from './model/session';
import type { AnalysisEvent } from './protocol';
import { version as appVersion } from '../package.json';
import { describeBrowser } from './browser';
import type { Report, Settings, Trace } from './report';
import { fileSha256 } from './sha256';
import { windowInterval } from './spread';
import { Stopwatch } from './stopwatch';
import { TraceCollector } from './traces/collector';
import { TraceContext } from './traces/explain-context';
import { heatOf } from './traces/heat';
import { conclude, fakeProbability, VerdictEvidence, type VerdictFeatures } from './verdict';
import { blockiness } from './video/blockiness';
import { CutDetector } from './video/cuts';
import { FrameSource } from './video/frame-source';
import { letterbox, letterboxOf, toCanonical, windowTensors, type PreparedSample } from './video/preprocess';
import { QualityMeter, reasonsToAbstain, type Quality } from './video/quality';
import { sampleGrid, WindowAssembler, windowCount, type Window } from './video/sampling';

/** A prepared sample with what was measured before it was scaled. */
type MeasuredSample = PreparedSample & { blockiness: number };

type Stopwatches = Stopwatch<'hash' | 'decode' | 'preprocess' | 'inference'>;

/**
 * Takes one video from the file to the report: open, sample, prepare, judge window by window, link traces, conclude.
 * Memory does not grow with the file: frames are decoded as they are needed and one window of them is kept.
 *
 * @throws {TellscopeError} with the code of what is wrong with the file or the machine.
 */
export async function analyse(
  file: File,
  model: TraceNet,
  onEvent: (event: AnalysisEvent) => void,
): Promise<Report> {
  const watch: Stopwatches = new Stopwatch();
  const analysedAt = new Date().toISOString();
  onEvent({ type: 'stage', stage: 'opening' });
  const source = await FrameSource.open(file);
  try {
    onEvent({ type: 'video', video: source.info });
    const hash = watch.time('hash', () => fileSha256(file));
    // A failure before the hash is awaited must not surface twice.
    hash.catch(() => {});
    onEvent({ type: 'stage', stage: 'analysing' });
    const judged = await judge(source, model, watch, onEvent);
    onEvent({ type: 'stage', stage: 'concluding' });
    return buildReport(file, await hash, analysedAt, source, model, judged, watch);
  } finally {
    source.dispose();
  }
}

type Judged = {
  features: VerdictFeatures;
  windows: Report['windows'];
  traces: Trace[];
  cuts: number[];
  quality: QualityMeter;
};

async function judge(
  source: FrameSource,
  model: TraceNet,
  watch: Stopwatches,
  onEvent: (event: AnalysisEvent) => void,
): Promise<Judged> {
  const { manifest } = model;
  const { framesPerSecond, windowFrames, hopFrames } = manifest.sampling;
  const clipEnd = source.timestamps[0]! + source.info.durationSeconds;
  const grid = sampleGrid(source.timestamps, framesPerSecond);
  const assembler = new WindowAssembler<MeasuredSample>(windowFrames, hopFrames);
  const cutDetector = new CutDetector();
  const evidence = new VerdictEvidence();
  const windows: Report['windows'] = [];
  const cuts: number[] = [];
  const quality = new QualityMeter();
  const context = model.explainer && contextOf(manifest, model.explainer.spec.cells);
  let collector: TraceCollector | undefined;
  const expected = windowCount(grid.length, windowFrames, hopFrames);
  const seconds = (sample: number): number => grid[sample]?.timeSeconds ?? clipEnd;

  const judgeWindow = async (window: Window<MeasuredSample> | undefined): Promise<void> => {
    if (!window) {
      return;
    }
    const { canonical } = window.samples[0]!;
    const tensors = await watch.time('preprocess', () => windowTensors(window.samples, manifest.sessions));
    const outputs = await watch.time('inference', () => model.run(tensors));
    evidence.push(outputs.verdictLogit, outputs.forensicLogits);
    const size = manifest.sessions.trace.input.shape[2];
    const place = letterboxOf(canonical.width, canonical.height, size);
    const times = window.samples.slice(0, window.valid).map((sample) => sample.timeSeconds);
    collector ??= new TraceCollector(manifest, {
      width: source.info.width,
      height: source.info.height,
      place,
      clip: { startSeconds: source.timestamps[0]!, endSeconds: clipEnd },
    });
    collector.push(outputs.trace, window.start, times);
    if (outputs.trace.context) {
      context?.push(outputs.trace.context, times, windowFrames);
    }
    const startSeconds = seconds(window.start);
    const endSeconds = seconds(window.start + window.valid);
    const alone = new VerdictEvidence();
    alone.push(outputs.verdictLogit, outputs.forensicLogits);
    const score = collector.bestScore({ startSeconds, endSeconds });
    const probability = fakeProbability(alone.features(score), manifest.verdict);
    const interval = windowInterval(outputs.verdictLogit, outputs.forensicLogits, score, manifest.verdict);
    const { brightness, detail } = windowQuality(window, source.info);
    windows.push({
      startSeconds,
      endSeconds,
      fakeProbability: probability,
      ...(interval && { interval }),
      quality: { brightness, detail, blockiness: meanBlockiness(window) },
    });
    const soFar = windows.reduce((sum, judged) => sum + judged.fakeProbability, 0);
    const traces = collector.traces(soFar / windows.length);
    const heat = heatOf(outputs.trace, times, place, manifest.sessions.trace.stride);
    onEvent({ type: 'window', startSeconds, endSeconds, fakeProbability: probability, traces, heat });
    onEvent({
      type: 'progress',
      windowsDone: windows.length,
      windowsExpected: Math.max(expected, windows.length),
      judgedSeconds: endSeconds,
    });
  };

  onEvent({ type: 'progress', windowsDone: 0, windowsExpected: expected, judgedSeconds: 0 });
  // The newest sample waits until it is known whether a cut lies before it.
  let waiting: MeasuredSample | undefined;
  for await (const sample of preparedSamples(source, grid, manifest, watch)) {
    const cut = await watch.time('preprocess', () => {
      quality.push(sample.canonical);
      return cutDetector.push(sample.canonical);
    });
    if (waiting) {
      if (cut) {
        await judgeWindow(assembler.endSegment());
        collector?.endSegment(waiting.timeSeconds);
        cuts.push(waiting.timeSeconds);
      }
      await judgeWindow(assembler.push(waiting));
    }
    waiting = sample;
  }
  if (waiting) {
    await judgeWindow(assembler.push(waiting));
  }
  await judgeWindow(assembler.endSegment());
  collector?.endSegment(clipEnd);
  const features = evidence.features(collector?.bestScore() ?? 0);
  const likely = fakeProbability(features, manifest.verdict);
  const { explainer } = model;
  const traces =
    explainer && context
      ? await watch.time('inference', async () => collector?.explainedTraces(likely, explainer, context))
      : collector?.traces(likely);
  return { features, windows, traces: traces ?? [], cuts, quality };
}

function contextOf({ sampling, sessions }: Manifest, cells: number): TraceContext {
  const { outputs, input } = sessions.trace;
  const channels = outputs['context']?.[1] ?? 0;
  const grid = { inputSize: input.shape[2], cells, channels, samplesPerSecond: sampling.framesPerSecond };
  return new TraceContext(grid);
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
  let canonical: PreparedSample['canonical'] | undefined;
  let letterboxed: PreparedSample['letterboxed'] | undefined;
  let blocks = 1;
  try {
    for (const { timeSeconds, frame } of grid) {
      if (source.timestamps[frame] !== source.timestamps[shown]) {
        const decoded = await watch.time('decode', () => frames.next());
        if (decoded.done) {
          return;
        }
        [canonical, letterboxed, blocks] = await watch.time('preprocess', () => {
          const small = toCanonical(decoded.value, manifest.canonicalShortSide);
          return [small, letterbox(small, shape[2], fill), blockiness(decoded.value)] as const;
        });
        shown = frame;
      }
      if (canonical && letterboxed) {
        yield { timeSeconds, canonical, letterboxed, blockiness: blocks };
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
  { samples, valid }: Window<PreparedSample>,
  { width, height }: FrameSource['info'],
): Quality {
  const meter = new QualityMeter();
  for (const { canonical } of samples.slice(0, valid)) {
    meter.push(canonical);
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
  const abstentions = reasonsToAbstain(judged.quality.summary(Math.min(info.width, info.height)));
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
      judged.features,
      judged.windows.map((window) => window.fakeProbability),
      judged.traces.map((trace) => trace.score),
      abstentions,
      model.manifest.verdict,
    ),
    traces: judged.traces,
    cuts: judged.cuts,
    windows: judged.windows,
    timing: {
      hashSeconds: watch.seconds('hash'),
      decodeSeconds: watch.seconds('decode'),
      preprocessSeconds: watch.seconds('preprocess'),
      inferenceSeconds: watch.seconds('inference'),
      totalSeconds: watch.elapsedSeconds(),
    },
    warnings: [...source.warnings, ...notes],
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
