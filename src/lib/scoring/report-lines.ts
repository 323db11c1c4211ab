import * as v from 'valibot';
import { CATEGORIES, type Box } from '../../../workers/report';
import { jsonLines } from './predictions';
import { toPredictionLine, videoIdOf, type PredictionLine, type PredictionSource } from './prediction-line';
import { check, isRecord, type Problem } from './problems';

const seconds = v.number('a number of seconds');
const pixels = v.number('a number of pixels');
const unit = v.pipe(
  v.number('a number from 0 to 1'),
  v.minValue(0, 'a number from 0 to 1'),
  v.maxValue(1, 'a number from 0 to 1'),
);
const file = v.object({ name: v.string('a file name') }, 'an object');
const schemaName = v.literal('tellscope-report/1', '"tellscope-report/1"');

const ReportLine = v.object(
  {
    schema: schemaName,
    file,
    model: v.object(
      { id: v.string('text'), version: v.string('text'), precision: v.string('text') },
      'an object',
    ),
    verdict: v.object(
      {
        band: v.picklist(['substantial-evidence', 'inconclusive', 'no-strong-signs'], 'the name of a band'),
        fakeProbability: unit,
      },
      'an object',
    ),
    traces: v.array(
      v.object(
        {
          category: v.picklist(CATEGORIES, 'the name of a category'),
          startSeconds: seconds,
          endSeconds: seconds,
          box: v.pipe(
            v.strictTuple([pixels, pixels, pixels, pixels], 'a box [x0, y0, x1, y1]'),
            v.transform((box): Box => box),
          ),
          explanation: v.string('text'),
        },
        'an object',
      ),
      'a list of traces',
    ),
    timing: v.object({ totalSeconds: seconds }, 'an object'),
  },
  'a report',
);

const FailureLine = v.object(
  {
    schema: schemaName,
    file,
    error: v.object({ code: v.string('text'), message: v.string('text') }, 'an object'),
  },
  'a failure line',
);

/** Prediction lines, and what could not be read. */
export type ConvertedReports = { lines: PredictionLine[]; problems: Problem[] };

/**
 * Turns reports (one JSON object a line, as the command line prints them) into prediction lines. A file that could not
 * be judged becomes a line without an answer; a line that is no report is named and left out.
 *
 * @param threshold probability from which a clip is called FAKE, 0..1.
 */
export function convertReports(text: string, threshold: number): ConvertedReports {
  const problems: Problem[] = [];
  const lines: PredictionLine[] = [];
  for (const { value, place } of jsonLines(text, problems)) {
    const read = value['error'] !== undefined ? check(FailureLine, value, '') : check(ReportLine, value, '');
    if (!read.ok) {
      const name = isRecord(value['file']) ? value['file']['name'] : undefined;
      const videoId = typeof name === 'string' ? videoIdOf(name) : undefined;
      problems.push({ place, unit: 'line', videoId, ...read.problem });
    } else if ('error' in read.value) {
      const { file: failed, error } = read.value;
      lines.push(noAnswer(failed.name, `${error.code}: ${error.message}`));
    } else {
      const report: PredictionSource = read.value;
      lines.push(toPredictionLine(report, threshold));
    }
  }
  // A failure line names no model; those beside it do.
  const modelId = lines.find(({ model_id: id }) => id !== '')?.model_id ?? 'unknown';
  return { lines: lines.map((line) => ({ ...line, model_id: line.model_id || modelId })), problems };
}

/** The line of a file that could not be judged: no answer, which scores worst. */
export function noAnswer(fileName: string, error: string): PredictionLine {
  return {
    video_id: videoIdOf(fileName),
    model_id: '',
    task: 'reasoning',
    predicted_label: null,
    fake_probability: null,
    start_time: null,
    end_time: null,
    bbox: null,
    explanation: null,
    latency_seconds: null,
    quantization: null,
    error,
  };
}
