import { toErrorData, type ErrorCode, type ErrorData } from '../../../workers/errors';
import type { Detector } from '../analyses.svelte';
import type { Import } from '../imports/read-import';
import { filtered, lookup, unique, withEntry } from './lookup';
import { matchFiles } from './match-files';
import { toPredictionLine, type PredictionLine } from './prediction-line';
import { markKey, readPredictions, type Mark, type Prediction } from './predictions';
import type { Problem } from './problems';
import { noAnswer } from './report-lines';
import type { RewardVideo } from './reward-data';
import type { ScoreCard } from './score';
import type { ScoredResult, ScoreStore, StoredMark } from './score-store';

/** The installed model: its name, and the probability from which it gives its band of substantial evidence. */
export type InstalledModel = { name: string; threshold: number };

/** What scoring needs; tests give their own. */
export type ScoringParts = {
  detector: Detector;
  store: ScoreStore;
  score: (
    videos: readonly RewardVideo[],
    predictions: ReadonlyMap<string, Prediction>,
    marks: ReadonlyMap<string, Mark>,
  ) => Promise<ScoreCard>;
  model: () => Promise<InstalledModel>;
};

/** Whether videos are being analysed; `pausing` ends with the video that is running. */
export type RunState = 'idle' | 'running' | 'pausing';

/** Faults of the machine or the installation: the next video would fail as well. */
const FATAL: ReadonlySet<ErrorCode> = new Set([
  'webcodecs-missing',
  'model-unavailable',
  'model-altered',
  'model-mismatch',
  'backend-unavailable',
  'cancelled',
]);

/**
 * Scores a detector on a data set in the layout of RewardData: either answers that were loaded from a file, or the
 * app's own, for which it analyses the videos one by one. What has been analysed and marked is stored in the browser
 * at once, so that a run can go on after days; the score is worked out anew after every change.
 */
export class Scoring {
  /** The data set and the rows of it that had to be left out. */
  data = $state.raw<{ name: string; videos: RewardVideo[]; problems: Problem[] }>();
  split = $state('test');
  /** Answers from a file; without them the app's own are scored. */
  answers = $state.raw<{ name: string; byVideo: ReadonlyMap<string, Prediction> }>();
  model = $state.raw<InstalledModel>();
  /** Probability from which the app's own verdict counts as FAKE. */
  threshold = $state(0.5);

  files = $state.raw<ReadonlyMap<string, File>>(lookup());
  results = $state.raw<ReadonlyMap<string, ScoredResult>>(lookup());
  runState = $state<RunState>('idle');
  /** The video that is being analysed, and how much of it is done, 0..1. */
  current = $state.raw<{ videoId: string; share: number }>();
  /** Estimate of the time left, in seconds. */
  secondsLeft = $state<number>();

  card = $state.raw<ScoreCard>();
  /** Whether the card is being worked out anew: what is shown may miss the latest answer. */
  scoring = $state(false);
  /** What went wrong with the run, the storage or the scoring, in sentences. */
  problem = $state<string>();

