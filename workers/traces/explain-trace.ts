import type { Explainer } from '../model/explainer';
import type { Box } from '../report';
import type { Letterbox } from '../video/preprocess';
import { period, region } from './explain';
import { decodeGreedily, objectionTo, writeSentence, type MeasuredSlots } from './explain-check';
import type { TraceContext } from './explain-context';
import type { Subject } from './subject';
import type { Tube } from './tubes';

/** What the decoder is asked about one trace. */
export type Question = {
  tube: Tube;
  /** Index of the category the trace was given. */
  category: number;
  categories: number;
  /** The subject that stood out, if one did. */
  subject: Subject | undefined;
  /** Nouns of the coarse subjects. */
  subjects: readonly string[];
  place: Letterbox;
  clip: { startSeconds: number; endSeconds: number };
};

/**
 * Lets the decoder put one trace into words.
 *
 * @returns its sentence, or `undefined` where it contradicts a measured slot, is none, or is too unlikely.
 */
export async function tellTrace(
  explainer: Explainer,
  context: TraceContext,
  question: Question,
): Promise<string | undefined> {
  const { tube, category, subject, place, clip } = question;
  const measured: MeasuredSlots = {
    category,
    subject,
    startSeconds: tube.startSeconds,
    endSeconds: tube.endSeconds,
    clipSeconds: clip.endSeconds - clip.startSeconds,
  };
  const step = explainer.begin(context.pool(tube, place), slotVector(question));
  const { vocabulary, spec } = explainer;
  const sentence = await decodeGreedily(step, vocabulary, measured);
  if (objectionTo(sentence, vocabulary, measured, spec.bars)) {
    return undefined;
  }
  const when = period({ ...measured, clip });
  return writeSentence(sentence.tokens, vocabulary, measured, question.subjects, region(tube.box), when);
}

/** Category and subject one-hot (the subject by its share), then the geometry of the trace. */
export function slotVector({ tube, category, categories, subject, subjects, clip }: Question): Float32Array {
  const slots = new Float32Array(categories + subjects.length + 7);
  slots[category] = 1;
  if (subject) {
    slots[categories + subject.index] = subject.share;
  }
  slots.set(geometry(tube.box, tube.startSeconds, tube.endSeconds, clip), categories + subjects.length);
  return slots;
}

/** Shortest clip that shares of its length are taken of, in seconds. */
const MIN_CLIP_SECONDS = 1 / 6;

/** Centre, sides and root of the area of the box, onset and duration as shares of the clip. */
function geometry(
  [x0, y0, x1, y1]: Box,
  startSeconds: number,
  endSeconds: number,
  clip: { startSeconds: number; endSeconds: number },
): number[] {
  const [width, height] = [x1 - x0, y1 - y0];
  const length = Math.max(clip.endSeconds - clip.startSeconds, MIN_CLIP_SECONDS);
  return [
    (x0 + x1) / 2,
    (y0 + y1) / 2,
    width,
    height,
    Math.sqrt(width * height),
    (startSeconds - clip.startSeconds) / length,
    (endSeconds - startSeconds) / length,
  ];
}
