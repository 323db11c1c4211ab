import { toErrorData, type ErrorData } from '../../workers/errors';
import type { AnalysisEvent, LoadedModel, Stage } from '../../workers/protocol';
import type { Report, Trace, VideoInfo } from '../../workers/report';
import type { HeatWindow } from '../../workers/traces/heat';
import { formatCount, formatProbability } from './format';
import type { JobRecord, JobStore, UnfinishedJob } from './job-store';
import type { WindowProbability } from './timeline';
import { BAND_WORDS } from './verdict';

/** What the manager needs of the detector client. */
export type Detector = {
  prepare(): void;
  analyse(
    file: File,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
    record?: JobRecord,
  ): Promise<Report>;
};

/** Where an analysis stands. */
export type AnalysisStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** One dropped file and what is known about it so far. */
export class Analysis {
  readonly id: string;
  /** Empty, with its name only, where a report was opened and its video is not at hand. */
  file: File = $state.raw(new File([], ''));
  /** Object URL for the player until the analysis is removed; none for an empty file, which no player can ask for. */
  url = $state<string>();
  /** The report was opened from a file, not made here. */
  imported = $state(false);

  status = $state<AnalysisStatus>('queued');
  stage = $state<Stage>();
  windowsDone = $state(0);
  windowsExpected = $state(0);
  judgedSeconds = $state(0);
  /** Estimate; undefined until two windows are done. */
  secondsLeft = $state<number>();
  video = $state.raw<VideoInfo>();
  model = $state.raw<LoadedModel>();
  /** Partial while running, the report's own once it is there. */
  traces = $state.raw<Trace[]>([]);
  windows = $state.raw<WindowProbability[]>([]);
  /** The model's trace map of each window judged in this visit; too large for the report. */
  heat = $state.raw<HeatWindow[]>([]);
  report = $state.raw<Report>();
  error = $state.raw<ErrorData>();
  /** What went wrong on the way and was got over, in a sentence. */
  interruption = $state<string>();
  /** Why it would not outlive a closed page, in a sentence. */
  unrecorded = $state<string>();
  selectedTraceId = $state<string>();
  /** The report came with the app and was not made on this machine. */
  stored = $state(false);

  /** Share of the windows done, 0..1. */
  progress = $derived(
    this.windowsExpected > 0 ? Math.min(1, this.windowsDone / Math.max(1, this.windowsExpected)) : 0,
  );
  selectedTrace = $derived(this.traces.find((trace) => trace.id === this.selectedTraceId));

  #analysingSince: number | undefined;
  /** Windows that were taken over from an interrupted run, and took no time in this one. */
  #windowsRestored = 0;

  constructor(id: string, file: File) {
    this.id = id;
    this.attach(file);
  }

  /** Takes the video; of an opened report it must be the one that was judged. */
  attach(file: File): void {
    this.release();
    this.file = file;
    this.url = file.size > 0 ? URL.createObjectURL(file) : undefined;
  }

  /** Lets go of the memory that the player reads the video from. */
  release(): void {
    if (this.url) {
      URL.revokeObjectURL(this.url);
    }
  }

  /** Forgets everything found so far and queues the file again. */
  reset(): void {
    this.status = 'queued';
    this.stage = undefined;
    this.windowsDone = 0;
    this.windowsExpected = 0;
    this.judgedSeconds = 0;
    this.secondsLeft = undefined;
    this.traces = [];
    this.windows = [];
    this.heat = [];
    this.report = undefined;
    this.error = undefined;
    this.interruption = undefined;
    this.unrecorded = undefined;
    this.selectedTraceId = undefined;
    this.stored = false;
    this.#analysingSince = undefined;
    this.#windowsRestored = 0;
  }

  /** Takes in what the worker tells; `now` in milliseconds. */
  apply(event: AnalysisEvent, now: number): void {
    switch (event.type) {
      case 'stage':
        this.stage = event.stage;
        if (event.stage === 'analysing') {
          this.#analysingSince = now;
        }
        break;
      case 'video':
        this.video = event.video;
        break;
      case 'model':
        this.model = event.model;
        break;
      case 'progress':
        this.windowsDone = event.windowsDone;
        this.windowsExpected = event.windowsExpected;
        this.judgedSeconds = event.judgedSeconds;
        this.secondsLeft = this.#estimate(now);
        break;
      case 'window':
        this.windows = [
          ...this.windows,
          {
            startSeconds: event.startSeconds,
            endSeconds: event.endSeconds,
            fakeProbability: event.fakeProbability,
          },
        ];
        this.traces = event.traces ?? this.traces;
        this.heat = [...this.heat, event.heat];
        break;
      case 'interrupted':
        this.interruption = event.message;
        break;
      case 'restored':
        this.windows = event.windows;
        this.traces = event.traces;
        this.heat = event.heat;
        this.#windowsRestored = event.windows.length;
        if (this.#windowsRestored > 0) {
          this.interruption ??= `Taken up where it had been left: ${formatCount(this.#windowsRestored, 'window')} need not be judged again.`;
        }
        break;
    }
  }

