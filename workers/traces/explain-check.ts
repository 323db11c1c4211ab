import type { Vocabulary } from '../model/vocabulary';
import { subjectPhrase, UNNAMED, type Subject } from './subject';

/** What was measured of a trace, as far as a sentence could contradict it. */
export type MeasuredSlots = {
  /** Index of the category. */
  category: number;
  /** The coarse subject, or `undefined` when none stood out. */
  subject: Pick<Subject, 'index' | 'noun' | 'certain'> | undefined;
  startSeconds: number;
  endSeconds: number;
  clipSeconds: number;
};

/** Tokens of a sentence without begin and end, and how likely the decoder found them before any were forbidden. */
export type Sentence = {
  tokens: number[];
  /** Whether the decoder ended it; else it ran out of words. */
  finished: boolean;
  /** Mean log-likelihood of a token, the end included. */
  likelihood: number;
  /** Mean log-likelihood of the nouns it is about; -Infinity when it names none. */
  nounLikelihood: number;
};

/** Least likelihoods below which a sentence is not shown. */
export type Bars = { sentence: number; noun: number };

/** Why a sentence is not shown: it is none, it contradicts a measured slot, or it is a guess. */
export type Objection = 'degenerate' | 'category' | 'subject' | 'time' | 'unlikely';

/** From this share of the clip on a trace counts as lasting throughout, and nothing in it is sudden. */
const WHOLE_CLIP = 0.9;
/** Shorter traces are not said to go on and on. */
const LASTING_SECONDS = 1;
const MIN_WORDS = 3;
const MAX_WORDS = 22;

type Word = Vocabulary['words'][number];

/** Runs the decoder for one word: logits over the vocabulary after `token`. */
export type DecoderStep = (token: number) => Promise<Float32Array>;

/** The likeliest word after word of those that contradict nothing (`training/tracenet/explain/check.py`). */
export async function decodeGreedily(
  step: DecoderStep,
  vocabulary: Vocabulary,
  slots: MeasuredSlots,
): Promise<Sentence> {
  const tokens: number[] = [];
  let [token, finished, begun] = [vocabulary.begin, false, false];
  let [total, nouns, nounCount] = [0, 0, 0];
  while (tokens.length < MAX_WORDS && !finished) {
    const logits = await step(token);
    token = best(logits, (candidate) => mayFollow(vocabulary, candidate, slots, begun, tokens.at(-1)));
    const likelihood = logSoftmax(logits, token);
    total += likelihood;
    if (token === vocabulary.end) {
      finished = true;
      continue;
    }
    const word = vocabulary.words[token]!;
    begun ||= word.verb;
    if (word.noun !== undefined && !begun) {
      nouns += likelihood;
      nounCount++;
    }
    tokens.push(token);
  }
  const steps = tokens.length + (finished ? 1 : 0);
  return {
    tokens,
    finished,
    likelihood: total / steps,
    nounLikelihood: nounCount > 0 ? nouns / nounCount : -Infinity,
  };
}

/** Why a sentence must not be shown, or `undefined`. */
export function objectionTo(
  sentence: Sentence,
  vocabulary: Vocabulary,
  slots: MeasuredSlots,
  bars: Bars,
): Objection | undefined {
  if (isDegenerate(sentence, vocabulary)) {
    return 'degenerate';
  }
  let begun = false;
  for (const [i, token] of sentence.tokens.entries()) {
    begun ||= vocabulary.words[token]!.verb;
    const slot = contradiction(vocabulary, token, slots, begun, sentence.tokens[i - 1]);
    if (slot) {
      return slot;
    }
  }
  const unlikely = sentence.likelihood < bars.sentence || sentence.nounLikelihood < bars.noun;
  return unlikely ? 'unlikely' : undefined;
}

/**
 * The written sentence: behind its subject where the measured box lies, at its end when the trace lasts. What was not
 * measured with certainty is only called possible.
 *
 * @param subjects nouns of the coarse subjects.
 */
