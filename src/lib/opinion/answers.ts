import * as v from 'valibot';
import type { Box, OpinionTrace } from '../../../workers/report';
import { clipBox, type FrameSize } from '../scoring/geometry';
import type { ModelEntry } from './registry';

/** How a model writes a box. */
export type BoxConvention = ModelEntry['answer']['boxes'];

/** How a model was asked to answer. */
export type AnswerFormat = ModelEntry['answer']['format'];

/** What a well-formed answer says. */
export type ParsedAnswer = {
  /** Of the clip `FAKE` or `REAL`, of a region `UNNATURAL` or `NATURAL`; `null` where the model gives none. */
  label: 'FAKE' | 'REAL' | 'UNNATURAL' | 'NATURAL' | null;
  traces: OpinionTrace[];
  /** What is said beside the traces. */
  explanation: string;
};

/** What an answer is measured in. */
export type AnswerContext = {
  boxes: BoxConvention;
  /** Size of the displayed frame in pixels. */
  display: FrameSize;
  /** Size of the frames as the model saw them, in pixels. */
  input: FrameSize;
  /** First and last moment of the clip in seconds; times outside are cut to it. */
  clip: { startSeconds: number; endSeconds: number };
};

/** Coordinates may leave the frame by this share of it: models round. Anything further is another convention. */
const SLACK = 0.005;

/**
 * Maps a box from the model's convention to pixels of the displayed frame.
 *
 * @returns `undefined` when the numbers cannot be a box of this convention: nothing is guessed.
 */
export function toDisplayBox(numbers: readonly number[], context: AnswerContext): Box | undefined {
  const { display } = context;
  const unit = unitOf(context);
  const shares = numbers.map((value, index) => value / (index % 2 === 0 ? unit.width : unit.height));
  const [x0, y0, x1, y1] = shares;
  if (
    x0 === undefined ||
    y0 === undefined ||
    x1 === undefined ||
    y1 === undefined ||
    shares.length !== 4 ||
    !shares.every((share) => share >= -SLACK && share <= 1 + SLACK)
  ) {
    return undefined;
  }
  return clipBox([x0 * display.width, y0 * display.height, x1 * display.width, y1 * display.height], display);
}

/** Writes a box of the displayed frame in the model's convention: whole numbers, or three decimals as shares. */
export function fromDisplayBox(box: Box, context: AnswerContext): Box {
  const { display, boxes } = context;
  const unit = unitOf(context);
  const write = (share: number, size: number): number =>
    boxes === 'unit' ? Math.round(share * 1000) / 1000 : Math.round(share * size);
  return [
    write(box[0] / display.width, unit.width),
    write(box[1] / display.height, unit.height),
    write(box[2] / display.width, unit.width),
    write(box[3] / display.height, unit.height),
  ];
}

/** What the right and the lower edge of the frame are called in the model's convention. */
function unitOf({ boxes, display, input }: AnswerContext): FrameSize {
  switch (boxes) {
    case 'unit':
      return { width: 1, height: 1 };
    case 'thousandths':
      return { width: 1000, height: 1000 };
    case 'location-tokens':
      return { width: 999, height: 999 };
    case 'input-pixels':
      return input;
    case 'display-pixels':
      return display;
  }
}

/**
 * Reads an answer about the whole clip, strictly.
 *
 * @returns what it says, or `null` when it is not in the format asked for; the text is then all there is.
 */
export function parseClipAnswer(
  answer: string,
  format: AnswerFormat,
  context: AnswerContext,
): ParsedAnswer | null {
  const text = bare(answer);
  switch (format) {
    case 'sentence':
      return parseSentence(text, context);
    case 'tags':
      return parseTags(text, context);
    case 'json':
      return parseJson(text, context);
    case 'none':
      return null;
  }
}

/** Reads an answer about one region in the form `UNNATURAL: reason` or `NATURAL: reason`. */
export function parseRegionAnswer(answer: string): ParsedAnswer | null {
  const match = /^(UNNATURAL|NATURAL)\s*[:.]\s*(\S[\s\S]*)$/i.exec(bare(answer));
  if (!match) {
    return null;
  }
  const label = match[1]?.toUpperCase() === 'UNNATURAL' ? 'UNNATURAL' : 'NATURAL';
  return { label, traces: [], explanation: (match[2] ?? '').trim() };
}

/**
 * Reads Florence-2's description of a region: words, perhaps followed by the region's location tokens. It says what is
 * there, not whether anything is wrong, so there is no label.
 */
export function parseRegionCaption(answer: string): ParsedAnswer | null {
  const text = answer.replaceAll(/<\/?s>|<pad>/g, '').trim();
  const match = /^([^<>]*\p{L}[^<>]*?)\s*(?:<loc_\d{1,3}>){0,4}$/u.exec(text);
  return match ? { label: null, traces: [], explanation: (match[1] ?? '').trim() } : null;
}