  /** Takes in the finished report, which replaces all that was partial. */
  finish(report: Report): void {
    this.report = report;
    this.video = report.video;
    this.traces = report.traces;
    this.windows = report.windows;
    this.secondsLeft = undefined;
    this.status = 'done';
  }

  #estimate(now: number): number | undefined {
    const judged = this.windowsDone - this.#windowsRestored;
    if (this.#analysingSince === undefined || judged < 2) {
      return undefined;
    }
    const perWindow = (now - this.#analysingSince) / 1000 / judged;
    return perWindow * Math.max(0, this.windowsExpected - this.windowsDone);
  }
}

const STAGE_ANNOUNCEMENTS: Record<Stage, string> = {
  'loading-model': 'loading the model',
  opening: 'opening the file',
  analysing: 'analysing',
  concluding: 'drawing conclusions',
};

/**
 * The analyses of this visit. Files are judged one after the other; a file that fails or is cancelled leaves the
 * others standing.
 */
export class AnalysisManager {
  list = $state<Analysis[]>([]);
  selectedId = $state<string>();
  selected = $derived(this.list.find((analysis) => analysis.id === this.selectedId));
  /** Analyses that an earlier visit, or another tab, has left unfinished; latest first. */
  unfinished = $state.raw<UnfinishedJob[]>([]);
  /** The latest changes worth telling, for the page's live region. */
  announcements = $state.raw<{ id: number; text: string }[]>([]);

  readonly #client: Detector;
  readonly #now: () => number;
  readonly #jobs: JobStore | undefined;
  #running: { analysis: Analysis; controller: AbortController } | undefined;
  #announcedQuarter = 0;
  #lastId = 0;
  #lastAnnouncement = 0;

  /** Creates a manager; the clock is given by tests. Analyses are recorded in `jobs`, so that they outlive the page. */
  constructor(client: Detector, now: () => number = () => performance.now(), jobs?: JobStore) {
    this.#client = client;
    this.#now = now;
    this.#jobs = jobs;
  }

  /** What judges the files, for whatever else has files to be judged: its jobs run one after the other. */
  get detector(): Detector {
    return this.#client;
  }

  /** Loads the model ahead of the first file. */
  prepare(): void {
    this.#client.prepare();
  }

  /** Looks for analyses that were left unfinished. */
  async findUnfinished(): Promise<void> {
    this.unfinished = (await this.#jobs?.list()) ?? [];
  }

  /** Deletes what an earlier visit has left of an analysis. */
  async discardUnfinished(id: string): Promise<void> {
    await this.#jobs?.forget(id);
    await this.findUnfinished();
  }

  /** Queues files and shows the first of them, unless it has to wait: the clip on screen then stays. */
  add(files: Iterable<File>): Analysis[] {
    const idle = this.#running === undefined;
    const added = [...files].map((file) => new Analysis(`analysis-${++this.#lastId}`, file));
    this.list.push(...added);
    if (idle || !this.selected) {
      this.selectedId = added[0]?.id ?? this.selectedId;
    } else {
      this.#say(`${formatCount(added.length, 'clip')} added.`);
    }
    this.#next();
    return added;
  }

  /** Adds reports that were made earlier and shows the first of them. A video that is here already is put to its report. */
  addReports(reports: readonly Report[]): Analysis[] {
    const added = reports.map((report) => {
      const here = this.list.find(
        ({ url, report: own }) => url !== undefined && own?.file.sha256 === report.file.sha256,
      );
      const analysis = new Analysis(
        `analysis-${++this.#lastId}`,
        here?.file ?? new File([], report.file.name),
      );
      analysis.imported = true;
      analysis.finish(report);
      return analysis;
    });
    this.list.push(...added);
    this.selectedId = added[0]?.id ?? this.selectedId;
    this.#say(`${formatCount(added.length, 'report')} opened.`);
    return added;
  }

  /** Adds a clip with a report that came with the app, and shows it. */
  addStored(file: File, report: Report): Analysis {
    const analysis = new Analysis(`analysis-${++this.#lastId}`, file);
    analysis.stored = true;
    analysis.finish(report);
    this.list.push(analysis);
    this.selectedId = analysis.id;
    this.#announce(analysis, 'stored result opened');
    return analysis;
  }

  /** Judges a file that is not to stand on the list, after those that wait already. */
  judgeAside(file: File, onEvent: (event: AnalysisEvent) => void, signal: AbortSignal): Promise<Report> {
    return this.#client.analyse(file, onEvent, signal);
  }

  /** Shows an analysis. */
  select(id: string): void {
    this.selectedId = id;
  }

  /** Ends an analysis at once, whether it is queued or running. */
  cancel(id: string): void {
    const analysis = this.#find(id);
    if (analysis?.status !== 'queued' && analysis?.status !== 'running') {
      return;
    }
    analysis.status = 'cancelled';
    analysis.secondsLeft = undefined;
    this.#announce(analysis, 'cancelled');
    if (this.#running?.analysis === analysis) {
      this.#running.controller.abort();
    }
  }

  /** Judges a failed or cancelled file again, or one whose stored report is on show. */
  retry(id: string): void {
    const analysis = this.#find(id);
    if (!analysis || !(analysis.stored || ['failed', 'cancelled'].includes(analysis.status))) {
      return;
    }
    analysis.reset();
    this.#next();
  }

  /** Takes an analysis off the list, ending it where it runs, and shows its neighbour. */
  remove(id: string): void {
    const index = this.list.findIndex((analysis) => analysis.id === id);
    const analysis = this.list[index];
    if (!analysis) {
      return;
    }
    this.cancel(id);
    analysis.release();
    this.list.splice(index, 1);
    if (this.selectedId === id) {
      this.selectedId = (this.list[index] ?? this.list[index - 1])?.id;
    }
    this.#say(`${analysis.file.name} removed.`);
  }

  #find(id: string): Analysis | undefined {
    return this.list.find((analysis) => analysis.id === id);
  }