export function writeSentence(
  tokens: readonly number[],
  vocabulary: Vocabulary,
  slots: MeasuredSlots,
  subjects: readonly string[],
  place: string,
  period: string,
): string {
  const words = tokens.filter((token) => token !== vocabulary.place).map((token) => vocabulary.words[token]!);
  const verb = words.findIndex((word) => word.verb);
  const begin = verb < 0 ? words.length : verb;
  const said = words.map(({ word }) => word);
  const subject = slots.subject?.certain
    ? said.slice(0, begin)
    : possibleSubject(words.slice(0, begin), subjects);
  const text = [...subject, place, ...said.slice(begin), period].join(' ').replaceAll(' ,', ',');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The words before the verb as something possible: its coarse noun, or itself where many agree with the verb. */
function possibleSubject(words: readonly Word[], subjects: readonly string[]): string[] {
  const noun = subjects[words.findLast((word) => word.noun !== undefined)?.noun ?? -1];
  if (noun === undefined || noun === UNNAMED) {
    return [subjectPhrase(undefined)];
  }
  return words.at(-1)?.plural
    ? ['what may be', ...words.slice(1).map(({ word }) => word)]
    : [subjectPhrase({ noun, certain: false })];
}

/** Which measured slot a word contradicts. Behind the verb nouns are not what the sentence is about. */
function contradiction(
  vocabulary: Vocabulary,
  token: number,
  slots: MeasuredSlots,
  begun: boolean,
  previous: number | undefined,
): 'category' | 'subject' | 'time' | undefined {
  const { claims, joined, noun, time } = vocabulary.words[token]!;
  const together = previous === undefined ? undefined : joined[previous];
  if (
    (claims.length > 0 && !claims.includes(slots.category)) ||
    together?.includes(slots.category) === false
  ) {
    return 'category';
  }
  if (noun !== undefined && !begun && slots.subject !== undefined) {
    if (!vocabulary.compatible[noun]?.includes(slots.subject.index)) {
      return 'subject';
    }
  }
  const seconds = slots.endSeconds - slots.startSeconds;
  if (time === 'sudden' && seconds >= WHOLE_CLIP * slots.clipSeconds) {
    return 'time';
  }
  return time === 'lasting' && seconds < LASTING_SECONDS ? 'time' : undefined;
}

function mayFollow(
  vocabulary: Vocabulary,
  token: number,
  slots: MeasuredSlots,
  begun: boolean,
  previous: number | undefined,
): boolean {
  return (
    token !== vocabulary.pad &&
    token !== vocabulary.begin &&
    contradiction(vocabulary, token, slots, begun, previous) === undefined
  );
}

/** Unfinished, too short, repeating itself, or without a subject or a predicate. */
function isDegenerate({ tokens, finished }: Sentence, vocabulary: Vocabulary): boolean {
  const words = tokens.map((token) => vocabulary.words[token]!);
  const pairs = tokens.slice(1).map((token, i) => `${tokens[i]} ${token}`);
  const verb = words.findIndex((word) => word.verb);
  const subject = words.slice(0, verb < 0 ? words.length : verb);
  return (
    !finished ||
    tokens.length < MIN_WORDS ||
    new Set(pairs).size < pairs.length ||
    tokens.some((token, i) => i > 0 && token === tokens[i - 1]) ||
    words[0]?.word !== 'the' ||
    !subject.some((word) => word.noun !== undefined) ||
    !words.some((word) => word.claims.length > 0) ||
    tokens.filter((token) => token === vocabulary.place).length > 1
  );
}

function best(logits: Float32Array, allowed: (token: number) => boolean): number {
  let found = -1;
  for (let token = 0; token < logits.length; token++) {
    if ((found < 0 || logits[token]! > logits[found]!) && allowed(token)) {
      found = token;
    }
  }
  return found;
}

function logSoftmax(logits: Float32Array, token: number): number {
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0);
  return logits[token]! - max - Math.log(sum);
}
