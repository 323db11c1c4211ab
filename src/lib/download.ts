import type { Report } from '../../workers/report';

/** Name of the report file for a clip: `clip.mp4` becomes `clip.tellscope.json`. */
export function reportFileName(report: Report): string {
  return `${report.file.name.replace(/\.[^.]+$/, '')}.tellscope.json`;
}

/** Saves the report as a file. */
export function downloadReport(report: Report): void {
  saveFile(
    new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: 'application/json' }),
    reportFileName(report),
  );
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
