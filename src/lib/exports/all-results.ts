import { strToU8, zipSync } from 'fflate';
import type { ErrorData } from '../../../workers/errors';
import type { Report } from '../../../workers/report';
import { safeStem } from '../file-names';
import { fetchManifest } from '../model-assets';
import { currentDocument, documentText } from '../report-document';
import { toPredictionLine } from '../scoring/prediction-line';
import { csvTable, toCsv } from './csv';
import { toVtt } from './vtt';

/** How one file of a visit ended. */
export type Result = { fileName: string; report: Report | undefined; error: ErrorData | undefined };

/**
 * Packs everything known of several files into one ZIP: `results.csv` with one row a file, `predictions.jsonl` for
 * DeeptraceReward's tools, and for each judged file its report, table and subtitles.
 *
 * @throws {TellscopeError} when the model's threshold for predictions cannot be read.
 */
export async function packResults(results: readonly Result[]): Promise<Blob> {
  const threshold = (await fetchManifest()).verdict.bands.substantialEvidence;
  const reports = await Promise.all(
    results.flatMap(({ report }) => (report ? [currentDocument(report)] : [])),
  );
  const entries: Record<string, Uint8Array> = {
    'results.csv': strToU8(csvTable(resultRows(results))),
    'predictions.jsonl': strToU8(
      reports.map((report) => `${JSON.stringify(toPredictionLine(report, threshold))}\n`).join(''),
    ),
  };
  for (const [index, report] of reports.entries()) {
    // Two folders may hold files of one name: the number keeps them apart.
    const name = `${String(index + 1).padStart(2, '0')}-${safeStem(report.file.name)}`;
    entries[`${name}/report.json`] = strToU8(documentText(report));
    entries[`${name}/traces.csv`] = strToU8(toCsv(report));
    entries[`${name}/traces.vtt`] = strToU8(toVtt(report));
  }
  return new Blob([zipSync(entries)], { type: 'application/zip' });
}

function resultRows(results: readonly Result[]): (string | number)[][] {
  const header = [
    'file',
    'file_sha256',
    'verdict',
    'probability_of_generation',
    'traces',
    'error',
    'error_message',
  ];
  const rows = results.map(({ fileName, report, error }) => [
    fileName,
    report?.file.sha256 ?? '',
    report?.verdict.band ?? '',
    report?.verdict.fakeProbability ?? '',
    report?.traces.length ?? '',
    error?.code ?? '',
    error?.message ?? '',
  ]);
  return [header, ...rows];
}
