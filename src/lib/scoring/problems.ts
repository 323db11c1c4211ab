import * as v from 'valibot';

/** One thing in a file that is not as it should be, and where. */
export type Problem = {
  /** The file within an archive; missing where there is only one. */
  file?: string;
  /** 1-based line of a JSON lines file, or row of a JSON array. */
  place: number;
  /** What `place` counts. */
  unit: 'line' | 'row';
  /** The video concerned, where the line says it. */
  videoId: string | undefined;
  /** Path of the field, for example `faketrace_bbox.left`; empty when the whole line is concerned. */
  field: string;
  expected: string;
  received: string;
};

/** A problem in one sentence. */
export function describeProblem({ file, place, unit, videoId, field, expected, received }: Problem): string {
  const inFile = file === undefined ? '' : `${file}, `;
  const video = videoId === undefined ? '' : ` (video ${videoId})`;
  const subject = field === '' ? 'it' : `"${field}"`;
  return `${inFile}${unit} ${place}${video}: ${subject} should be ${expected}, but is ${received}.`;
}

/** A finite number; text that holds one is taken for it. Messages of all schemas here say what was expected. */
export function numeric(expected: string): v.GenericSchema<unknown, number> {
  return v.pipe(v.unknown(), v.transform(textToNumber), v.number(expected), v.finite(expected));
}

/** Text that is not empty. */
export function filledText(expected: string): v.GenericSchema<unknown, string> {
  return v.pipe(v.string(expected), v.trim(), v.minLength(1, expected));
}

/** A box by its upper left corner and its size. */
export const cornerBox = v.object(
  {
    left: numeric('a number of pixels'),
    top: numeric('a number of pixels'),
    width: v.pipe(numeric('a number of pixels above 0'), v.gtValue(0, 'a number of pixels above 0')),
    height: v.pipe(numeric('a number of pixels above 0'), v.gtValue(0, 'a number of pixels above 0')),
  },
  'an object with left, top, width and height',
);

/** A value as a person who looks for it in the file would recognise it. */
export function show(value: unknown): string {
  if (value === undefined) {
    return 'missing';
  }
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The first thing a schema finds wrong with a value, or the value it makes of it. */
export function check<T extends v.GenericSchema>(
  schema: T,
  value: unknown,
  field: string,
):
  | { ok: true; value: v.InferOutput<T> }
  | { ok: false; problem: Pick<Problem, 'field' | 'expected' | 'received'> } {
  const result = v.safeParse(schema, value, { abortEarly: true, abortPipeEarly: true });
  if (result.success) {
    return { ok: true, value: result.output };
  }
  const [issue] = result.issues;
  const path = [field, v.getDotPath(issue) ?? ''].filter((part) => part !== '').join('.');
  // What stands in the file, not what an earlier step of the schema made of it.
  const found: unknown = issue.path ? issue.path.at(-1)?.value : value;
  return {
    ok: false,
    problem: {
      field: path,
      expected: issue.message,
      received: show(found),
    },
  };
}

/** Whether this is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textToNumber(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}
