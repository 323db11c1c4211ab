/** What a trace seems to be about: one of the model's coarse nouns. */
export type Subject = {
  /** Its place in the model's list. */
  index: number;
  noun: string;
  /** Share of the noun over the trace, 0..1. */
  share: number;
  /** Whether the share is high enough to name it without reservation. */
  certain: boolean;
};

/** Below this share the noun is a guess and is not named. */
const MIN_SHARE = 0.2;
/** From this share on it is named without reservation. Figures: `training/tracenet/explain/check.py`. */
const CERTAIN_SHARE = 0.4;

/** The noun that names nothing. */
export const UNNAMED = 'object';

/** Nouns that are named without an article, or with one of their own. */
const UNCOUNTED = new Set(['text', 'hair', 'clothing', 'food', 'water', 'fire', 'furniture']);
const INDEFINITE = new Set(['animal', 'person']);

/** The noun of a subject distribution, when one stands out that says more than “object”. */
export function chooseSubject(scores: ArrayLike<number>, subjects: readonly string[]): Subject | undefined {
  let index = 0;
  for (let i = 1; i < scores.length; i++) {
    if (scores[i]! > scores[index]!) {
      index = i;
    }
  }
  const [share, noun] = [scores[index] ?? 0, subjects[index]];
  return noun === undefined || noun === UNNAMED || share < MIN_SHARE
    ? undefined
    : { index, noun, share, certain: share >= CERTAIN_SHARE };
}

/** Words for a subject, to stand inside a sentence: “the hand”, “what may be a hand”, “something”. */
export function subjectPhrase(subject: Pick<Subject, 'noun' | 'certain'> | undefined): string {
  if (!subject) {
    return 'something';
  }
  const { noun, certain } = subject;
  const definite = `the ${noun}`;
  const indefinite = UNCOUNTED.has(noun) ? noun : `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
  if (certain) {
    return INDEFINITE.has(noun) ? indefinite : definite;
  }
  return `what may be ${noun === 'background' ? definite : indefinite}`;
}
