import type { ErrorData } from '../../../workers/errors';
import type { ReportDocument } from '../report-document';
import { jsonLines, readMarks, readPredictions, type Marks, type Predictions } from '../scoring/predictions';
import { check, isRecord, type Problem } from '../scoring/problems';
import { readRewardData, type RewardData } from '../scoring/reward-data';
import { locate, syntaxProblem } from './json-place';
import { ReportDocumentSchema } from './report-schema';

/** A file that was judged without a report: why it could not be judged. */
export type FailedFile = { fileName: string; error: Pick<ErrorData, 'message'> };

/**
 * What a text file holds that belongs to this app. Everything that can be read has been, and nothing has been put
 * anywhere: with problems it is for the person to say whether the rest is wanted.
 */
export type Import =
  | { kind: 'reports'; documents: ReportDocument[]; failures: FailedFile[]; problems: Problem[] }
  | { kind: 'predictions'; predictions: Predictions; problems: Problem[] }
  | { kind: 'marks'; marks: Marks; problems: Problem[] }
  | { kind: 'reward-data'; data: RewardData; problems: Problem[] };

/** A file that is nothing this app can open; the message says what was expected. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

const EXPECTED =
  'a Tellscope report (JSON), prediction JSON lines, a judge’s marks, or the rows of DeeptraceReward (all_data.json)';

/**
 * Reads a JSON or JSON lines text, whatever of the formats it is in.
 *
 * @throws {ImportError} when it is in none of them.
 */
export function readImport(text: string): Import {
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') {
    throw new ImportError(`The file is empty; expected ${EXPECTED}.`);
  }
  const whole = parse(body);
  if (isRecord(whole)) {
    return isReportLike(whole) ? readWholeReport(body, whole) : readLines(body);
  }
  if (Array.isArray(whole) && isReportLike(whole[0])) {
    return readReports(
      whole.map((value: unknown, index) => ({ value, place: index + 1 })),
      'row',
    );
  }
  if (body.trimStart().startsWith('[')) {
    return readRows(body);
  }
  return readLines(body);
}

function readWholeReport(text: string, value: Record<string, unknown>): Import {
  const read = readReports([{ value, place: 1 }], 'line');
  const located = read.problems.map((problem) => ({ ...problem, place: locate(text, problem.field) }));
  return { ...read, problems: located };
}

function readReports(items: { value: unknown; place: number }[], unit: Problem['unit']) {
  const found = { kind: 'reports' as const, documents: [], failures: [], problems: [] } as Extract<
    Import,
    { kind: 'reports' }
  >;
  for (const { value, place } of items) {
    const failure = failureIn(value);
    if (failure) {
      found.failures.push(failure);
      continue;
    }
    const read = check(ReportDocumentSchema, value, '');
    if (read.ok) {
      found.documents.push(read.value);
    } else {
      found.problems.push({ place, unit, videoId: undefined, ...explainVersion(value, read.problem) });
    }
  }
  return found;
}

/** A format of a later version is no mistake in the file. */
function explainVersion<T extends Pick<Problem, 'field' | 'expected'>>(value: unknown, problem: T): T {
  const schema = isRecord(value) ? value['schema'] : undefined;
  return problem.field === 'schema' && typeof schema === 'string' && /^tellscope-report\/\d+$/.test(schema)
    ? {
        ...problem,
        expected: '"tellscope-report/1", the version this app reads (open it with a newer Tellscope)',
      }
    : problem;
}

/** The command line writes a line with an error for a file that could not be judged. */
function failureIn(value: unknown): FailedFile | undefined {
  if (!isRecord(value) || !isRecord(value['error']) || !isRecord(value['file'])) {
    return undefined;
  }
  const { name } = value['file'];
  const { message } = value['error'];
  return typeof name === 'string' && typeof message === 'string'
    ? { fileName: name, error: { message } }
    : undefined;
}

function readRows(text: string): Import {
  let data: RewardData;
  try {
    data = readRewardData(text);
  } catch (error) {
    throw new ImportError(syntaxProblem(text) ?? (error instanceof Error ? error.message : String(error)), {
      cause: error,
    });
  }
  if (data.videos.length === 0) {
    const [first] = data.problems;
    const detail = first ? ` Its ${first.unit} ${first.place} has no usable "${first.field}".` : '';
    throw new ImportError(`This JSON list holds no usable row; expected ${EXPECTED}.${detail}`);
  }
  return { kind: 'reward-data', data, problems: data.problems };
}

function readLines(text: string): Import {
  const problems: Problem[] = [];
  const lines = [...jsonLines(text, problems)];
  const first = lines[0]?.value;
  if (first === undefined) {
    throw new ImportError(syntaxProblem(text) ?? `This is no JSON; expected ${EXPECTED}.`);
  }
  if (isReportLike(first)) {
    const read = readReports(lines, 'line');
    return { ...read, problems: [...problems, ...read.problems].sort((a, b) => a.place - b.place) };
  }
  if (!lines.some(({ value }) => 'video_id' in value)) {
    throw new ImportError(`This JSON is of another kind; expected ${EXPECTED}.`);
  }
  if ('mark' in first) {
    const marks = readMarks(text);
    return { kind: 'marks', marks, problems: marks.problems };
  }
  const predictions = readPredictions(text);
  return { kind: 'predictions', predictions, problems: predictions.problems };
}

function isReportLike(value: unknown): boolean {
  return (
    isRecord(value) && typeof value['schema'] === 'string' && value['schema'].startsWith('tellscope-report/')
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
