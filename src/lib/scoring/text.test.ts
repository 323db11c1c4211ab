import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoriesNamed, compareTexts, TEXT_SCORES } from './text';

describe('compareTexts', () => {
  it('scores as worked out by hand', () => {
    // Words: the hand is blurred (4); the hand of the painter is blurred and merges (9, 8 different).
    const scores = compareTexts('The hand is blurred.', 'The hand of the painter is blurred and merges.');
    expect(scores.rougeL).toBeCloseTo((2 * 4) / (4 + 9), 12);
    expect(scores.token).toBeCloseTo((2 * 4) / (4 + 8), 12);
    // Content: hand, blurred; hand, painter, blurred, merges.
    expect(scores.contentWord).toBeCloseTo((2 * 2) / (2 + 4), 12);
    // Categories: blurring; blurring and merging.
    expect(scores.category).toBeCloseTo((2 * 1) / (1 + 2), 12);
  });

  it('counts a common subsequence, not common words, for ROUGE-L', () => {
    const scores = compareTexts('leg bends before arm', 'arm bends before leg');
    expect(scores.rougeL).toBeCloseTo(0.5, 12);
    expect(scores.token).toBe(1);
  });

  it('scores a missing explanation 0', () => {
    expect(compareTexts('', 'The hand is blurred.')).toEqual({
      rougeL: 0,
      token: 0,
      contentWord: 0,
      category: 0,
    });
  });

  it('is bounded, and the same whichever text is which', () => {
    const words = fc
      .array(fc.constantFrom('hand', 'the', 'blurs', 'merges', 'cup', 'is', 'background', 'warps'))
      .map((some) => some.join(' '));
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [forth, back] = [compareTexts(a, b), compareTexts(b, a)];
        for (const name of TEXT_SCORES) {
          expect(forth[name]).toBeCloseTo(back[name], 12);
          expect(forth[name]).toBeGreaterThanOrEqual(0);
          expect(forth[name]).toBeLessThanOrEqual(1);
        }
        expect(compareTexts(a, a).rougeL).toBe(a === '' ? 0 : 1);
      }),
    );
  });
});

describe('categoriesNamed', () => {
  it.each([
    ['The wall behind him ripples.', ['background-distortion']],
    ['A third, extra arm grows out of the coat.', ['redundant-object']],
    ['The ball vanishes in mid-kick.', ['object-disappearance']],
    ['The body splits in two.', ['object-splitting']],
    ['All is well.', []],
  ])('finds in "%s" %j', (text, expected) => {
    expect(categoriesNamed(text)).toEqual(expected);
  });
});