  splits = $derived.by(() => {
    const all = this.data?.videos ?? [];
    return unique(all.map(({ split }) => split)).map((name) => ({
      name,
      videos: all.filter(({ split }) => split === name).length,
    }));
  });
  videos = $derived((this.data?.videos ?? []).filter((video) => video.split === this.split));
  /** Videos of the split whose file is at hand, and those that have been analysed. */
  available = $derived(this.videos.filter(({ videoId }) => this.files.has(videoId)).length);
  done = $derived(this.videos.filter(({ videoId }) => this.results.has(videoId)).length);
  failed = $derived(
    this.videos.filter(({ videoId }) => {
      const outcome = this.results.get(videoId)?.outcome;
      return outcome !== undefined && 'error' in outcome;
    }),
  );
  predictions: ReadonlyMap<string, Prediction> = $derived.by(
    () => this.answers?.byVideo ?? readPredictions(this.predictionText()).byVideo,
  );
  /** Names of the models that answered. */
  modelName = $derived.by(() => {
    const names = unique([...this.predictions.values()].flatMap(({ modelId }) => modelId ?? []));
    return names.join(', ') || (this.answers ? 'predictions' : (this.model?.name ?? ''));
  });
  /** The judge's marks that hold for the explanations at hand. */
  marks: ReadonlyMap<string, Mark> = $derived.by(() => {
    const valid = this.#marks.filter(
      ({ modelId, videoId, trace, predicted, written }) =>
        modelId === this.modelName &&
        this.predictions.get(videoId)?.explanation === predicted &&
        this.#written(videoId, trace) === written,
    );
    return lookup(valid.map(({ videoId, trace, mark }) => [markKey(videoId, trace), mark]));
  });

  #marks = $state.raw<readonly StoredMark[]>([]);
  #byId = $derived(lookup((this.data?.videos ?? []).map((video) => [video.videoId, video] as const)));

  readonly #parts: ScoringParts;
  readonly #now: () => number;
  #chosen: File[] = [];
  #scoreAgain = false;
  #ready: Promise<void> | undefined;

  /** Nothing is read or fetched before something is opened. */
  constructor(parts: ScoringParts, now: () => number = () => performance.now()) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Takes a data set, predictions or marks that were read from a file. */
  async open(found: Exclude<Import, { kind: 'reports' }>, name: string): Promise<void> {
    await this.#prepare();
    switch (found.kind) {
      case 'reward-data': {
        const { videos, problems } = found.data;
        this.data = { name, videos, problems };
        const splits = this.splits.map((split) => split.name);
        this.split = splits.includes('test') ? 'test' : (splits[0] ?? 'test');
        this.#match();
        break;
      }
      case 'predictions':
        this.answers = { name, byVideo: found.predictions.byVideo };
        break;
      case 'marks':
        if (!this.data || this.predictions.size === 0) {
          this.problem =
            'Marks belong to explanations: open the data set and the predictions first, then the marks.';
          break;
        }
        await Promise.all(
          [...found.marks.byTrace].map(([key, mark]) => {
            const [trace = '', ...id] = key.split(' ');
            return this.mark(id.join(' '), Number(trace), mark);
          }),
        );
        break;
    }
    this.refresh();
  }

  /** Takes video files, of a folder or chosen one by one; those of no video of the data set are kept for another one. */
  takeVideos(files: readonly File[]): void {
    this.#chosen = [...this.#chosen, ...files];
    this.#match();
    this.refresh();
  }

  /** Scores another split. */
  choose(split: string): void {
    this.split = split;
    this.refresh();
  }

  /** Puts the answers from the file away and scores the app's own. */
  dropAnswers(): void {
    this.answers = undefined;
    this.refresh();
  }

  /** Sets the probability from which the app's own verdict counts as FAKE. */
  setThreshold(threshold: number): void {
    this.threshold = threshold;
    this.refresh();
  }

  /** Analyses the videos of the split that have no result yet, one after the other. */
  async start({ failedAgain = false } = {}): Promise<void> {
    if (this.runState !== 'idle') {
      return;
    }
    await this.#prepare();
    this.problem = undefined;
    this.runState = 'running';
    const again = failedAgain ? this.failed : [];
    const waiting = this.videos.filter(
      (video) => this.files.has(video.videoId) && (again.includes(video) || !this.results.has(video.videoId)),
    );
    const since = this.#now();
    for (const [index, video] of waiting.entries()) {
      const stop = await this.#analyse(video);
      if (index > 0) {
        const perVideo = (this.#now() - since) / 1000 / (index + 1);
        this.secondsLeft = perVideo * (waiting.length - index - 1);
      }
      if (stop || this.#isPausing()) {
        break;
      }
    }
    this.current = undefined;
    this.secondsLeft = undefined;
    this.runState = 'idle';
    this.refresh();
  }

  /** Ends the run with the video that is being analysed. */
  pause(): void {
    if (this.runState === 'running') {
      this.runState = 'pausing';
    }
  }

  /** Deletes all results and marks of this browser, of whatever model and data set. */
  async forget(): Promise<void> {
    this.results = lookup();
    this.#marks = [];
    this.refresh();
    await this.#keep(this.#parts.store.clear());
  }

  /** Sets a judge's mark on the explanation of a trace (from 1), or takes it back. */
  async mark(videoId: string, trace: number, mark: Mark | undefined): Promise<void> {
    const predicted = this.predictions.get(videoId)?.explanation ?? '';
    const of = { modelId: this.modelName, videoId, trace, predicted, written: this.#written(videoId, trace) };
    const others = this.#marks.filter(
      (other) => !(other.modelId === of.modelId && other.videoId === videoId && other.trace === trace),
    );
    this.#marks = mark === undefined ? others : [...others, { ...of, mark }];
    this.refresh();
    await this.#keep(
      mark === undefined ? this.#parts.store.removeMark(of) : this.#parts.store.saveMark({ ...of, mark }),
    );
  }

  /** The app's own answers as prediction JSON lines. */
  predictionText(): string {
    const lines = this.videos.flatMap(({ videoId }) => {
      const result = this.results.get(videoId);
      return result ? [this.#line(videoId, result)] : [];
    });
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }

  /** The judge's marks that hold, as JSON lines. */
  marksText(): string {
    const lines = this.videos.flatMap(({ videoId, traces }) =>
      traces.flatMap((_, index) => {
        const mark = this.marks.get(markKey(videoId, index + 1));
        return mark === undefined ? [] : [{ video_id: videoId, trace: index + 1, mark }];
      }),
    );
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }

  /** Works the score out anew; one at a time, and once more when something changed meanwhile. */
  refresh(): void {
    if (this.scoring) {
      this.#scoreAgain = true;
      return;
    }
    void this.#score();
  }

  async #score(): Promise<void> {
    this.scoring = true;
    do {
      this.#scoreAgain = false;
      const { videos, predictions, marks } = this;
      try {
        this.card =
          videos.length > 0 && predictions.size > 0
            ? await this.#parts.score(videos, predictions, marks)
            : undefined;
      } catch (error) {
        this.problem = toErrorData(error).message;
      }
    } while (this.#isStale());
    this.scoring = false;
  }

  #isStale(): boolean {
    return this.#scoreAgain;
  }

  #isPausing(): boolean {
    return this.runState === 'pausing';
  }

  #line(videoId: string, { model, outcome }: ScoredResult): PredictionLine {
    const line =
      'report' in outcome
        ? toPredictionLine(outcome.report, this.threshold)
        : { ...noAnswer(videoId, `${outcome.error.code}: ${outcome.error.message}`), model_id: model };
    return { ...line, video_id: videoId };
  }

  #written(videoId: string, trace: number): string {
    return this.#byId.get(videoId)?.traces[trace - 1]?.explanation ?? '';
  }

  /** Analyses one video and stores how it ended; returns whether the run has to end. */
  async #analyse({ videoId }: RewardVideo): Promise<boolean> {
    const file = this.files.get(videoId);
    if (!file) {
      return false;
    }
    this.current = { videoId, share: 0 };
    let outcome: ScoredResult['outcome'];
    try {
      const report = await this.#parts.detector.analyse(
        file,
        (event) => {
          if (event.type === 'progress' && event.windowsExpected > 0) {
            this.current = { videoId, share: Math.min(1, event.windowsDone / event.windowsExpected) };
          }
        },
        new AbortController().signal,
      );
      outcome = { report };
    } catch (thrown) {
      const error: ErrorData = toErrorData(thrown);
      if (FATAL.has(error.code)) {
        this.problem = error.message;
        return true;
      }
      outcome = { error };
    }
    const model = 'report' in outcome ? nameOf(outcome.report.model) : (this.model?.name ?? '');
    const result: ScoredResult = { model, videoId, bytes: file.size, outcome };
    this.results = withEntry(this.results, videoId, result);
    this.refresh();
    await this.#keep(this.#parts.store.saveResult(result));
    return false;
  }

  /** Reads the model's name and what earlier visits left. */
  #prepare(): Promise<void> {
    this.#ready ??= this.#load();
    return this.#ready;
  }

  async #load(): Promise<void> {
    try {
      this.model = await this.#parts.model();
      this.threshold = this.model.threshold;
    } catch (error) {
      // Answers from a file can be scored without a model; a run tells what is wrong with it.
      this.problem = toErrorData(error).message;
      this.#ready = undefined;
      return;
    }
    try {
      const [results, marks] = await Promise.all([
        this.#parts.store.loadResults(this.model.name),
        this.#parts.store.loadMarks(),
      ]);
      this.results = lookup(results.map((result) => [result.videoId, result] as const));
      this.#marks = marks;
    } catch {
      this.problem = 'What earlier visits left could not be read: this browser stores nothing for this page.';
    }
  }

  /** Puts the chosen files to the videos; a stored result of another file no longer holds. */
  #match(): void {
    this.files = matchFiles(this.data?.videos ?? [], this.#chosen);
    this.results = filtered(this.results, ({ videoId, bytes }) => {
      const file = this.files.get(videoId);
      return file === undefined || file.size === bytes;
    });
  }

  async #keep(saving: Promise<void>): Promise<void> {
    try {
      await saving;
    } catch {
      this.problem =
        'This browser cannot store what has been found (private window, or the disk is full): it is lost when this page is closed. Save the predictions as a file.';
    }
  }
}

/** A model's name as predictions carry it. */
function nameOf({ id, version }: { id: string; version: string }): string {
  return `${id} ${version}`;
}
