import { zipSync } from 'fflate';
import { TellscopeError } from '../../../workers/errors';
import { safeStem } from '../file-names';
import { fetchManifest } from '../model-assets';
import { manifestOf } from '../model-card';
import type { ReportDocument } from '../report-document';
import { toPredictionLine } from '../scoring/prediction-line';
import { toCsv } from './csv';
import { toCvatXml } from './cvat';
import { toHtml, type EmbeddedStill } from './html-report';
import { listTraces } from './listed-traces';
import { makeAnnotatedVideo, makeStills, readTimestamps, type JobOptions } from './media-client';
import { toRewardRows } from './reward-rows';
import type { PicturedTraces, Still } from './stills';
import { toChaptersVtt, toVtt } from './vtt';

/** A file to save, and what is to be said about it. */
export type ExportFile = { name: string; content: Blob; notes: string[] };

/** What an export is made from. */
export type ExportSource = {
  document: ReportDocument;
  /** The video; none when only its report was opened. */
  file: File | undefined;
};

/** What the kinds are sorted by: for people, for other programs. */
export const EXPORT_GROUPS = ['To read and show', 'For other programs'] as const;

/** One kind of file that a report can be saved as. */
export type ExportKind = {
  id: string;
  group: (typeof EXPORT_GROUPS)[number];
  title: string;
  description: string;
  /** Whether the video is decoded for it, which takes time. */
  slow: boolean;
  /** Whether there is nothing to save without the video. */
  needsVideo: boolean;
  make: Make;
};

/**
 * Makes a file on this machine.
 *
 * @throws {TellscopeError} `cancelled` after an abort, else what went wrong.
 */
type Make = (source: ExportSource, options: JobOptions) => Promise<ExportFile>;

/** Pictures inside of a page need not be larger than it. */
const EMBEDDED_SIDE = 960;

const makeHtml: Make = async ({ document, file }, options) => {
  const stills = file && (await makeStills(file, pictured(document), EMBEDDED_SIDE, options));
  const html = toHtml(document, {
    stills: stills && (await Promise.all(stills.map(embed))),
    figures: manifestOf(document, await fetchManifest())?.figures ?? {},
    madeAt: new Date(),
  });
  return textFile(document, '.html', 'text/html', html);
};

const makeVideo: Make = async (source, options) => {
  const { document } = source;
  const { blob, extension, notes } = await makeAnnotatedVideo(videoOf(source), document, options);
  const unreviewed = document.humanReview
    ? ['It shows what the model found, not what a person said of it.']
    : [];
  return { name: exportName(document, `.${extension}`), content: blob, notes: [...notes, ...unreviewed] };
};

const makePictures: Make = async (source, options) => {
  const { document } = source;
  const stills = await makeStills(videoOf(source), pictured(document), Infinity, options);
  const content = new Blob([await packStills(stills)], { type: 'application/zip' });
  return { name: exportName(document, '-stills.zip'), content, notes: [] };
};

const makeCvat: Make = async ({ document, file }, options) => {
  const timestamps = file && (await readTimestamps(file, options));
  const made = textFile(document, '.cvat.xml', 'application/xml', toCvatXml(document, timestamps));
  const inexact =
    'Frame numbers are worked out from the average frame rate, because the video is not at hand.';
  return timestamps ? made : { ...made, notes: [inexact] };
};

const makeRewardRows: Make = async ({ document }) => {
  const rows = toRewardRows(document, await installedThreshold());
  const missing =
    'There is no row: the clip counts as generated but has no trace, and the layout has no row for that.';
  return {
    ...textFile(document, '.rows.json', 'application/json', `${JSON.stringify(rows, null, 2)}\n`),
    notes: rows.length === 0 ? [missing] : [],
  };
};

const makePrediction: Make = async ({ document }) => {
  const line = `${JSON.stringify(toPredictionLine(document, await installedThreshold()))}\n`;
  return textFile(document, '.prediction.jsonl', 'application/jsonl', line);
};

function pictured(document: ReportDocument): PicturedTraces {
  return { traces: listTraces(document), video: document.video };
}

/** A file that is written from the report alone. */
function made(ending: string, type: string, write: (document: ReportDocument) => string): Make {
  return ({ document }) => Promise.resolve(textFile(document, ending, type, write(document)));
}

