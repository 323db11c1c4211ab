import { expect, test } from 'vitest';
import { makeReport, makeTrace } from './report.fixture';
import { sortResults, type ResultKey } from './results-order';

const row = (
  name: string,
  band?: 'substantial-evidence' | 'inconclusive' | 'no-strong-signs',
  probability = 0,
) => ({
  status: band ? ('done' as const) : ('failed' as const),
  file: { name },
  video: undefined,
  report:
    band &&
    makeReport({
      verdict: { band, fakeProbability: probability, reasons: [] },
      traces: name === 'clip10' ? [makeTrace(), makeTrace()] : [],
    }),
});

const rows = [
  row('clip10', 'inconclusive', 0.6),
  row('broken'),
  row('clip9', 'substantial-evidence', 0.95),
  row('Clip1', 'no-strong-signs', 0.05),
];

test.each<[ResultKey, boolean, string[]]>([
  ['added', false, ['clip10', 'broken', 'clip9', 'Clip1']],
  ['name', false, ['broken', 'Clip1', 'clip9', 'clip10']],
  ['name', true, ['clip10', 'clip9', 'Clip1', 'broken']],
  ['verdict', true, ['clip9', 'clip10', 'Clip1', 'broken']],
  ['probability', false, ['Clip1', 'clip10', 'clip9', 'broken']],
  ['traces', true, ['clip10', 'clip9', 'Clip1', 'broken']],
  ['length', true, ['clip10', 'broken', 'clip9', 'Clip1']],
])('by %s, descending: %s', (key, descending, names) => {
  expect(sortResults(rows, { key, descending }).map(({ file }) => file.name)).toEqual(names);
});
