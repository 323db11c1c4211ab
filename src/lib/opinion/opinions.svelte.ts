import { OpinionError, toOpinionErrorData, type OpinionErrorData } from '../../../workers/opinion/errors';
import type { ModelFiles } from '../../../workers/opinion/protocol';
import {
  listModels,
  openModel,
  removeModel,
  type ModelSource,
  type StoredModel,
  type StoredModelListing,
} from '../../../workers/opinion/store';
import type { Report, SecondOpinion } from '../../../workers/report';
import { fetchRuntime } from '../model-assets';
import type { AnswerContext, ParsedAnswer } from './answers';
import { chooseVariant, probeDevice, type DeviceReport, type Fitness } from './device';
import { DownloadClient } from './download-client';
import { entryOf, readEntry, sortFolder, variantIn } from './folder';
import { InferenceClient } from './inference-client';
import { planFrames, TIMES_MARK, wordQuestion, type Question } from './questions';
import { hostOf, makeRecord, type Answered } from './record';
import { ENTRY_FILE, MODELS, parseEntry, type ModelEntry, type ModelVariant } from './registry';

/** Worker threads beyond this bring nothing: memory is the bottleneck. */
const MAX_THREADS = 8;

/** What of an analysis a question is about. */
export type Subject = { id: string; file: File; report?: Report | undefined };

/** An answer, with what the page needs beside what the report keeps. */
export type Opinion = {
  id: string;
  record: SecondOpinion;
  /** `unknown` where the answer comes with a report that does not tell. */
  question: Question | { kind: 'unknown' };
  /** Also of answers about a region, for which a report has no place. */
  parsed: ParsedAnswer | null;
  timesSeconds: number[];
  stopped: boolean;
};

/** What goes on at the moment. One thing at a time. */
export type Activity =
  | { kind: 'idle' }
  | { kind: 'listing' }
  | { kind: 'downloading' | 'checking'; path: string; bytesDone: number; bytesTotal: number | null }
  | { kind: 'loading'; checked: number | null }
  | {
      kind: 'answering';
      subjectId: string;
      question: Question;
      frames: number | null;
      promptTokens: number | null;
      text: string;
      tokens: number;
      /** `performance.now()` at the question. */
      since: number;
      stopping: boolean;
    };

/** Where the files of a model can come from on this visit. */
export type Availability =
  | { kind: 'absent' }
  | { kind: 'partial'; listing: StoredModelListing }
  | { kind: 'stored'; listing: StoredModelListing }
  | { kind: 'folder' };

/** Shows what a piece of work is at, as long as it lasts. */
type Show = (activity: Activity) => void;

type Folder = { files: ModelFiles; variant: ModelVariant };

/**
 * Second opinions of this visit: which models there are and can run, their downloads, the one that is loaded, and what
 * was answered. Nothing is fetched from another origin but by {@link download} and {@link addFromMirror}, which the
 * visitor's consent calls.
 */
export class OpinionManager {
  /** The registry's models and those that brought their own entry. */
  models = $state.raw<readonly ModelEntry[]>(MODELS);
  selectedId = $state(MODELS[0]?.id ?? '');
  device = $state.raw<DeviceReport>();
  stored = $state.raw<StoredModelListing[]>([]);
  activity = $state.raw<Activity>({ kind: 'idle' });
  error = $state.raw<OpinionErrorData>();
  /** Key of the model in memory. */
  loadedKey = $state<string>();
  /** Free and used bytes of the page's storage, where the browser tells. */
  space = $state.raw<{ usage: number; quota: number }>();

