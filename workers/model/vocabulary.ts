import * as v from 'valibot';
import { TellscopeError } from '../errors';

const Index = v.pipe(v.number(), v.integer(), v.minValue(0));

const VocabularySchema = v.pipe(
  v.object({
    schema: v.literal('tracenet-explainer/1'),
    pad: Index,
    begin: Index,
    end: Index,
    /** Token that stands for where the box lies. */
    place: Index,
    /** For each coarse subject those that can be the same thing, or a part of it. */
    compatible: v.array(v.array(Index)),
    words: v.array(
      v.object({
        word: v.string(),
        /** Coarse subject of a noun. */
        noun: v.optional(Index),
        /** A noun that stands for many. */
        plural: v.optional(v.boolean(), false),
        /** Categories whose sentences may use the word; none: any may. */
        claims: v.optional(v.array(Index), []),
        /** Categories that may use it right behind another word, by that word's token. */
        joined: v.optional(v.record(v.string(), v.array(Index)), {}),
        /** The predicate begins with it. */
        verb: v.optional(v.boolean(), false),
        time: v.optional(v.picklist(['sudden', 'lasting'])),
      }),
    ),
  }),
  v.check(
    ({ pad, begin, end, place, words }) => Math.max(pad, begin, end, place) < words.length,
    'marks inside the word list',
  ),
);

/** The words of the explainer and what each of them claims (`training/tracenet/explain/vocabulary.py`). */
export type Vocabulary = v.InferOutput<typeof VocabularySchema>;

/**
 * Reads a vocabulary strictly.
 *
 * @throws {TellscopeError} `model-altered` when it is not one.
 */
export function parseVocabulary(text: string): Vocabulary {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), VocabularySchema), text);
  if (result.success) {
    return result.output;
  }
  throw new TellscopeError(
    'model-altered',
    `The words of the explainer are not as expected: ${result.issues[0].message}. Install Tellscope again.`,
  );
}
