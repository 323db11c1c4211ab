import { describe, expect, it } from 'vitest';
import { chooseSubject, subjectPhrase } from './subject';

const NOUNS = ['hand', 'face', 'object'];

describe('chooseSubject', () => {
  it('takes the most likely noun, or none when all are guesses', () => {
    expect(chooseSubject([0.1, 0.7, 0.2], NOUNS)).toEqual({
      index: 1,
      noun: 'face',
      share: 0.7,
      certain: true,
    });
    expect(chooseSubject(new Float64Array(26).fill(1 / 26), NOUNS)).toBeUndefined();
  });

  it('is not certain of a noun that leads by little', () => {
    expect(chooseSubject([0.3, 0.2, 0.1], NOUNS)?.certain).toBe(false);
  });

  it('names nothing where all it could say is “object”', () => {
    expect(chooseSubject([0.1, 0, 0.9], NOUNS)).toBeUndefined();
  });
});

describe('subjectPhrase', () => {
  it.each([
    ['hand', true, 'the hand'],
    ['hand', false, 'what may be a hand'],
    ['animal', true, 'an animal'],
    ['arm', false, 'what may be an arm'],
    ['water', false, 'what may be water'],
    ['background', false, 'what may be the background'],
  ])('puts %s (certain: %s) as “%s”', (noun, certain, words) => {
    expect(subjectPhrase({ noun, certain })).toBe(words);
  });

  it('has a word for nothing in particular', () => {
    expect(subjectPhrase(undefined)).toBe('something');
  });
});
