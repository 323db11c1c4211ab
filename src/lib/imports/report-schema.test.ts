import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { validatesAsReport } from '../../../tests/support/report-schema';
import { makeOpinion, makeReport, makeReview } from '../report.fixture';
import type { ReportDocument } from '../report-document';
import { ReportDocumentSchema } from './report-schema';

const full: Required<ReportDocument> = {
  ...makeReport({
    cuts: [2],
    warnings: ['The header lies.'],
    windows: [
      { startSeconds: 0, endSeconds: 2, fakeProbability: 0.9, quality: { brightness: 90, detail: 4 } },
    ],
    secondOpinions: [makeOpinion(), makeOpinion({ parsed: null, malformed: true })],
  }),
  humanReview: makeReview(),
};

type Path = (string | number)[];

/** Every place in a value. */
function* places(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield* places(item, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  }
}

/** A copy of the full report in which one place has been changed. */
function changed(
  path: Path,
  change: (holder: Record<string | number, unknown>, key: string | number) => void,
): unknown {
  const copy = structuredClone(full) as unknown as Record<string | number, unknown>;
  let holder = copy;
  for (const part of path.slice(0, -1)) {
    holder = holder[part] as Record<string | number, unknown>;
  }
  change(holder, path.at(-1) ?? '');
  return copy;
}

const WRONG_VALUES: unknown[] = [null, 'x', '', -1, 0.5, 300, true, [], {}];

/** The review's own reader is more exact than JSON schema can say, and lets pass what it does not know. */
const ownRules = (path: Path): boolean => path[0] === 'humanReview';

test.each([
  ['traces', 'a trace with an id of its own'],
  ['windows', 'a window with a start of its own'],
  ['cuts', 'a time of its own'],
] as const)('two %s that the page cannot tell apart are refused', (field, expected) => {
  const twice = { ...full, [field]: [full[field][0], full[field][0]] };
  const { issues } = v.safeParse(ReportDocumentSchema, twice);
  expect(issues?.map((issue) => [v.getDotPath(issue), issue.message])).toEqual([[`${field}.1`, expected]]);
});

test('so are two added traces with one id', () => {
  const { added } = makeReview();
  const twice = { ...full, humanReview: makeReview({ added: [...added, ...added] }) };
  expect(v.is(ReportDocumentSchema, twice)).toBe(false);
});

describe('the reader of reports and the published schema', () => {
  const paths = [...places(full)].filter((path) => path.length > 0);

  test('both take a full report', () => {
    expect(v.parse(ReportDocumentSchema, full)).toEqual(full);
    expect(validatesAsReport(full)).toBe(true);
  });

  test('agree on every report with one field missing', () => {
    for (const path of paths.filter((one) => !ownRules(one))) {
      const copy = changed(path, (holder, key) => {
        if (Array.isArray(holder)) {
          holder.splice(Number(key), 1);
        } else {
          Reflect.deleteProperty(holder, key);
        }
      });
      expect([path, v.is(ReportDocumentSchema, copy)]).toEqual([path, validatesAsReport(copy)]);
    }
  });

  test('agree on every report with one field too many', () => {
    for (const path of paths.filter((one) => !ownRules(one))) {
      const copy = changed(path, (holder, key) => {
        const value = holder[key];
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
          (value as Record<string, unknown>)['extra'] = 1;
        }
      });
      expect([path, v.is(ReportDocumentSchema, copy)]).toEqual([path, validatesAsReport(copy)]);
    }
  });

  test('agree on every report with one value of another kind', () => {
    for (const path of paths.filter((one) => !ownRules(one))) {
      for (const value of WRONG_VALUES) {
        const copy = changed(path, (holder, key) => {
          holder[key] = value;
        });
        expect([path, value, v.is(ReportDocumentSchema, copy)]).toEqual([
          path,
          value,
          validatesAsReport(copy),
        ]);
      }
    }
  });
});
