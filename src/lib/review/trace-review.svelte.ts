import type { Report, Trace } from '../../../workers/report';
import {
  emptyReview,
  makeMark,
  matchMarks,
  reviewKeyOf,
  timestamp,
  type AddedTrace,
  type Decision,
  type HumanTrace,
  type Mark,
  type MatchedMarks,
  type Review,
} from './review';
import { TraceDraft, type DraftClip, type DraftTarget } from './draft.svelte';
import { loadReview, saveReview } from './store';

/** Where reviews are kept. */
export type ReviewStore = { load: typeof loadReview; save: typeof saveReview };

/**
 * What a person says of one report while the page is open, stored in the browser after every change. The report itself
 * is only ever read.
 */
export class TraceReview {
  readonly report: Report;
  /** Resolves when what was stored earlier has been read. */
  readonly ready: Promise<void>;

  review: Review;
  /** Whether what was stored earlier has been read; nothing can be said before. */
  loaded = $state(false);
  /** Why the review cannot be stored or read, in a sentence; it goes on in memory. */
  problem = $state<string>();
  /** The trace being written down, if any. */
  draft = $state.raw<TraceDraft>();
  /** Number of changes that can be taken back, and taken back again. */
  undoable = $state(0);
  redoable = $state(0);

  matched: MatchedMarks = $derived.by(() => matchMarks(this.review, this.report.traces));

  readonly #store: ReviewStore;
  readonly #now: () => string;
  #past: Review[] = [];
  #future: Review[] = [];
  #saving: Promise<void> = Promise.resolve();

  /** Opens the review of a report; store and clock are given by tests. */
  constructor(
    report: Report,
    store: ReviewStore = { load: loadReview, save: saveReview },
    now: () => string = timestamp,
  ) {
    this.report = report;
    this.#store = store;
    this.#now = now;
    this.review = $state.raw(emptyReview(reviewKeyOf(report), now()));
    this.ready = this.#load();
  }

  /** Resolves when all changes so far have been stored, or could not be. */
  get saved(): Promise<void> {
    return this.#saving;
  }

  /** What was said of a trace of the model, if anything. */
  markOf(trace: Trace): Mark | undefined {
    return this.matched.byTraceId.get(trace.id);
  }

  /** Confirms or rejects a trace of the model; the same decision again takes it back. */
  decide(trace: Trace, decision: Exclude<Decision, 'corrected'>): void {
    const earlier = this.markOf(trace);
    if (earlier?.decision === decision) {
      this.#replaceMark(earlier, undefined);
    } else {
      this.#replaceMark(earlier, makeMark(trace, decision, this.#now(), { words: earlier?.words ?? '' }));
    }
  }

  /** Says what a trace of the model should have been. */
  correct(trace: Trace, correction: HumanTrace): void {
    const { words } = correction;
    this.#replaceMark(
      this.markOf(trace),
      makeMark(trace, 'corrected', this.#now(), { correction: $state.snapshot(correction), words }),
    );
  }

  /** Starts to write a trace down; an unfinished draft is dropped. */
  start(target: DraftTarget, clip: DraftClip, timeSeconds: number): void {
    const earlier = target.kind === 'correct' ? this.markOf(target.trace)?.correction : undefined;
    const draft = new TraceDraft(target, clip, timeSeconds);
    if (earlier) {
      draft.resume(earlier);
    }
    this.draft = draft;
  }

  /** Keeps what has been written down, unless something is wrong with it. Returns whether it was kept. */
  finish(): boolean {
    const { draft } = this;
    if (!draft || draft.problems.length > 0) {
      return false;
    }
    const { target, trace } = draft;
    if (target.kind === 'correct') {
      this.correct(target.trace, trace);
    } else if (target.kind === 'change') {
      this.change(target.added.id, trace);
    } else {
      this.add(trace);
    }
    this.draft = undefined;
    return true;
  }

  /** Takes back what was said of a trace of the model. */
  clear(mark: Mark): void {
    this.#replaceMark(mark, undefined);
  }

  /** Adds a trace that the model did not find; returns its id. */
  add(trace: HumanTrace): string {
    const number =
      this.review.added.reduce((last, { id }) => Math.max(last, Number(id.split('-')[1])), 0) + 1;
    const added = { id: `human-${number}`, trace: $state.snapshot(trace), addedAt: this.#now() };
    this.#change({ added: [...this.review.added, added] });
    return added.id;
  }

  /** Changes a trace that was added. */
  change(id: string, trace: HumanTrace): void {
    const changed = $state.snapshot(trace);
    this.#change({
      added: this.review.added.map((added) => (added.id === id ? { ...added, trace: changed } : added)),
    });
  }

  /** Removes a trace that was added. */
  remove({ id }: AddedTrace): void {
    this.#change({ added: this.review.added.filter((added) => added.id !== id) });
  }

  /** Names the person who reviews; an empty name leaves them unnamed. */
  setReviewer(name: string): void {
    const { reviewer: _earlier, ...rest } = this.review;
    const trimmed = name.trim();
    this.#put({ ...rest, ...(trimmed !== '' && { reviewer: trimmed }), changedAt: this.#now() });
  }

  /** Takes the latest change back. */
  undo(): void {
    this.#move(this.#past, this.#future);
  }

  /** Makes the change again that was taken back. */
  redo(): void {
    this.#move(this.#future, this.#past);
  }

  #replaceMark(earlier: Mark | undefined, mark: Mark | undefined): void {
    const others = this.review.marks.filter((other) => other !== earlier);
    this.#change({ marks: mark ? [...others, mark] : others });
  }

  #change(part: Partial<Pick<Review, 'marks' | 'added'>>): void {
    this.#past.push(this.review);
    this.#future = [];
    this.#put({ ...this.review, ...part, changedAt: this.#now() });
  }

  #move(from: Review[], to: Review[]): void {
    const target = from.pop();
    if (target) {
      to.push(this.review);
      this.#put({ ...target, changedAt: this.#now() });
    }
  }

  #put(review: Review): void {
    this.review = review;
    this.undoable = this.#past.length;
    this.redoable = this.#future.length;
    // One after the other: of two writes that overtake each other the older one would stay.
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#store.save(review);
        this.problem = undefined;
      } catch (error) {
        this.problem = `The review cannot be stored in this browser (${reasonOf(error)}). It stays until this page is closed: export it.`;
      }
    });
  }

  async #load(): Promise<void> {
    try {
      const stored = await this.#store.load(reviewKeyOf(this.report));
      if (stored) {
        this.review = stored;
      }
    } catch (error) {
      this.problem = `An earlier review could not be read (${reasonOf(error)}). What you say now replaces it.`;
    }
    this.loaded = true;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'no storage';
}

const open = new WeakMap<Report, TraceReview>();

/** The review of a report; one for the whole visit, with its changes that can be taken back. */
export function reviewOf(report: Report): TraceReview {
  const known = open.get(report) ?? new TraceReview(report);
  open.set(report, known);
  return known;
}