  #next(): void {
    if (this.#running) {
      return;
    }
    const analysis = this.list.find(({ status }) => status === 'queued');
    if (analysis) {
      void this.#run(analysis);
    }
  }

  async #run(analysis: Analysis): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#running = { analysis, controller };
    this.#announcedQuarter = 0;
    analysis.status = 'running';
    let record: JobRecord | undefined;
    try {
      record = this.#jobs && (await this.#record(this.#jobs, analysis));
      const report = await this.#client.analyse(
        analysis.file,
        (event) => {
          // A message may still be on its way when the job has been cancelled.
          if (!signal.aborted) {
            analysis.apply(event, this.#now());
            this.#announceProgress(analysis, event);
          }
        },
        signal,
        record,
      );
      void record?.forget();
      if (!signal.aborted) {
        analysis.finish(report);
        this.#announceVerdict(analysis, report);
      }
    } catch (error) {
      // What failed may be tried again and then goes on; what was cancelled is not wanted.
      void (signal.aborted ? record?.forget() : record?.release());
      if (!signal.aborted) {
        analysis.error = toErrorData(error);
        analysis.status = 'failed';
        this.#announce(analysis, `failed. ${analysis.error.message}`);
      }
    } finally {
      this.#running = undefined;
      this.#next();
    }
  }

  async #record(jobs: JobStore, analysis: Analysis): Promise<JobRecord> {
    const record = await jobs.record(analysis.file, (message) => {
      analysis.unrecorded = message;
    });
    if (record.found) {
      void this.findUnfinished();
    }
    return record;
  }

  #announce(analysis: Analysis, text: string): void {
    this.#say(`${analysis.file.name}: ${text}`);
  }

  /** Keeps a few: a verdict must not be lost to the next file's first message in the same moment. */
  #say(text: string): void {
    this.announcements = [...this.announcements.slice(-3), { id: ++this.#lastAnnouncement, text }];
  }

  /** Stages and quarters only: a live region that speaks at every window is noise. */
  #announceProgress(analysis: Analysis, event: AnalysisEvent): void {
    if (event.type === 'stage') {
      this.#announce(analysis, STAGE_ANNOUNCEMENTS[event.stage]);
    } else if (event.type === 'progress') {
      const quarter = Math.floor(analysis.progress * 4);
      if (quarter > this.#announcedQuarter && quarter < 4) {
        this.#announcedQuarter = quarter;
        this.#announce(analysis, `${quarter * 25} percent analysed`);
      }
    }
  }

  #announceVerdict(analysis: Analysis, report: Report): void {
    const { band, fakeProbability } = report.verdict;
    this.#announce(
      analysis,
      `${BAND_WORDS[band].title}. Probability of generation ${formatProbability(fakeProbability)}. ${formatCount(report.traces.length, 'trace')}.`,
    );
  }
}
