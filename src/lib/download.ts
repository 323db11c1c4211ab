import type { Report } from '../../workers/report';
import { safeStem } from './file-names';
import { currentDocument, documentText } from './report-document';

/** Name of the report file for a clip: `clip.mp4` becomes `clip.tellscope.json`. */
export function reportFileName(report: Report): string {
  return `${safeStem(report.file.name)}.tellscope.json`;
}

/** Saves the report as a file, with the human review apart. */
export async function downloadReport(report: Report): Promise<void> {
  const text = documentText(await currentDocument(report));
  saveFile(new Blob([text], { type: 'application/json' }), reportFileName(report));
}

/** Saves a file. Nothing is sent: the browser writes it from memory. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken its own reference by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
