import * as v from 'valibot';
import type { Box } from '../../../workers/report';
import { check, cornerBox, filledText, isRecord, numeric, show, type Problem } from './problems';

/** What a model answered on one video. What it left out or garbled is undefined, and scores worst. */
export type Prediction = {
  videoId: string;
  modelId: string | undefined;
  label: 'REAL' | 'FAKE' | undefined;
  /** In pixels of the video. */
  box: Box | undefined;
  startSeconds: number | undefined;
  endSeconds: number | undefined;
  explanation: string;
  /** A localizer's box and time count whatever its label says. */
  localizer: boolean;
};

/** Predictions by video, and what could not be read. */
export type Predictions = { byVideo: Map<string, Prediction>; problems: Problem[] };

const BOX_EXPECTED = 'a box {left, top, width, height} or [x0, y0, x1, y1] in pixels';

const edgesBox = v.pipe(
  v.strictTuple(
    [numeric(BOX_EXPECTED), numeric(BOX_EXPECTED), numeric(BOX_EXPECTED), numeric(BOX_EXPECTED)],
    BOX_EXPECTED,
  ),
  v.check(
    ([x0, y0, x1, y1]) => x1 > x0 && y1 > y0,
    'a box whose second corner lies right of and below its first',
  ),
);

const boxSchema = v.union(
  [
    edgesBox,
    v.pipe(
      cornerBox,
      v.transform(({ left, top, width, height }): Box => [left, top, left + width, top + height]),
    ),
  ],
  BOX_EXPECTED,
);

/** Read one by one: a field that is no good must not take the others with it. `null` stands for no answer. */
const FIELDS = {
  predicted_label: v.pipe(
    v.string('"REAL" or "FAKE"'),
    v.trim(),
    v.toUpperCase(),
    v.picklist(['REAL', 'FAKE'], '"REAL" or "FAKE"'),
  ),
  bbox: boxSchema,
  start_time: numeric('a number of seconds'),
  end_time: numeric('a number of seconds'),
  explanation: v.pipe(v.string('text'), v.trim()),
  model_id: v.string('text'),
  task: v.picklist(['reasoning', 'localization'], '"reasoning" or "localization"'),
};

type FieldName = keyof typeof FIELDS;

/**
 * Reads prediction JSON lines. A line without a video is left out; a field that is not as it should be counts as no
 * answer; of two answers on one video the later counts. Each is named in the problems, and nothing else is lost.
 */
export function readPredictions(text: string): Predictions {
  const byVideo = new Map<string, Prediction>();
  const problems: Problem[] = [];
  for (const { value, place } of jsonLines(text, problems)) {
    const id = check(filledText('the name of a video'), value['video_id'], 'video_id');
    const tell = (problem: Pick<Problem, 'field' | 'expected' | 'received'>): void => {
      problems.push({ place, unit: 'line', videoId: id.ok ? id.value : undefined, ...problem });
    };
    if (!id.ok) {
      tell(id.problem);
      continue;
    }
    const read = <Name extends FieldName>(name: Name): v.InferOutput<(typeof FIELDS)[Name]> | undefined => {
      const field = value[name] ?? undefined;
      if (field === undefined) {
        return undefined;
      }
      const result = check(FIELDS[name], field, name);
      if (!result.ok) {
        tell(result.problem);
        return undefined;
      }
      return result.value;
    };
    if (byVideo.has(id.value)) {
      tell({ field: 'video_id', expected: 'a video without an earlier line', received: show(id.value) });
    }
    byVideo.set(id.value, {
      videoId: id.value,
      modelId: read('model_id'),
      label: read('predicted_label'),
      box: read('bbox'),
      startSeconds: read('start_time'),
      endSeconds: read('end_time'),
      explanation: read('explanation') ?? '',
      localizer: read('task') === 'localization',
    });
  }
  return { byVideo, problems };
}

/** A judge's opinion of a predicted explanation: 0 wrong, 0.5 right object but wrong reason, 1 both right. */
export type Mark = 0 | 0.5 | 1;

/** Marks by {@link markKey}, and what could not be read. */
export type Marks = { byTrace: Map<string, Mark>; problems: Problem[] };

/** Names a trace of the data set: its video, and its place among the video's rows, from 1. */
export function markKey(videoId: string, trace: number): string {
  return `${trace} ${videoId}`;
}

const MarkSchema = v.object({
  video_id: filledText('the name of a video'),
  trace: v.pipe(
    numeric('the number of a row of the video, from 1'),
    v.integer('the number of a row of the video, from 1'),
    v.minValue(1, 'the number of a row of the video, from 1'),
  ),
  mark: v.picklist([0, 0.5, 1], '0, 0.5 or 1'),
});

/** Reads a judge's marks: JSON lines with `video_id`, `trace` (from 1, in the order of the rows) and `mark`. */
export function readMarks(text: string): Marks {
  const byTrace = new Map<string, Mark>();
  const problems: Problem[] = [];
  for (const { value, place } of jsonLines(text, problems)) {
    const fields = { video_id: value['video_id'], trace: value['trace'] ?? 1, mark: value['mark'] };
    const read = check(MarkSchema, fields, '');
    if (read.ok) {
      byTrace.set(markKey(read.value.video_id, read.value.trace), read.value.mark);
    } else {
      const id = typeof fields.video_id === 'string' ? fields.video_id : undefined;
      problems.push({ place, unit: 'line', videoId: id, ...read.problem });
    }
  }
  return { byTrace, problems };
}

/** The objects of a JSON lines text with their 1-based lines; lines that hold none are told of. */
export function* jsonLines(
  text: string,
  problems: Problem[],
): Generator<{ value: Record<string, unknown>; place: number }> {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') {
      continue;
    }
    const place = index + 1;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = line;
    }
    if (isRecord(value)) {
      yield { value, place };
    } else {
      const received = show(value);
      problems.push({
        place,
        unit: 'line',
        videoId: undefined,
        field: '',
        expected: 'a JSON object',
        received,
      });
    }
  }
}
