import type { Box, Trace } from '../../../workers/report';
import { boxAt, type Size } from '../geometry';
import { boxOverlap } from '../scoring/geometry';

/** What the class marked: a place of the picture at a moment. */
export type ClassMark = {
  id: number;
  timeSeconds: number;
  /** In pixels of the displayed frame. */
  box: Box;
};

/** Where a lesson stands: everyone looks, the traces come one by one, and what it amounts to. */
export type LessonStep = { kind: 'look' } | { kind: 'trace'; trace: Trace } | { kind: 'end' };

/** A mark this long before the onset or after the offset still means the trace: hands are slower than eyes. */
const SLACK_SECONDS = 0.5;
/** Share of the smaller of two boxes that must lie in the other for them to mean the same place. */
const SAME_PLACE = 0.5;
/** Sides of a box that is placed from the keyboard, as a share of the frame, and how far a key moves it. */
const FIRST_SIDE = 0.3;
const STEP = 1 / 40;

/**
 * A clip shown to a class: what the model found is hidden until it is revealed, the strongest trace first. Lives as long
 * as the lesson; nothing of it is stored, and the report is only ever read.
 */
export class Lesson {
  /** Number of the step: 0 looks, then one for each trace, then the end. */
  step = $state(0);
  marks = $state.raw<readonly ClassMark[]>([]);
  /** The mark that is being placed from the keyboard, not kept yet. */
  draft = $state.raw<ClassMark>();

  readonly traces: readonly Trace[];
  current: LessonStep = $derived.by(() => {
    const trace = this.traces[this.step - 1];
    return this.step === 0 ? { kind: 'look' } : trace ? { kind: 'trace', trace } : { kind: 'end' };
  });
  /** Ids of the traces whose boxes may be seen. */
  revealed: readonly string[] = $derived.by(() => this.traces.slice(0, this.step).map(({ id }) => id));

  readonly #frame: Size;
  #lastId = 0;

  /** Prepares a lesson on the traces of a report; `frame` is the displayed frame in pixels. */
  constructor(traces: readonly Trace[], frame: Size) {
    this.traces = [...traces].sort((a, b) => b.score - a.score);
    this.#frame = frame;
  }

  /** Number of the last step. */
  get lastStep(): number {
    return this.traces.length + 1;
  }

  /** Goes on (1) or back (-1). */
  go(direction: 1 | -1): void {
    this.step = Math.min(Math.max(0, this.step + direction), this.lastStep);
    this.draft = undefined;
  }

  /** Keeps a mark. */
  mark(timeSeconds: number, box: Box): void {
    this.marks = [...this.marks, { id: ++this.#lastId, timeSeconds, box }];
  }

  /** Takes a mark away. */
  unmark({ id }: ClassMark): void {
    this.marks = this.marks.filter((mark) => mark.id !== id);
  }

  /** Begins to place a mark without a pointer, in the middle of the picture. */
  startDraft(timeSeconds: number): void {
    const { width, height } = this.#frame;
    const side = Math.min(width, height) * FIRST_SIDE;
    const [x, y] = [(width - side) / 2, (height - side) / 2];
    this.draft = { id: 0, timeSeconds, box: [x, y, x + side, y + side] };
  }

  /** Moves the mark that is being placed by steps, and makes it larger or smaller; it stays within the frame. */
  moveDraft(right: number, down: number, larger = 0): void {
    const { draft } = this;
    if (!draft) {
      return;
    }
    const { width, height } = this.#frame;
    const unit = Math.min(width, height) * STEP;
    const [x0, y0, x1, y1] = draft.box;
    const side = Math.min(Math.max(unit * 2, x1 - x0 + larger * unit * 2), width, height);
    const within = (value: number, most: number): number => Math.min(Math.max(0, value), most);
    const x = within((x0 + x1 - side) / 2 + right * unit, width - side);
    const y = within((y0 + y1 - side) / 2 + down * unit, height - side);
    this.draft = { ...draft, box: [x, y, x + side, y + side] };
  }

  /** Keeps the mark that is being placed. */
  keepDraft(): void {
    if (this.draft) {
      this.mark(this.draft.timeSeconds, this.draft.box);
      this.draft = undefined;
    }
  }

  /** The marks that mean a trace: about its time, and at its place then. */
  marksOf(trace: Trace): ClassMark[] {
    return this.marks.filter(
      ({ timeSeconds, box }) =>
        timeSeconds >= trace.startSeconds - SLACK_SECONDS &&
        timeSeconds <= trace.endSeconds + SLACK_SECONDS &&
        boxOverlap(box, boxAt(trace, timeSeconds)) >= SAME_PLACE,
    );
  }

  /** The marks that mean no trace of the model. */
  get otherMarks(): ClassMark[] {
    const meant = this.traces.flatMap((trace) => this.marksOf(trace));
    return this.marks.filter((mark) => !meant.includes(mark));
  }
}
