import type { ReportDocument } from '../report-document';
import { listTraces } from './listed-traces';

const COLUMNS = [
  'file',
  'file_sha256',
  'trace',
  'category',
  'score',
  'start_seconds',
  'end_seconds',
  'left',
  'top',
  'right',
  'bottom',
  'explanation',
  'made_by',
  'human_decision',
  'human_words',
];

/**
 * The traces of a report as CSV (RFC 4180): one row a trace, the model's first, highest score first; times in seconds,
 * the mean box in pixels of the displayed frame. `made_by` says whether the model or a person describes the trace.
 */
export function toCsv(document: ReportDocument): string {
  const { file } = document;
  const rows = listTraces(document).map((trace) => [
    file.name,
    file.sha256,
    trace.id,
    trace.category,
    trace.score ?? '',
    trace.startSeconds,
    trace.endSeconds,
    ...trace.box,
    trace.explanation,
    trace.madeBy,
    trace.decision ?? '',
    trace.words,
  ]);
  return csvTable([COLUMNS, ...rows]);
}

/** Rows of cells as CSV (RFC 4180). */
export function csvTable(rows: readonly (string | number)[][]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  if (typeof value === 'number') {
    return String(value);
  }
  // Spreadsheets run text that begins like a formula; a file name may. Some read full-width signs as the plain ones.
  const harmless = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