  selected = $derived(this.models.find(({ id }) => id === this.selectedId));
  /** The way the selected model would be run here. */
  choice = $derived.by((): { variant: ModelVariant; fitness: Fitness } | undefined => {
    const folder = this.#folders[this.selectedId];
    if (!this.selected || !this.device) {
      return undefined;
    }
    return chooseVariant(
      folder ? { ...this.selected, variants: [folder.variant] } : this.selected,
      this.device,
    );
  });
  availability = $derived.by((): Availability => {
    if (this.#folders[this.selectedId]) {
      return { kind: 'folder' };
    }
    const key = this.#key;
    const listing = this.stored.find(({ model }) => model.key === key);
    if (!listing) {
      return { kind: 'absent' };
    }
    return { kind: listing.model.complete ? 'stored' : 'partial', listing };
  });

  readonly #inference: InferenceClient;
  readonly #downloads: DownloadClient;
  #folders = $state.raw<Record<string, Folder>>({});
  #opinions = $state.raw<Record<string, Opinion[]>>({});
  #prepared: Promise<void> | undefined;
  #lastId = 0;

  /** Creates a manager; the clients are given by tests. */
  constructor(inference = new InferenceClient(), downloads = new DownloadClient()) {
    this.#inference = inference;
    this.#downloads = downloads;
  }

  /** What was answered about an analysis, oldest first. */
  of(subjectId: string): readonly Opinion[] {
    return this.#opinions[subjectId] ?? [];
  }

