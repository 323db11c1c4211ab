import type { Report } from '../../workers/report';

/** What all reports on one file by one model have in common, whatever happened on the way to them. */
export function findings(report: Report): Partial<Report> {
  const { analysedAt: _date, timing: _timing, warnings: _warnings, ...same } = report;
  return same;
}
