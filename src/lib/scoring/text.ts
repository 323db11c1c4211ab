import { CATEGORIES, type Category } from '../../../workers/report';

/** How much two explanations have in common, each 0..1. Diagnostics: none of them knows whether a reason is right. */
export type TextScores = {
  /** F1 of the longest common subsequence of words (ROUGE-L, Lin 2004). */
  rougeL: number;
  /** F1 of the sets of words. */
  token: number;
  /** F1 of the sets of words that carry meaning. */
  contentWord: number;
  /** F1 of the sets of trace categories that the words name. */
  category: number;
};

/** The names of the scores, in the order of their table. */
export const TEXT_SCORES = [
  'rougeL',
  'token',
  'contentWord',
  'category',
] as const satisfies readonly (keyof TextScores)[];

/** Words that say nothing about a trace: grammar, and what stands in every sentence about a video. */
const FUNCTION_WORDS = new Set(
  (
    'a about above after again all also an and any are around as at be because been before being below between both ' +
    'but by can could did do does doing down during each few for from further had has have having he her here hers ' +
    'him his how i if in into is it its itself just like may me might more most must my no nor not of off on once ' +
    'only or other our out over own same she should so some such than that the their them then there these they ' +
    'this those through to too under until up very was we were what when where which while who whom why will with ' +
    'would you your appear appears clip frame frames look looks scene seem seems show shows video'
  ).split(' '),
);

/** Word stems by which a sentence names a category; all parts of a pattern have to be there. */
const CATEGORY_PATTERNS: Record<Category, RegExp[]> = {
  'object-distortion': [/distort|deform|malform|warp|morph|misshap|bend|bent|stretch|melt/],
  'sudden-blurring': [/blur|smear|smudg|fuzz|defocus/],
  'object-trajectory': [/trajector|path|motion|movement|jerk|direction|slid/],
  'redundant-object': [/extra|redundant|additional|duplicate|sudden\w* appear|out of nowhere/],
  'object-merging': [/merg|fus(?:e|ing|ion)|blend|overlap|intersect|melt\w* (?:in)?to/],
  'object-splitting': [/split|divid|comes? apart|tear|in two/],
  'background-distortion': [
    /background|wall|building|surrounding|floor|sky/,
    /distort|deform|warp|morph|stretch|rippl/,
  ],
  'object-disappearance': [/disappear|vanish|fades? (?:out|away)|is gone|missing/],
  'unexpected-move': [/by itself|on its own|unexpected\w* mov|mov\w* unexpected/],
};

/** Compares an explanation with the written one. A missing explanation scores 0. */
export function compareTexts(predicted: string, written: string): TextScores {
  const [a, b] = [words(predicted), words(written)];
  return {
    rougeL: f1(longestCommonSubsequence(a, b), a.length, b.length),
    token: setF1(a, b),
    contentWord: setF1(contentWords(a), contentWords(b)),
    category: setF1(categoriesNamed(predicted), categoriesNamed(written)),
  };
}

/** The trace categories that a text names, by its words. */
export function categoriesNamed(text: string): Category[] {
  const lower = text.toLowerCase();
  return CATEGORIES.filter((category) => CATEGORY_PATTERNS[category].every((pattern) => pattern.test(lower)));
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function contentWords(all: string[]): string[] {
  return all.filter((word) => word.length > 2 && !FUNCTION_WORDS.has(word));
}

function setF1(predicted: string[], written: string[]): number {
  const [a, b] = [new Set(predicted), new Set(written)];
  return f1([...a].filter((item) => b.has(item)).length, a.size, b.size);
}

/** Harmonic mean of `hits / predicted` and `hits / written`; 0 when either is empty. */
function f1(hits: number, predicted: number, written: number): number {
  return predicted > 0 && written > 0 ? (2 * hits) / (predicted + written) : 0;
}

function longestCommonSubsequence(a: string[], b: string[]): number {
  let lengths = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const next = [0];
    for (const [index, other] of b.entries()) {
      const best =
        word === other ? (lengths[index] ?? 0) + 1 : Math.max(lengths[index + 1] ?? 0, next[index] ?? 0);
      next.push(best);
    }
    lengths = next;
  }
  return lengths[b.length] ?? 0;
}