/** Everything a report can be saved as; the page offers them in this order. */
export const EXPORT_KINDS: ExportKind[] = [
  {
    id: 'html',
    group: 'To read and show',
    title: 'Report to read and print (HTML)',
    description: 'One file with verdict, pictures, timeline and method. Opens anywhere, without network.',
    slow: true,
    needsVideo: false,
    make: makeHtml,
  },
  {
    id: 'video',
    group: 'To read and show',
    title: 'Annotated video',
    description:
      'A copy of the video with boxes, categories and time burnt in. Encoded anew, so not for analysis.',
    slow: true,
    needsVideo: true,
    make: makeVideo,
  },
  {
    id: 'stills',
    group: 'To read and show',
    title: 'Pictures of the traces (ZIP of PNG)',
    description: 'For each trace the full frame with its box, and the place itself, unscaled.',
    slow: true,
    needsVideo: true,
    make: makePictures,
  },
  {
    id: 'vtt',
    group: 'To read and show',
    title: 'Subtitles of traces (WebVTT)',
    description: 'Shows each trace in words while the video plays in another player.',
    slow: false,
    needsVideo: false,
    make: made('.vtt', 'text/vtt', toVtt),
  },
  {
    id: 'chapters',
    group: 'To read and show',
    title: 'Chapters (WebVTT)',
    description: 'The clip in pieces, each named by the traces in it, to jump to in another player.',
    slow: false,
    needsVideo: false,
    make: made('.chapters.vtt', 'text/vtt', toChaptersVtt),
  },
  {
    id: 'csv',
    group: 'For other programs',
    title: 'Table of traces (CSV)',
    description: 'One row a trace, for a spreadsheet.',
    slow: false,
    needsVideo: false,
    make: made('.csv', 'text/csv', toCsv),
  },
  {
    id: 'cvat',
    group: 'For other programs',
    title: 'Tracks for annotators (CVAT for video, XML)',
    description: 'Each trace as a track of boxes with key frames, to correct in an annotation tool.',
    slow: true,
    needsVideo: false,
    make: makeCvat,
  },
  {
    id: 'prediction',
    group: 'For other programs',
    title: 'DeeptraceReward prediction (JSON line)',
    description: 'Label and top trace as the benchmark’s tools read them.',
    slow: false,
    needsVideo: false,
    make: makePrediction,
  },
  {
    id: 'rows',
    group: 'For other programs',
    title: 'DeeptraceReward rows (JSON)',
    description: 'One row a trace in the layout of the data set, with what a person corrected.',
    slow: false,
    needsVideo: false,
    make: makeRewardRows,
  },
];

function videoOf({ file }: ExportSource): File {
  if (!file) {
    throw new TellscopeError('unreadable-file', 'This needs the video. Choose it first.');
  }
  return file;
}

async function installedThreshold(): Promise<number> {
  return (await fetchManifest()).verdict.bands.substantialEvidence;
}

/** `clip.mp4` becomes `clip.tellscope` with the ending. */
function exportName(report: ReportDocument, ending: string): string {
  return `${safeStem(report.file.name)}.tellscope${ending}`;
}

function textFile(report: ReportDocument, ending: string, type: string, text: string): ExportFile {
  return { name: exportName(report, ending), content: new Blob([text], { type }), notes: [] };
}

async function embed({ traceId, timeSeconds, frame, crop }: Still): Promise<EmbeddedStill> {
  return { traceId, timeSeconds, frameUrl: await dataUrl(frame), cropUrl: await dataUrl(crop) };
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result as string));
    reader.addEventListener('error', () =>
      reject(reader.error ?? new Error('The picture could not be read.')),
    );
    reader.readAsDataURL(blob);
  });
}

async function packStills(stills: Still[]): Promise<Uint8Array<ArrayBuffer>> {
  const entries: Record<string, Uint8Array> = {};
  for (const [index, { traceId, frame, crop }] of stills.entries()) {
    const name = `${String(index + 1).padStart(2, '0')}-${traceId.replace(/[^\w-]/g, '_')}`;
    entries[`${name}-frame.png`] = new Uint8Array(await frame.arrayBuffer());
    entries[`${name}-crop.png`] = new Uint8Array(await crop.arrayBuffer());
  }
  // PNG is compressed already.
  return zipSync(entries, { level: 0 });
}
