import type { ReportDocument } from '../report-document';
import { CATEGORY_INFO } from '../categories';
import { formatScore } from '../format';
import { listTraces, standingTraces, type ListedTrace } from './listed-traces';

/** A cue without a duration is none. */
const SHORTEST_CUE_SECONDS = 0.001;

/**
 * The traces of a report as WebVTT subtitles (W3C): one cue a trace, by onset. What a person says is marked as such; a
 * trace that a person rejected or corrected says so.
 */
export function toVtt(document: ReportDocument): string {
  const cues = listTraces(document)
    .sort((a, b) => a.startSeconds - b.startSeconds)
    .map((trace) => cue(trace.id, trace.startSeconds, trace.endSeconds, cueText(trace)));
  return vttFile(`Deepfake traces of ${document.file.name}, found by Tellscope`, cues);
}

function cueText({ category, score, explanation, madeBy, decision, words }: ListedTrace): string {
  const name = CATEGORY_INFO[category].name;
  if (madeBy === 'human') {
    return `Marked by a person: ${name}${explanation === '' ? '' : `: ${explanation}`}`;
  }
  const said = decision
    ? ` [${decision} by a person${words === '' || decision === 'corrected' ? '' : `: ${words}`}]`
    : '';
  return `${name} (score ${formatScore(score ?? 0)}): ${explanation}${said}`;
}

/**
 * The clip as WebVTT chapters (W3C): pieces that do not overlap, each named by the traces on screen in it; a new one
 * also begins at every hard cut. Traces that a person rejected are left out, corrected ones are where the person put
 * them.
 */
export function toChaptersVtt(document: ReportDocument): string {
  const traces = standingTraces(document);
  const { video, cuts, file } = document;
  const end = Math.max(
    video.durationSeconds,
    ...traces.map(({ endSeconds }) => endSeconds),
    SHORTEST_CUE_SECONDS,
  );
  const edges = [
    0,
    end,
    ...cuts,
    ...traces.flatMap(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]),
  ]
    .map((seconds) => milliseconds(Math.min(end, Math.max(0, seconds))))
    .sort((a, b) => a - b);
  const chapters: { from: number; to: number; title: string; afterCut: boolean }[] = [];
  for (const [index, from] of edges.entries()) {
    const to = edges[index + 1];
    if (to === undefined || to === from) {
      continue;
    }
    const middle = (from + to) / 2000;
    const title = chapterTitle(
      traces.filter(({ startSeconds, endSeconds }) => startSeconds <= middle && middle <= endSeconds),
    );
    const afterCut = cuts.some((cut) => milliseconds(cut) === from);
    const last = chapters.at(-1);
    if (last?.title === title && !afterCut) {
      last.to = to;
    } else {
      chapters.push({ from, to, title, afterCut });
    }
  }
  const cues = chapters.map(({ from, to, title }, index) =>
    cue(`chapter-${index + 1}`, from / 1000, to / 1000, title),
  );
  return vttFile(`Chapters of ${file.name} by its deepfake traces, found by Tellscope`, cues);
}

function chapterTitle(traces: readonly ListedTrace[]): string {
  const names = traces.map(
    ({ category, madeBy }) => `${CATEGORY_INFO[category].name}${madeBy === 'human' ? ' (by a person)' : ''}`,
  );
  return names.length > 0 ? [...new Set(names)].join(', ') : 'No trace';
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

function vttFile(about: string, cues: string[]): string {
  return [`WEBVTT\n\nNOTE ${note(about)}\n`, ...cues].join('\n');
}

function cue(id: string, startSeconds: number, endSeconds: number, text: string): string {
  const start = Math.max(0, startSeconds);
  const end = Math.max(start + SHORTEST_CUE_SECONDS, endSeconds);
  return `${oneLine(id)}\n${stamp(start)} --> ${stamp(end)}\n${escapeText(oneLine(text))}\n`;
}

/** `hh:mm:ss.mmm` */
function stamp(seconds: number): string {
  const all = milliseconds(seconds);
  const part = (unit: number, size: number, digits: number): string =>
    String(Math.floor(all / unit) % size).padStart(digits, '0');
  const hours = String(Math.floor(all / 3_600_000)).padStart(2, '0');
  return `${hours}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}

/** A line break could end the cue. */
function oneLine(text: string): string {
  return text.replaceAll('-->', '->').replace(/\s+/g, ' ').trim();
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Notes know no escapes. */
function note(text: string): string {
  return oneLine(text).replaceAll('>', ' ');
}
