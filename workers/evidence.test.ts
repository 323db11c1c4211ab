import { expect, test } from 'vitest';
import { packCandidates, unpackCandidates } from './evidence';
import type { Candidate } from './traces/candidates';

const candidate = (seed: number): Candidate => ({
  score: seed,
  box: [0, 0.25, 0.5, seed],
  boundary: [seed, 2],
  category: [0.5, 0.25, seed],
  subject: [1, seed],
});

test('candidates are the same after packing, sample by sample', () => {
  const samples = [[candidate(0.5), candidate(0.75)], [], [candidate(0.125)]];
  const unpacked = unpackCandidates(structuredClone(packCandidates(samples)));
  const plain = unpacked.map((found) =>
    found.map(({ boundary, category, subject, ...rest }) => ({
      ...rest,
      boundary: Array.from(boundary),
      category: Array.from(category),
      subject: Array.from(subject),
    })),
  );
  expect(plain).toEqual(samples);
});

test('samples without candidates pack to nothing', () => {
  expect(unpackCandidates(packCandidates([[], []]))).toEqual([[], []]);
});
