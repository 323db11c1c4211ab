import * as v from 'valibot';
import { CATEGORIES, type Box, type Category } from '../../../workers/report';
import { clipBox, type FrameSize } from './geometry';
import { check, cornerBox, filledText, isRecord, numeric, show, type Problem } from './problems';

/** One trace that an annotator marked. */
export type RewardTrace = {
  /** In pixels, cut to the frame. */
  box: Box;
  startSeconds: number;
  endSeconds: number | undefined;
  /** Empty where the annotator wrote none. */
  explanation: string;
  categories: Category[];
};

/** One video of RewardData with all rows that belong to it. */
export type RewardVideo = {
  videoId: string;
  path: string;
  fake: boolean;
  /** Generator, or the data set a real video is from. */
  source: string;
  split: string;
  frame: FrameSize;
  durationSeconds: number;
  /** Empty for real videos. */
  traces: RewardTrace[];
};

/** The rows of a data set by video, in the order of the file, and the rows that had to be left out. */
export type RewardData = { videos: RewardVideo[]; problems: Problem[] };

const positive = (expected: string) => v.pipe(numeric(expected), v.gtValue(0, expected));
const notNegative = (expected: string) => v.pipe(numeric(expected), v.minValue(0, expected));

const videoEntries = {
  video_id: filledText('the name of a video'),
  video_path: filledText('a path'),
  video_type: v.picklist(['fake_video', 'real_video'], '"fake_video" or "real_video"'),
  video_source: filledText('the name of a generator or data set'),
  split: filledText('the name of a split'),
  video_width: positive('a number of pixels above 0'),
  video_height: positive('a number of pixels above 0'),
  video_frame_rate: positive('a number of frames per second above 0'),
  video_duration: positive('a number of seconds above 0'),
};

const Tags = v.union(
  [
    v.array(v.string()),
    v.pipe(
      v.string(),
      v.transform((tag) => [tag]),
    ),
  ],
  'a list of tags',
);

const traceEntries = {
  faketrace_bbox: cornerBox,
  faketrace_first_frame: notNegative('the number of a frame'),
  faketrace_last_frame: v.nullish(notNegative('the number of a frame')),
  faketrace_explanations: v.nullish(v.string('text'), ''),
  faketrace_check_applies: v.nullish(Tags, () => []),
};

const VideoSchema = v.object(videoEntries, 'an object');
const TraceSchema = v.object(traceEntries, 'an object');

/** Annotator tags name their category in several ways. */
const TAG_PATTERNS: Record<Category, RegExp> = {
  'object-distortion': /object distortion|shape distortion|distortions? \(object|deform/,
  'sudden-blurring': /blur/,
  'object-trajectory': /trajector|weird motion|movement path|unsmooth/,
  'redundant-object': /redundant|extra object|(?<!dis)appearance/,
  'object-merging': /merg|overlap/,
  'object-splitting': /split/,
  'background-distortion': /background distortion/,
  'object-disappearance': /disappear/,
  'unexpected-move': /unexpected move|still things/,
};

/**
 * Reads the text of RewardData's `all_data.json`. A row that cannot be used is named and left out; the others stay.
 *
 * @throws {Error} when the text is no list of rows at all.
 */
export function readRewardData(text: string): RewardData {
  const rows = parseRows(text);
  const videos = new Map<string, RewardVideo>();
  const problems: Problem[] = [];
  for (const [index, row] of rows.entries()) {
    const problem = takeRow(row, videos);
    if (problem) {
      const id = isRecord(row) && typeof row['video_id'] === 'string' ? row['video_id'] : undefined;
      problems.push({ place: index + 1, unit: 'row', videoId: id, ...problem });
    }
  }
  return { videos: [...videos.values()], problems };
}

type FieldProblem = Pick<Problem, 'field' | 'expected' | 'received'>;

/** Adds a row to its video, or says what is wrong with it. */
function takeRow(row: unknown, videos: Map<string, RewardVideo>): FieldProblem | undefined {
  if (!isRecord(row)) {
    return { field: '', expected: 'an object', received: show(row) };
  }
  const read = check(VideoSchema, pick(row, videoEntries), '');
  if (!read.ok) {
    return read.problem;
  }
  const fields = read.value;
  const frame = { width: fields.video_width, height: fields.video_height };
  const fake = fields.video_type === 'fake_video';
  const known = videos.get(fields.video_id);
  if (known && known.split !== fields.split) {
    return {
      field: 'split',
      expected: `"${known.split}" as in its earlier row`,
      received: show(fields.split),
    };
  }
  if (known && known.fake !== fake) {
    return {
      field: 'video_type',
      expected: 'the same as in its earlier row',
      received: show(fields.video_type),
    };
  }
  let trace: RewardTrace | undefined;
  if (fake) {
    const traceRead = readTrace(row, frame, fields.video_frame_rate);
    if ('field' in traceRead) {
      return traceRead;
    }
    trace = traceRead;
  }
  const video = known ?? {
    videoId: fields.video_id,
    path: fields.video_path,
    fake,
    source: fields.video_source,
    split: fields.split,
    frame,
    durationSeconds: fields.video_duration,
    traces: [],
  };
  videos.set(video.videoId, video);
  if (trace) {
    video.traces.push(trace);
  }
  return undefined;
}

function readTrace(
  row: Record<string, unknown>,
  frame: FrameSize,
  frameRate: number,
): RewardTrace | FieldProblem {
  const read = check(TraceSchema, pick(row, traceEntries), '');
  if (!read.ok) {
    return read.problem;
  }
  const { left, top, width, height } = read.value.faketrace_bbox;
  const box = clipBox([left, top, left + width, top + height], frame);
  if (!box) {
    return {
      field: 'faketrace_bbox',
      expected: `a box inside the frame of ${frame.width} x ${frame.height} pixels`,
      received: show(row['faketrace_bbox']),
    };
  }
  const last = read.value.faketrace_last_frame;
  const tags = read.value.faketrace_check_applies.join(' | ').toLowerCase();
  return {
    box,
    startSeconds: read.value.faketrace_first_frame / frameRate,
    endSeconds: typeof last === 'number' ? last / frameRate : undefined,
    explanation: read.value.faketrace_explanations.trim(),
    categories: CATEGORIES.filter((category) => TAG_PATTERNS[category].test(tags)),
  };
}

/** The fields a schema asks for, missing ones as undefined, so that each is told of by its own expectation. */
function pick(row: Record<string, unknown>, entries: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(entries).map((key) => [key, row[key]]));
}

function parseRows(text: string): unknown[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    try {
      // Python writes numbers that are none as bare words, which JSON does not know.
      data = JSON.parse(
        text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (found) =>
          found.startsWith('"') ? found : 'null',
        ),
      );
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new Error(`The data set is not JSON (${detail}).`, { cause: error });
    }
  }
  if (!Array.isArray(data)) {
    throw new Error(`The data set should be a list of rows, but is ${show(data)}.`);
  }
  return data;
}