/** The answer without what models put around it: end-of-text marks, a thinking part, a code fence. */
function bare(answer: string): string {
  const text = answer
    .replaceAll(/<\|?(?:im_end|endoftext|end_of_utterance)\|?>|<\/?s>/g, '')
    .replace(/^\s*<think>[\s\S]*?<\/think>/, '')
    .trim();
  return /^```\w*\n([\s\S]*?)\n?```$/.exec(text)?.[1]?.trim() ?? text;
}

const NUMBER = String.raw`[+-]?\d+(?:\.\d+)?`;
const BOX = String.raw`[[(]\s*(${NUMBER})\s*,\s*(${NUMBER})\s*,\s*(${NUMBER})\s*,\s*(${NUMBER})\s*[\])]`;
const SECONDS = String.raw`(${NUMBER})\s*(?:s|sec|secs|second|seconds)?`;

const REAL_SENTENCE = /^REAL\. The video is real\. There is no unnatural part\.?$/i;
const FAKE_SENTENCE = new RegExp(
  String.raw`^FAKE\. The video is AI-generated\. The unnatural part is at ${BOX} starting ${SECONDS}\. ` +
    String.raw`The reason is because (\S[\s\S]*)$`,
  'i',
);

/** The two sentences of DeeptraceReward's fine-tuned models (arXiv 2509.22646). */
function parseSentence(text: string, context: AnswerContext): ParsedAnswer | null {
  if (REAL_SENTENCE.test(text)) {
    return { label: 'REAL', traces: [], explanation: '' };
  }
  const match = FAKE_SENTENCE.exec(text);
  if (!match) {
    return null;
  }
  const trace = makeTrace(match.slice(1, 5).map(Number), Number(match[5]), null, match[6] ?? '', context);
  return trace && { label: 'FAKE', traces: [trace], explanation: '' };
}

const LABEL_TAG = /^<label>\s*(FAKE|REAL)\s*<\/label>/i;
const TRACE_TAGS = new RegExp(
  String.raw`^\s*<coordinates>\s*${BOX}\s*</coordinates>` +
    String.raw`\s*<start_time>\s*${SECONDS}\s*</start_time>` +
    String.raw`(?:\s*<end_time>\s*${SECONDS}\s*</end_time>)?` +
    String.raw`\s*<explanation>\s*([^<>]*\S[^<>]*?)\s*</explanation>`,
  'i',
);

/** The tags that DeeptraceReward asks untuned models for, with a label before them and any number of traces. */
function parseTags(text: string, context: AnswerContext): ParsedAnswer | null {
  const label = LABEL_TAG.exec(text);
  if (!label) {
    return null;
  }
  let rest = text.slice(label[0].length);
  const traces: OpinionTrace[] = [];
  for (let match = TRACE_TAGS.exec(rest); match; match = TRACE_TAGS.exec(rest)) {
    const end = match[6] === undefined ? null : Number(match[6]);
    const trace = makeTrace(match.slice(1, 5).map(Number), Number(match[5]), end, match[7] ?? '', context);
    if (!trace) {
      return null;
    }
    traces.push(trace);
    rest = rest.slice(match[0].length);
  }
  if (rest.trim() !== '') {
    return null;
  }
  return consistent(label[1]?.toUpperCase() === 'FAKE' ? 'FAKE' : 'REAL', traces);
}

const boxNumbers = v.strictTuple([v.number(), v.number(), v.number(), v.number()]);
const JsonAnswer = v.strictObject({
  label: v.picklist(['FAKE', 'REAL']),
  traces: v.array(
    v.strictObject({
      bbox_2d: boxNumbers,
      start_time: v.number(),
      end_time: v.optional(v.number()),
      explanation: v.pipe(v.string(), v.trim(), v.minLength(1)),
    }),
  ),
});

function parseJson(text: string, context: AnswerContext): ParsedAnswer | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const answer = v.safeParse(JsonAnswer, value);
  if (!answer.success) {
    return null;
  }
  const traces: OpinionTrace[] = [];
  for (const { bbox_2d: box, start_time: start, end_time: end, explanation } of answer.output.traces) {
    const trace = makeTrace(box, start, end ?? null, explanation, context);
    if (!trace) {
      return null;
    }
    traces.push(trace);
  }
  return consistent(answer.output.label, traces);
}

/** An answer that calls a clip real and shows where it is fake says nothing. */
function consistent(label: 'FAKE' | 'REAL', traces: OpinionTrace[]): ParsedAnswer | null {
  return label === 'REAL' && traces.length > 0 ? null : { label, traces, explanation: '' };
}

function makeTrace(
  box: readonly number[],
  start: number,
  end: number | null,
  explanation: string,
  context: AnswerContext,
): OpinionTrace | null {
  const placed = toDisplayBox(box, context);
  const { startSeconds, endSeconds } = context.clip;
  const within = (seconds: number): number => Math.min(endSeconds, Math.max(startSeconds, seconds));
  if (!placed || !Number.isFinite(start) || start < 0 || (end !== null && !(end >= start))) {
    return null;
  }
  return {
    category: null,
    box: placed,
    startSeconds: within(start),
    endSeconds: end === null ? null : within(end),
    explanation: explanation.trim(),
  };
}