  /** Looks at the device and at what is stored, once. */
  prepare(): Promise<void> {
    this.#prepared ??= (async () => {
      this.device = await probeDevice();
      await this.refresh();
    })();
    return this.#prepared;
  }

  /** Looks again at what is stored. */
  async refresh(): Promise<void> {
    try {
      this.stored = await listModels();
      this.#adoptStored();
      const { usage, quota } = await navigator.storage.estimate();
      this.space = usage === undefined || quota === undefined ? undefined : { usage, quota };
    } catch {
      // Without storage nothing is stored; a download says so in words.
      this.stored = [];
    }
  }

  /** Models that came with their own entry are known by it on the next visit too. */
  #adoptStored(): void {
    for (const { model } of this.stored) {
      try {
        this.#adopt(parseEntry(model.entry, model.key));
      } catch {
        // An entry of an earlier version of the app; its files can still be removed.
      }
    }
  }

  #adopt(entry: ModelEntry): void {
    if (!this.models.some(({ id }) => id === entry.id)) {
      this.models = [...this.models, entry];
    }
  }

  get #key(): string {
    return `${this.selectedId}--${this.choice?.variant.id ?? ''}`;
  }

  /** Selects a model. */
  select(id: string): void {
    this.selectedId = id;
    this.error = undefined;
  }

  /**
   * Downloads the selected model or goes on with it. Called on consent only.
   *
   * @param source the hub, or the address of a mirror's folder.
   * @param agreedBytes what the visitor agreed to.
   */
  async download(source: ModelSource, agreedBytes: number): Promise<void> {
    const { selected, choice } = this;
    if (!selected || !choice) {
      return;
    }
    await this.#do(async (show) => {
      show({ kind: 'listing' });
      // Asked on a click, as browsers want it; refused, the browser may clear the model when the disk fills up.
      await navigator.storage.persist().catch(() => false);
      const { variant } = choice;
      const entry = $state.snapshot(selected);
      await this.#downloads.download(
        {
          key: this.#key,
          entry,
          variant: variant.id,
          dtype: variant.dtype,
          source,
          known: variant.files,
          agreedBytes,
        },
        (event) => {
          show(
            event.type === 'listing'
              ? { kind: 'listing' }
              : { ...event, kind: event.type === 'progress' ? 'downloading' : 'checking' },
          );
        },
      );
    });
    await this.refresh();
  }

  /** Goes on with the half-fetched download of the selected model, from where it came. */
  async resume(): Promise<void> {
    const { availability, choice } = this;
    if (availability.kind === 'partial' && choice) {
      const { source, files } = availability.listing.model;
      const agreed = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
      await this.download(source, Math.max(agreed, choice.variant.download.bytes));
    }
  }

  /** Breaks the download off; what is stored stays. */
  pause(): void {
    this.#downloads.pause();
  }

  /** Removes a stored model from this device. */
  async remove(model: StoredModel): Promise<void> {
    if (this.loadedKey === model.key) {
      this.unload();
    }
    await this.#do(() => removeModel(model.key));
    await this.refresh();
  }

  /** Takes a model from files that the visitor picked, for this visit. Nothing is copied. */
  async useFolder(picked: Iterable<File>): Promise<void> {
    await this.#do(async () => {
      const files = sortFolder(picked);
      const own = await entryOf(files);
      const model = own ?? this.selected;
      if (!model) {
        throw new OpinionError('internal', 'No model is selected.');
      }
      const variant = await variantIn(files, model.variants);
      if (own) {
        this.#adopt(own);
      }
      this.selectedId = model.id;
      this.#folders = { ...this.#folders, [model.id]: { files, variant } };
      if (this.loadedKey === this.#key) {
        // What is in memory came from elsewhere.
        this.unload();
      }
    });
  }

  /** Reads the registry entry of a mirror and selects its model. Called on consent only. */
  async addFromMirror(base: string): Promise<void> {
    await this.#do(async (show) => {
      show({ kind: 'listing' });
      const entry = readEntry(await this.#downloads.readText(`${base}${ENTRY_FILE}`));
      this.#adopt(entry);
      this.selectedId = entry.id;
    });
  }

  /** Asks the selected model about a clip or one of its traces, loading it where it is not. */
  async ask(subject: Subject, question: Question): Promise<void> {
    const { selected: model, choice } = this;
    const { report } = subject;
    if (!model || !choice || !report) {
      return;
    }
    await this.#do(async (show) => {
      await this.#load(choice.variant, show);
      await this.#answer(subject, report, model, choice.variant, question, show);
    });
  }

  /** Ends the answer under way; what was said so far is kept. */
  stop(): void {
    if (this.activity.kind === 'answering') {
      this.activity = { ...this.activity, stopping: true };
      this.#inference.stop();
    } else if (this.activity.kind === 'loading') {
      this.unload();
    }
  }

  /** Ends the loaded model's worker and gives its memory back. */
  unload(): void {
    this.#inference.unload();
    this.loadedKey = undefined;
  }

  /** Closes the message about what went wrong. */
  dismissError(): void {
    this.error = undefined;
  }

  async #load(variant: ModelVariant, show: Show): Promise<void> {
    const key = this.#key;
    if (this.loadedKey === key && this.#inference.active) {
      return;
    }
    this.loadedKey = undefined;
    show({ kind: 'loading', checked: null });
    const { files, hashes } = await this.#files();
    const runtime = await fetchRuntime();
    await this.#inference.load(
      {
        files,
        hashes,
        dtype: variant.dtype,
        device: variant.device,
        threads: Math.min(MAX_THREADS, navigator.hardwareConcurrency),
        ...runtime,
      },
      (event) => {
        const share = event.type === 'checking' ? event.bytesDone / Math.max(1, event.bytesTotal) : null;
        show({ kind: 'loading', checked: share });
      },
    );
    this.loadedKey = key;
  }

  async #files(): Promise<{ files: ModelFiles; hashes: Record<string, string> }> {
    const { availability } = this;
    const folder = this.#folders[this.selectedId];
    if (folder) {
      const known = folder.variant.files.flatMap(({ path, sha256 }) => (sha256 ? [[path, sha256]] : []));
      return { files: folder.files, hashes: Object.fromEntries(known) as Record<string, string> };
    }
    if (availability.kind !== 'stored') {
      throw new OpinionError('file-missing', 'The model is not on this device yet.');
    }
    return openModel(availability.listing.model);
  }

  async #answer(
    subject: Subject,
    report: Report,
    model: ModelEntry,
    variant: ModelVariant,
    question: Question,
    show: Show,
  ): Promise<void> {
    const { video } = report;
    const startSeconds = report.windows[0]?.startSeconds ?? 0;
    const clip = { startSeconds, endSeconds: startSeconds + video.durationSeconds };
    const frames = planFrames(model, video, clip, question);
    const context: AnswerContext = {
      boxes: model.answer.boxes,
      display: { width: video.width, height: video.height },
      input: { width: frames.width, height: frames.height },
      clip,
    };
    let activity: Extract<Activity, { kind: 'answering' }> = {
      kind: 'answering',
      subjectId: subject.id,
      question,
      frames: null,
      promptTokens: null,
      text: '',
      tokens: 0,
      since: performance.now(),
      stopping: false,
    };
    const tell = (changes: Partial<typeof activity>): void => {
      const stopping = this.activity.kind === 'answering' && this.activity.stopping;
      activity = { ...activity, ...changes, stopping };
      show(activity);
    };
    tell({});
    const text = wordQuestion(model, question, context);
    const partial = (): Answered => ({
      text: activity.text,
      question: text,
      tokens: activity.tokens,
      seconds: (performance.now() - activity.since) / 1000,
      timesSeconds: [],
      input: context.input,
      stopped: true,
    });
    const answer: Answered = await this.#inference
      .ask(
        {
          video: subject.file,
          frames,
          placeholders: model.frames.placeholders,
          style: model.prompt.style,
          processor: model.prompt.processor,
          processorOptions: model.prompt.processorOptions,
          text,
          timesMark: TIMES_MARK,
          maxTokens: model.answer.maxTokens,
        },
        (event) => {
          switch (event.type) {
            case 'frames':
              tell({ frames: event.timesSeconds.length });
              break;
            case 'thinking':
              tell({ promptTokens: event.promptTokens });
              break;
            case 'text':
              tell({ text: event.text, tokens: event.tokens });
              break;
          }
        },
      )
      .catch((error: unknown) => {
        if (!this.#inference.active) {
          this.loadedKey = undefined;
        }
        // Stopped the hard way: the worker is gone, what it said is not.
        if (error instanceof OpinionError && error.data.code === 'cancelled' && activity.text !== '') {
          return partial();
        }
        throw error;
      });
    this.#keep(subject, report, model, variant, question, answer, { ...context, input: answer.input });
  }

  #keep(
    subject: Subject,
    report: Report,
    model: ModelEntry,
    variant: ModelVariant,
    question: Question,
    answer: Answered,
    context: AnswerContext,
  ): void {
    const { record, parsed } = makeRecord(model, variant, this.#source(), question, answer, context);
    const opinion: Opinion = {
      id: `opinion-${++this.#lastId}`,
      record,
      question,
      parsed,
      timesSeconds: answer.timesSeconds,
      stopped: answer.stopped,
    };
    this.#opinions = { ...this.#opinions, [subject.id]: [...this.of(subject.id), opinion] };
    subject.report = { ...(subject.report ?? report), secondOpinions: [...report.secondOpinions, record] };
  }

  /** Where the model's files came from, for the record. */
  #source(): string {
    const { availability } = this;
    if (availability.kind === 'absent' || availability.kind === 'folder') {
      return 'a folder on this machine';
    }
    return hostOf(availability.listing.model.source);
  }

  async #do(work: (show: Show) => Promise<void>): Promise<void> {
    if (this.activity.kind !== 'idle') {
      return;
    }
    this.error = undefined;
    let over = false;
    try {
      await work((activity) => {
        // Workers tell of their progress through a port of its own, so the last of it may come after the result.
        if (!over) {
          this.activity = activity;
        }
      });
    } catch (error) {
      const data = toOpinionErrorData(error);
      this.error = data.code === 'cancelled' ? undefined : data;
    } finally {
      over = true;
      this.activity = { kind: 'idle' };
    }
  }
}

/** The one of the page: a download and a loaded model outlive the view of a clip. */
export const secondOpinions = new OpinionManager();
