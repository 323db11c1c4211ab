import { expect, test } from 'vitest';
import { makeOpinion, makeReport } from '../report.fixture';
import type { Opinion } from './opinions.svelte';
import { allOpinions, opinionRanges } from './shown';

function ofThisVisit(record = makeOpinion()): Opinion {
  const parsed = record.parsed && { ...record.parsed, explanation: 'More.' };
  return {
    id: 'opinion-1',
    record,
    question: { kind: 'clip' },
    parsed,
    timesSeconds: [0, 1],
    stopped: false,
  };
}

test('opinions that a report brings come before those of this visit, each once', () => {
  const opinion = ofThisVisit();
  const brought = makeOpinion({ answerText: 'From an earlier visit.' });
  const report = makeReport({ secondOpinions: [brought, opinion.record] });
  expect(allOpinions(report, [opinion])).toEqual([
    expect.objectContaining({ record: brought, question: { kind: 'clip' } }),
    opinion,
  ]);
});

test('an opinion of this visit stays when the clip has been judged anew', () => {
  const opinion = ofThisVisit();
  expect(allOpinions(makeReport(), [opinion])).toEqual([opinion]);
  expect(allOpinions(undefined, [opinion])).toEqual([opinion]);
});

test('what an answer that was not understood was about, a report does not tell', () => {
  const report = makeReport({ secondOpinions: [makeOpinion({ parsed: null, malformed: true })] });
  expect(allOpinions(report, [])).toMatchObject([{ question: { kind: 'unknown' }, parsed: null }]);
});

test('ranges end with the clip where no end is given, and need an onset', () => {
  const trace = { category: null, box: null, explanation: 'It melts.' };
  const traces = [
    { ...trace, startSeconds: 1, endSeconds: 2 },
    { ...trace, startSeconds: 3, endSeconds: null },
    { ...trace, startSeconds: null, endSeconds: null },
  ];
  const opinions = [makeOpinion({ parsed: null }), makeOpinion({ parsed: { label: 'FAKE', traces } })];
  expect(opinionRanges(opinions, 9)).toEqual([
    { key: '1-0', model: 'A model', explanation: 'It melts.', startSeconds: 1, endSeconds: 2 },
    { key: '1-1', model: 'A model', explanation: 'It melts.', startSeconds: 3, endSeconds: 9 },
  ]);
});
