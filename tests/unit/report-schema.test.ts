import { expect, test } from 'vitest';
import type { ErrorCode } from '../../workers/errors';
import { CATEGORIES, type Band } from '../../workers/report';
import type { Failure } from '../../src/cli/result-line';
import { makeOpinion, makeReview } from '../../src/lib/report.fixture';
import type { ReportDocument } from '../../src/lib/report-document';
import { expectValidLine, expectValidReport, REPORT_SCHEMA } from '../support/report-schema';

// The compiler holds these samples to the types, the tests hold them to the schema.
const report: Required<ReportDocument> = {
  schema: 'tellscope-report/1',
  app: { name: 'Tellscope', version: '0.1.0' },
  analysedAt: '2026-01-02T03:04:05.678Z',
  browser: {
    userAgent: 'Mozilla/5.0 Chrome/140',
    brands: [{ name: 'Chromium', version: '140' }],
    platform: 'Linux',
  },
  file: { name: 'clip.mp4', bytes: 148771, sha256: 'a'.repeat(64) },
  video: {
    container: 'MP4',
    codec: 'avc',
    width: 432,
    height: 288,
    rotation: 270,
    durationSeconds: 3.875,
    frameCount: 31,
    averageFrameRate: 8,
  },
  model: {
    id: 'tracenet',
    version: '0.1.0',
    sha256: 'b'.repeat(64),
    backend: 'wasm',
    precision: 'fp16-weights',
  },
  settings: {
    requestedBackend: 'auto',
    framesPerSecond: 6,
    windowFrames: 12,
    hopFrames: 6,
    shortSide: 288,
    traceThreshold: 0.5,
    likelyTraceThreshold: 0.3,
    bands: { substantialEvidence: 0.9, noStrongSigns: 0.1 },
  },
  verdict: { band: 'substantial-evidence', fakeProbability: 0.97, reasons: ['Two traces were found.'] },
  traces: [
    {
      id: 'trace-1',
      category: 'object-merging',
      score: 0.8,
      startSeconds: 0.5,
      endSeconds: 1.25,
      box: [10, 20.5, 110, 90],
      track: [{ timeSeconds: 0.5, box: [10, 20.5, 110, 90] }],
      explanation: 'The hand melts into the cup.',
      explanationSource: 'decoder',
    },
  ],
  cuts: [2],
  windows: [
    {
      startSeconds: 0,
      endSeconds: 2,
      fakeProbability: 0.9,
      interval: { low: 0.8, high: 0.95 },
      quality: { brightness: 120, detail: 6.5, blockiness: 1.1 },
    },
  ],
  timing: {
    hashSeconds: 0.01,
    decodeSeconds: 0.1,
    preprocessSeconds: 0.1,
    inferenceSeconds: 3,
    totalSeconds: 3.2,
  },
  warnings: [],
  secondOpinions: [makeOpinion()],
  humanReview: makeReview(),
};

const failure: Required<Failure> = {
  schema: 'tellscope-report/1',
  file: { name: 'clip.mp4', bytes: 0, sha256: 'c'.repeat(64) },
  error: { code: 'empty-file', message: 'The file is empty.' },
};

/** Every code of the type, so that a new one does not compile until it stands here and in the schema. */
const ERROR_CODES: Record<ErrorCode, true> = {
  'empty-file': true,
  'not-a-video': true,
  'no-video-track': true,
  'unsupported-codec': true,
  'truncated-file': true,
  'unreadable-file': true,
  'decode-failed': true,
  'webcodecs-missing': true,
  'model-unavailable': true,
  'model-altered': true,
  'model-mismatch': true,
  'backend-unavailable': true,
  'inference-failed': true,
  'out-of-memory': true,
  'gpu-lost': true,
  'worker-lost': true,
  'worker-stuck': true,
  cancelled: true,
  internal: true,
};

const BANDS: Record<Band, true> = {
  'substantial-evidence': true,
  inconclusive: true,
  'no-strong-signs': true,
};

/** Walks every schema object inside the schema. */
function* objects(value: unknown, path = '#'): Generator<[path: string, schema: Record<string, unknown>]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* objects(item, `${path}/${index}`);
    }
  } else if (typeof value === 'object' && value !== null) {
    yield [path, value as Record<string, unknown>];
    for (const [key, item] of Object.entries(value)) {
      yield* objects(item, `${path}/${key}`);
    }
  }
}

