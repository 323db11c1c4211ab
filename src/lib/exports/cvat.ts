import { CATEGORIES, type Box } from '../../../workers/report';
import type { ReportDocument } from '../report-document';
import { standingTraces, type ListedTrace } from './listed-traces';
import { markup, type Markup } from './markup';

/** Characters that no XML may hold, escaped or not; a file name may. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** The attributes that each label carries; CVAT keeps those that a task of its knows. */
const ATTRIBUTES = ['explanation', 'score', 'made_by'] as const;

/**
 * The traces of a report as XML in the format “CVAT for video 1.1” (https://docs.cvat.ai/docs/dataset_management/formats/xml_format/):
 * a track a trace, with the boxes of its tube as key frames. Traces that a person rejected are left out, corrections
 * stand in place of what they correct.
 *
 * @param timestamps presentation timestamps of all frames in seconds, ascending; without them frames are taken to
 *   follow each other at the clip's average rate.
 */
export function toCvatXml(document: ReportDocument, timestamps?: ArrayLike<number>): string {
  const { file, video, analysedAt } = document;
  const frameAt = (seconds: number): number =>
    Math.min(video.frameCount - 1, timestamps ? lastAtOrBefore(timestamps, seconds) : byRate(seconds, video));
  const labels = CATEGORIES.map(
    (category) =>
      markup`<label><name>${category}</name><type>rectangle</type><attributes>${ATTRIBUTES.map(
        (name) =>
          markup`<attribute><name>${name}</name><mutable>False</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute>`,
      )}</attributes></label>\n`,
  );
  const tracks = standingTraces(document).map((trace, index) =>
    track(trace, index, frameAt, video.frameCount),
  );
  return markup`<?xml version="1.0" encoding="utf-8"?>
<annotations>
<version>1.1</version>
<meta>
<task>
<name>${file.name}</name>
<size>${video.frameCount}</size>
<mode>interpolation</mode>
<overlap>0</overlap>
<created>${analysedAt}</created>
<start_frame>0</start_frame>
<stop_frame>${video.frameCount - 1}</stop_frame>
<labels>
${labels}</labels>
<original_size><width>${video.width}</width><height>${video.height}</height></original_size>
</task>
<source>${file.name}</source>
</meta>
${tracks}</annotations>
`.text.replace(NOT_XML, '\uFFFD');
}

function track(
  trace: ListedTrace,
  id: number,
  frameAt: (seconds: number) => number,
  frameCount: number,
): Markup {
  const first = frameAt(trace.startSeconds);
  const last = Math.max(first, frameAt(trace.endSeconds));
  const boxes = new Map<number, Box>();
  boxes.set(first, trace.track[0]?.box ?? trace.box);
  for (const { timeSeconds, box } of trace.track) {
    boxes.set(Math.min(last, Math.max(first, frameAt(timeSeconds))), box);
  }
  const end = trace.track.at(-1)?.box ?? trace.box;
  const keyFrames = [...boxes].sort(([a], [b]) => a - b).map(([frame, box]) => boxElement(frame, box, trace));
  // Without it the last box would stay until the end of the clip.
  const close = last + 1 < frameCount ? [boxElement(last + 1, end, trace, true)] : [];
  const source = trace.madeBy === 'human' ? 'manual' : 'auto';
  return markup`<track id="${id}" label="${trace.category}" source="${source}">
${keyFrames}${boxes.has(last) ? [] : [boxElement(last, end, trace)]}${close}</track>
`;
}

function boxElement(frame: number, [x0, y0, x1, y1]: Box, trace: ListedTrace, outside = false): Markup {
  const values = { explanation: trace.explanation, score: trace.score ?? '', made_by: trace.madeBy };
  const attributes = ATTRIBUTES.map((name) => markup`<attribute name="${name}">${values[name]}</attribute>`);
  return markup`<box frame="${frame}" keyframe="1" outside="${outside ? 1 : 0}" occluded="0" xtl="${round(x0)}" ytl="${round(y0)}" xbr="${round(x1)}" ybr="${round(y1)}" z_order="0">${attributes}</box>
`;
}

function lastAtOrBefore(timestamps: ArrayLike<number>, seconds: number): number {
  let [low, high] = [0, timestamps.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    // Times of samples are those of their packets, but for rounding.
    if ((timestamps[middle] ?? Infinity) <= seconds + 1e-6) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

function byRate(seconds: number, { averageFrameRate }: ReportDocument['video']): number {
  return Math.max(0, Math.floor(seconds * averageFrameRate + 1e-6));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
