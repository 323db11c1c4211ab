import * as v from 'valibot';
import { CATEGORIES, type Box } from '../../../workers/report';
import { distinctItems } from '../distinct-items';
import { ReviewSchema } from '../review/review';
import type { ReportDocument } from '../report-document';

// The same rules as public/schemas/tellscope-report-1.json (a test holds them together); every message says what was
// expected.

const text = v.string('text');
const filled = v.pipe(v.string('text'), v.minLength(1, 'text that is not empty'));
const number = v.pipe(v.number('a number'), v.finite('a number'));
const unit = between(0, 1, 'a number from 0 to 1');
const level = between(0, 255, 'a number from 0 to 255');
const notNegative = v.pipe(v.number('a number of 0 or more'), v.minValue(0, 'a number of 0 or more'));
const count = v.pipe(
  v.number('a whole number of 1 or more'),
  v.integer('a whole number of 1 or more'),
  v.minValue(1, 'a whole number of 1 or more'),
);
const wholeNotNegative = v.pipe(
  v.number('a whole number of 0 or more'),
  v.integer('a whole number of 0 or more'),
  v.minValue(0, 'a whole number of 0 or more'),
);
const sha256 = v.pipe(
  v.string('a SHA-256 digest in lower-case hexadecimal'),
  v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 digest in lower-case hexadecimal'),
);
const instant = v.pipe(
  v.string('a UTC time as 2026-01-31T12:00:00Z'),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'a UTC time as 2026-01-31T12:00:00Z'),
);
const category = v.picklist(CATEGORIES, 'the name of a trace category');
const edge = v.pipe(v.number('a box [x0, y0, x1, y1]'), v.minValue(0, 'a box [x0, y0, x1, y1]'));
const box = v.pipe(
  v.strictTuple([edge, edge, edge, edge], 'a box [x0, y0, x1, y1]'),
  v.transform((edges): Box => edges),
);

function between(low: number, high: number, expected: string) {
  return v.pipe(v.number(expected), v.minValue(low, expected), v.maxValue(high, expected));
}

function record<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, ({ expected }) => {
    if (expected === 'never') {
      return 'left out (this format has no such field)';
    }
    // A field that is missing is expected by its name in quotes.
    return expected.startsWith('"') ? 'there' : 'an object';
  });
}

function list<Item extends v.GenericSchema>(item: Item) {
  return v.array(item, 'a list');
}

const video = record({
  container: filled,
  codec: filled,
  width: count,
  height: count,
  rotation: v.picklist([0, 90, 180, 270], '0, 90, 180 or 270'),
  durationSeconds: notNegative,
  frameCount: count,
  averageFrameRate: notNegative,
});

const settings = record({
  requestedBackend: v.picklist(['auto', 'webgpu', 'wasm'], '"auto", "webgpu" or "wasm"'),
  framesPerSecond: v.pipe(v.number('a number above 0'), v.gtValue(0, 'a number above 0')),
  windowFrames: count,
  hopFrames: count,
  shortSide: count,
  traceThreshold: unit,
  likelyTraceThreshold: unit,
  bands: record({ substantialEvidence: unit, noStrongSigns: unit }),
});

const trace = record({
  id: filled,
  category,
  score: unit,
  startSeconds: number,
  endSeconds: number,
  box,
  track: v.pipe(list(record({ timeSeconds: number, box })), v.minLength(1, 'a list with at least one point')),
  explanation: filled,
  explanationSource: v.exactOptional(v.picklist(['decoder', 'grammar'], '"decoder" or "grammar"')),
});

const window = record({
  startSeconds: number,
  endSeconds: number,
  fakeProbability: unit,
  interval: v.exactOptional(record({ low: unit, high: unit })),
  quality: v.exactOptional(
    record({ brightness: level, detail: level, blockiness: v.exactOptional(notNegative) }),
  ),
});

const opinionTrace = record({
  category: v.nullable(category),
  box: v.nullable(box),
  startSeconds: v.nullable(number),
  endSeconds: v.nullable(number),
  explanation: text,
});

const opinion = record({
  model: record({ id: filled, name: filled, dtype: filled, source: filled }),
  question: text,
  answerText: text,
  parsed: v.nullable(
    record({ label: v.picklist(['REAL', 'FAKE'], '"REAL" or "FAKE"'), traces: list(opinionTrace) }),
  ),
  malformed: v.boolean('true or false'),
  tokens: wholeNotNegative,
  seconds: notNegative,
  createdAt: instant,
});

/** A saved report, read strictly: what is not in the format is no report. */
export const ReportDocumentSchema: v.GenericSchema<unknown, ReportDocument> = record({
  schema: v.literal('tellscope-report/1', '"tellscope-report/1"'),
  app: record({ name: v.literal('Tellscope', '"Tellscope"'), version: filled }),
  analysedAt: instant,
  browser: record({
    userAgent: text,
    brands: list(record({ name: text, version: text })),
    platform: text,
  }),
  file: record({ name: filled, bytes: count, sha256 }),
  video,
  model: record({
    id: filled,
    version: filled,
    sha256,
    backend: v.picklist(['webgpu', 'wasm'], '"webgpu" or "wasm"'),
    precision: filled,
  }),
  settings,
  verdict: record({
    band: v.picklist(
      ['substantial-evidence', 'inconclusive', 'no-strong-signs'],
      '"substantial-evidence", "inconclusive" or "no-strong-signs"',
    ),
    fakeProbability: unit,
    reasons: list(filled),
  }),
  traces: v.pipe(
    list(trace),
    distinctItems(({ id }) => id, 'a trace with an id of its own'),
  ),
  cuts: v.pipe(
    list(number),
    distinctItems((seconds) => seconds, 'a time of its own'),
  ),
  windows: v.pipe(
    list(window),
    distinctItems(({ startSeconds }) => startSeconds, 'a window with a start of its own'),
    v.minLength(1, 'a list with at least one window'),
  ),
  timing: record({
    hashSeconds: notNegative,
    decodeSeconds: notNegative,
    preprocessSeconds: notNegative,
    inferenceSeconds: notNegative,
    totalSeconds: notNegative,
  }),
  warnings: list(filled),
  secondOpinions: list(opinion),
  humanReview: v.exactOptional(ReviewSchema),
});