/** Finds one part of the schema by its path. */
function part(path: string): Record<string, unknown> {
  const found = [...objects(REPORT_SCHEMA)].find(([at]) => at === path);
  return found?.[1] ?? {};
}

test('a report of the TypeScript type is a report of the schema', () => {
  expectValidReport(report);
  expectValidLine(report);
});

test('a failure line is valid, with the file there or not', () => {
  expectValidLine(failure);
  expectValidLine({ ...failure, file: { name: 'missing.mp4', bytes: null, sha256: null } });
});

test.each<[string, object]>([
  ['a property too many', { ...report, note: 'x' }],
  ['a probability above 1', { ...report, verdict: { ...report.verdict, fakeProbability: 1.01 } }],
  ['an unknown band', { ...report, verdict: { ...report.verdict, band: 'real' } }],
  ['a digest that is none', { ...report, file: { ...report.file, sha256: 'abc' } }],
  ['a box of three numbers', { ...report, traces: [{ ...report.traces[0], box: [1, 2, 3] }] }],
  ['both a report and an error', { ...report, error: failure.error }],
])('%s is refused', (_, line) => {
  expect(() => {
    expectValidLine(line);
  }).toThrow();
});

test('type and schema name the same categories, bands and error codes', () => {
  expect(part('#/$defs/category')['enum']).toEqual([...CATEGORIES]);
  expect(part('#/$defs/verdict/properties/band')['enum']).toEqual(Object.keys(BANDS));
  expect(part('#/$defs/failure/properties/error/properties/code')['enum']).toEqual(Object.keys(ERROR_CODES));
});

/** Properties that may be missing, by the part of the schema they belong to. */
const OPTIONAL: Record<string, string[]> = {
  '#/$defs/report': ['humanReview'],
  '#/$defs/trace': ['explanationSource'],
  '#/$defs/window': ['interval', 'quality'],
  '#/$defs/window/properties/quality': ['blockiness'],
  '#/$defs/humanReview': ['reviewer'],
  '#/$defs/reviewMark': ['correction'],
};

test('type and schema name the same properties, and which of them are required', () => {
  const failures: string[] = [];
  const compare = (value: unknown, path: string): void => {
    const schema = resolve(path);
    if (Array.isArray(value)) {
      if (schema['items']) {
        compare(value[0], `${path}/items`);
      }
    } else if (typeof value === 'object' && value !== null) {
      const keys = Object.keys(value).sort();
      const properties = Object.keys(schema['properties'] ?? {}).sort();
      const required = [...((schema['required'] ?? []) as string[])].sort();
      const optional = OPTIONAL[schema['path'] as string] ?? [];
      const needed = keys.filter((key) => !optional.includes(key));
      if (keys.join() !== properties.join() || needed.join() !== required.join()) {
        failures.push(path);
      }
      for (const [key, item] of Object.entries(value)) {
        compare(item, `${schema['path'] as string}/properties/${key}`);
      }
    }
  };
  compare(report, '#/$defs/report');
  compare(failure, '#/$defs/failure');
  expect(failures).toEqual([]);
});

test('every property is described', () => {
  const undescribed = [...objects(REPORT_SCHEMA)]
    .filter(([path]) => /\/properties\/[^/]+$/.test(path))
    .filter(([, schema]) => typeof (schema['description'] ?? resolveRef(schema)['description']) !== 'string')
    .map(([path]) => path);
  expect(undescribed).toEqual([]);
});

/** The schema at a path, references followed, with the path where it really stands. */
function resolve(path: string): Record<string, unknown> {
  const schema = part(path);
  // A part that may be null stands first, null second.
  const oneOf = (schema['oneOf'] as Record<string, unknown>[] | undefined)?.[0];
  const reference = schema['$ref'] ?? oneOf?.['$ref'];
  return typeof reference === 'string' ? resolve(reference) : { ...schema, path };
}

function resolveRef(schema: Record<string, unknown>): Record<string, unknown> {
  return typeof schema['$ref'] === 'string' ? part(schema['$ref']) : {};
}
