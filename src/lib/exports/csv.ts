import type { Report } from '../../../workers/report';

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
];

/**
 * The traces of a report as CSV (RFC 4180): one row a trace, highest score first; times in seconds, the mean box in
 * pixels of the displayed frame.
 */
export function toCsv({ file, traces }: Report): string {
  const rows = traces.map(({ id, category, score, startSeconds, endSeconds, box, explanation }) => [
    file.name,
    file.sha256,
    id,
    category,
    score,
    startSeconds,
    endSeconds,
    ...box,
    explanation,
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
  // Spreadsheets run text that begins like a formula; a file name may.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
