import type { Box, Category, Trace } from '../../../workers/report';
import { boxAt, type Size } from '../geometry';
import { clipBox } from '../scoring/geometry';
import { humanTraceOf, withBoxAt, type AddedTrace, type HumanTrace } from './review';

/** What a draft is going to be: a correction of a trace of the model, or a trace added by a person, new or not. */
export type DraftTarget =
  { kind: 'correct'; trace: Trace } | { kind: 'add' } | { kind: 'change'; added: AddedTrace };

/** Share of the frame that the box of a new trace takes in each direction until it is drawn. */
const FIRST_BOX = 0.5;
/** How long a new trace lasts until its times are set, in seconds. */
const FIRST_LENGTH = 1;
/** A drag shorter than this, in pixels of the frame, is a click and draws nothing. */
const MIN_SIDE = 2;

/** The clip a draft is about; times in seconds of the media timeline. */
export type DraftClip = { frame: Size; startSeconds: number; endSeconds: number; frameSeconds: number };

/** A trace that a person is writing down: form fields and drawing work on the same draft. */
export class TraceDraft {
  readonly target: DraftTarget;
  readonly clip: DraftClip;

  category = $state<Category>('object-distortion');
  startSeconds = $state<number | null>(0);
  endSeconds = $state<number | null>(0);
  words = $state('');
  /** Boxes by time, ascending. */
  track = $state.raw<HumanTrace['track']>([]);
  /** The box the number fields are about. */
  chosen = $state(0);
  /** A correction keeps the model's boxes until one is set. */
  keepsBoxes = $state(false);
  /** The next drag on the picture draws a box. */
  drawing = $state(false);

  box = $derived(this.track[this.chosen]?.box);

  /** What is wrong with the fields, in sentences; nothing when the draft can be kept. */
  problems: string[] = $derived.by(() => this.#check());

  /** Starts a draft; a new trace begins at `timeSeconds`, with a box in the middle of the picture. */
  constructor(target: DraftTarget, clip: DraftClip, timeSeconds: number) {
    this.target = target;
    this.clip = clip;
    this.#fill(startingPoint(target, clip, timeSeconds));
    this.keepsBoxes = target.kind === 'correct';
    this.drawing = target.kind === 'add';
  }

  /** Goes on from an earlier correction of the same trace. */
  resume(earlier: HumanTrace): void {
    this.#fill(earlier);
    this.keepsBoxes = false;
  }

  /** The trace as it has been written down. Only to be asked for when there are no {@link problems}. */
  get trace(): HumanTrace {
    return {
      category: this.category,
      startSeconds: this.startSeconds ?? 0,
      endSeconds: this.endSeconds ?? 0,
      track: this.track,
      words: this.words.trim(),
    };
  }

  /** Lets the person set boxes of their own, beginning with the model's box at a time. */
  replaceBoxes(timeSeconds: number): void {
    if (this.target.kind === 'correct' && this.keepsBoxes) {
      this.keepsBoxes = false;
      this.track = [{ timeSeconds, box: boxAt(this.target.trace, timeSeconds) }];
      this.chosen = 0;
    }
  }

  /** Sets the box at a time, cut to the frame. Returns whether it was large enough to be meant. */
  setBox(timeSeconds: number, box: Box): boolean {
    const clipped = clipBox(box, this.clip.frame);
    if (!clipped || clipped[2] - clipped[0] < MIN_SIDE || clipped[3] - clipped[1] < MIN_SIDE) {
      return false;
    }
    const first = this.keepsBoxes || (this.target.kind === 'add' && this.drawing && this.track.length === 1);
    this.keepsBoxes = false;
    this.track = withBoxAt(first ? [] : this.track, timeSeconds, clipped, this.clip.frameSeconds);
    this.chosen = this.track.findIndex((point) => point.timeSeconds === timeSeconds);
    return true;
  }

  /** Changes one number of the chosen box: `left`, `top`, `width` or `height`, in pixels of the frame. */
  setSide(side: 'left' | 'top' | 'width' | 'height', value: number): void {
    const point = this.track[this.chosen];
    if (!point || !Number.isFinite(value)) {
      return;
    }
    let [x0, y0, x1, y1] = point.box;
    const [width, height] = [x1 - x0, y1 - y0];
    if (side === 'left') {
      [x0, x1] = [value, value + width];
    } else if (side === 'top') {
      [y0, y1] = [value, value + height];
    } else if (side === 'width') {
      x1 = x0 + value;
    } else {
      y1 = y0 + value;
    }
    this.keepsBoxes = false;
    this.track = this.track.map((other, index) =>
      index === this.chosen ? { timeSeconds: point.timeSeconds, box: [x0, y0, x1, y1] } : other,
    );
  }

  /** Removes the chosen box, unless it is the only one. */
  removeBox(): void {
    if (this.track.length > 1) {
      this.track = this.track.filter((_, index) => index !== this.chosen);
      this.chosen = Math.max(0, this.chosen - 1);
    }
  }

  #fill(trace: HumanTrace): void {
    this.category = trace.category;
    // Fields show hundredths; what they do not show must not be kept.
    this.startSeconds = Math.round(trace.startSeconds * 100) / 100;
    this.endSeconds = Math.round(trace.endSeconds * 100) / 100;
    this.words = trace.words;
    this.track = trace.track;
  }

  #check(): string[] {
    const problems: string[] = [];
    const { startSeconds: from, endSeconds: to } = this;
    const { frame, startSeconds, endSeconds } = this.clip;
    if (from === null || to === null) {
      problems.push('Onset and offset are both needed, in seconds.');
    } else if (from > to) {
      problems.push('The offset lies before the onset.');
    } else if (from < startSeconds - 0.01 || to > endSeconds + 0.01) {
      problems.push(
        `The clip runs from ${startSeconds.toFixed(2)} to ${endSeconds.toFixed(2)} seconds; the trace must lie within it.`,
      );
    }
    const outside = this.track.some(
      ({ box: [x0, y0, x1, y1] }) =>
        x0 < -0.5 || y0 < -0.5 || x1 > frame.width + 0.5 || y1 > frame.height + 0.5,
    );
    const empty = this.track.some(({ box: [x0, y0, x1, y1] }) => x1 - x0 < 1 || y1 - y0 < 1);
    if (empty) {
      problems.push('A box needs a width and a height of at least one pixel.');
    } else if (outside && !this.keepsBoxes) {
      problems.push(`A box reaches beyond the picture, which has ${frame.width} × ${frame.height} pixels.`);
    }
    return problems;
  }
}

function startingPoint(target: DraftTarget, clip: DraftClip, timeSeconds: number): HumanTrace {
  switch (target.kind) {
    case 'correct':
      return humanTraceOf(target.trace);
    case 'change':
      return target.added.trace;
    case 'add': {
      const { width, height } = clip.frame;
      const margin = (1 - FIRST_BOX) / 2;
      const startSeconds = Math.min(Math.max(timeSeconds, clip.startSeconds), clip.endSeconds);
      return {
        category: 'object-distortion',
        startSeconds,
        endSeconds: Math.min(startSeconds + FIRST_LENGTH, clip.endSeconds),
        track: [
          {
            timeSeconds: startSeconds,
            box: [
              Math.round(width * margin),
              Math.round(height * margin),
              Math.round(width * (1 - margin)),
              Math.round(height * (1 - margin)),
            ],
          },
        ],
        words: '',
      };
    }
  }
}
