import { zipSync } from 'fflate';
import type { Report } from '../../../workers/report';
import { fetchManifest } from '../model-assets';
import { toPredictionLine } from '../scoring/prediction-line';
import { toCsv } from './csv';
import { toHtml, type EmbeddedStill } from './html-report';
import { makeAnnotatedVideo, makeStills, type JobOptions } from './media-client';
import type { Still } from './stills';
import { toVtt } from './vtt';

/** A file to save, and what is to be said about it. */
export type ExportFile = { name: string; content: Blob; notes: string[] };

/** One kind of file that a report can be saved as. */
export type ExportKind = {
  id: string;
  title: string;
  description: string;
  /** Whether the video is decoded for it, which takes time. */
  slow: boolean;
  make: Make;
};

/**
 * Makes a file on this machine.
 *
 * @throws {TellscopeError} `cancelled` after an abort, else what went wrong.
 */
type Make = (file: File, report: Report, options: JobOptions) => Promise<ExportFile>;

/** Pictures inside of a page need not be larger than it. */
const EMBEDDED_SIDE = 960;

const makeHtml: Make = async (file, report, options) => {
  const stills = await makeStills(file, report, EMBEDDED_SIDE, options);
  const html = toHtml(report, {
    stills: await Promise.all(stills.map(embed)),
    figures: (await fetchManifest()).figures,
    madeAt: new Date(),
    browser: navigator.userAgent,
  });
  return textFile(report, '.html', 'text/html', html);
};

const makeVideo: Make = async (file, report, options) => {
  const { blob, extension, notes } = await makeAnnotatedVideo(file, report, options);
  return { name: exportName(report, `.${extension}`), content: blob, notes };
};

const makePictures: Make = async (file, report, options) => {
  const stills = await makeStills(file, report, Infinity, options);
  const content = new Blob([await packStills(stills)], { type: 'application/zip' });
  return { name: exportName(report, '-stills.zip'), content, notes: [] };
};

const makeCsv: Make = (_, report) => Promise.resolve(textFile(report, '.csv', 'text/csv', toCsv(report)));

const makeSubtitles: Make = (_, report) =>
  Promise.resolve(textFile(report, '.vtt', 'text/vtt', toVtt(report)));

const makePrediction: Make = async (_, report) => {
  const threshold = (await fetchManifest()).verdict.bands.substantialEvidence;
  const line = `${JSON.stringify(toPredictionLine(report, threshold))}\n`;
  return textFile(report, '.prediction.jsonl', 'application/jsonl', line);
};

/** Everything a report can be saved as, beside its JSON; the page offers them in this order. */
export const EXPORT_KINDS: ExportKind[] = [
  {
    id: 'html',
    title: 'Report to read and print (HTML)',
    description: 'One file with verdict, pictures, timeline and method. Opens anywhere, without network.',
    slow: true,
    make: makeHtml,
  },
  {
    id: 'video',
    title: 'Annotated video',
    description:
      'A copy of the video with boxes, categories and time burnt in. Encoded anew, so not for analysis.',
    slow: true,
    make: makeVideo,
  },
  {
    id: 'stills',
    title: 'Pictures of the traces (ZIP of PNG)',
    description: 'For each trace the full frame with its box, and the place itself, unscaled.',
    slow: true,
    make: makePictures,
  },
  {
    id: 'csv',
    title: 'Table of traces (CSV)',
    description: 'One row a trace, for a spreadsheet.',
    slow: false,
    make: makeCsv,
  },
  {
    id: 'vtt',
    title: 'Subtitles of traces (WebVTT)',
    description: 'Shows each trace in words while the video plays in another player.',
    slow: false,
    make: makeSubtitles,
  },
  {
    id: 'prediction',
    title: 'DeeptraceReward prediction (JSON line)',
    description: 'Label and top trace as the benchmark’s tools read them.',
    slow: false,
    make: makePrediction,
  },
];

/** `clip.mp4` becomes `clip.tellscope` with the ending. */
function exportName(report: Report, ending: string): string {
  return `${report.file.name.replace(/\.[^.]+$/, '')}.tellscope${ending}`;
}

function textFile(report: Report, ending: string, type: string, text: string): ExportFile {
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
