import type { Box, Category } from '../report';
import { subjectPhrase, type Subject } from './subject';
import type { Tube } from './tubes';

/** What a sentence may say of a trace: measured slots only, so that it cannot contradict the box, times or category. */
export type ExplanationSlots = {
  category: Category;
  /** What the model took it for, or `undefined` when nothing stood out. */
  subject: Pick<Subject, 'noun' | 'certain'> | undefined;
  /** Fractions of the frame. */
  box: Box;
  track: Tube['track'];
  startSeconds: number;
  endSeconds: number;
  clip: { startSeconds: number; endSeconds: number };
};

/**
 * Puts a trace into one sentence. Written as what the model sees ("appears to"), because that is all it is.
 * Two frames a category, chosen by the trace itself, so that the same trace always reads the same.
 */
export function explain(slots: ExplanationSlots): string {
  const frames = FRAMES[slots.category];
  // Clips may begin before second 0.
  const choice =
    Math.abs(Math.round((slots.box[0] + slots.box[1] + slots.startSeconds) * 1000)) % frames.length;
  const phrase = subjectPhrase(slots.subject);
  const where = slots.subject?.noun === 'background' && isWide(slots.box) ? '' : ` ${region(slots.box)}`;
  const text = frames[choice]!({
    subject: phrase,
    where,
    when: period(slots),
    direction: direction(slots.track),
    onset: `${slots.startSeconds.toFixed(1)} s`,
    offset: `${slots.endSeconds.toFixed(1)} s`,
  });
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Words = {
  subject: string;
  /** Starts with a space, or is empty. */
  where: string;
  when: string;
  /** Starts with a space, or is empty. */
  direction: string;
  onset: string;
  offset: string;
};

type Frame = (words: Words) => string;

const FRAMES: Record<Category, readonly Frame[]> = {
  'object-distortion': [
    ({ subject, where, when }) =>
      `${subject}${where} appears to bend, stretch or melt out of its own shape ${when}.`,
    ({ subject, where, when }) => `The outline of ${subject}${where} does not keep its shape ${when}.`,
  ],
  'sudden-blurring': [
    ({ subject, where, when }) =>
      `${subject}${where} appears to lose its definition ${when}, while its surroundings stay sharp.`,
    ({ subject, where, when }) => `The detail of ${subject}${where} smears abruptly ${when}.`,
  ],
  'object-trajectory': [
    ({ subject, where, when, direction }) =>
      `${subject}${where} appears to move${direction} along a path that its motion so far does not explain, ${when}.`,
    ({ subject, where, when, direction }) =>
      `The motion of ${subject}${where}${direction && `,${direction},`} looks physically wrong ${when}.`,
  ],
  'redundant-object': [
    ({ subject, where, onset }) => `${subject}${where} appears to be there without reason from ${onset} on.`,
    ({ subject, where, when }) =>
      `There seems to be one too many${where}: ${subject} that does not belong to the scene ${when}.`,
  ],
  'object-merging': [
    ({ subject, where, when }) => `${subject}${where} appears to fuse with what is next to it ${when}.`,
    ({ subject, where, when }) =>
      `The border between ${subject} and its neighbour${where} dissolves ${when}, as if they were one.`,
  ],
  'object-splitting': [
    ({ subject, where, when }) => `${subject}${where} appears to come apart into two ${when}.`,
    ({ subject, where, when }) => `One becomes two${where}: ${subject} divides ${when}.`,
  ],
  'background-distortion': [
    ({ subject, where, when }) =>
      `${subject === 'something' ? 'the background' : subject}${where} appears to warp or ripple ${when}.`,
    ({ where, when }) => `The surroundings${where} do not hold still as fixed things should ${when}.`,
  ],
  'object-disappearance': [
    ({ subject, where, offset }) =>
      `${subject}${where} appears to vanish by ${offset} without leaving the picture.`,
    ({ subject, where, when }) => `${subject}${where} fades out of existence ${when}.`,
  ],
  'unexpected-move': [
    ({ subject, where, when, direction }) =>
      `${subject}${where} appears to move${direction} ${when} although nothing sets it in motion.`,
    ({ subject, where, when }) => `${subject}${where} shifts by itself ${when}.`,
  ],
};

function isWide(box: Box): boolean {
  return (box[2] - box[0]) * (box[3] - box[1]) > 0.6;
}

/** Words for where a box lies: a 3 x 3 grid by its centre, or most of the frame. */
export function region(box: Box): string {
  if (isWide(box)) {
    return 'across most of the picture';
  }
  const third = (value: number): 0 | 1 | 2 => (value < 1 / 3 ? 0 : value <= 2 / 3 ? 1 : 2);
  const rows = ['at the top', 'in the middle', 'at the bottom'] as const;
  const corners = [
    ['at the upper left', 'at the upper right'],
    ['on the left', 'on the right'],
    ['at the lower left', 'at the lower right'],
  ] as const;
  const column = third((box[0] + box[2]) / 2);
  const row = third((box[1] + box[3]) / 2);
  return column === 1 ? rows[row] : corners[row][column === 0 ? 0 : 1];
}

/** Words for when a trace lasts. */
export function period({
  startSeconds,
  endSeconds,
  clip,
}: Pick<ExplanationSlots, 'startSeconds' | 'endSeconds' | 'clip'>): string {
  const length = clip.endSeconds - clip.startSeconds;
  if (endSeconds - startSeconds >= 0.9 * length) {
    return 'throughout the clip';
  }
  return `from ${startSeconds.toFixed(1)} s to ${endSeconds.toFixed(1)} s`;
}

/** Travel of the box's centre, in frame widths or heights, that counts as a direction. */
const MIN_TRAVEL = 0.08;

function direction(track: Tube['track']): string {
  const first = track[0]?.box;
  const last = track.at(-1)?.box;
  if (!first || !last) {
    return '';
  }
  const dx = (last[0] + last[2] - first[0] - first[2]) / 2;
  const dy = (last[1] + last[3] - first[1] - first[3]) / 2;
  if (Math.max(Math.abs(dx), Math.abs(dy)) < MIN_TRAVEL) {
    return '';
  }
  if (Math.abs(dx) >= Math.abs(dy)) {
    return dx > 0 ? ' to the right' : ' to the left';
  }
  return dy > 0 ? ' downwards' : ' upwards';
}
