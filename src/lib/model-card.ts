import type { Manifest } from '../../workers/model/manifest';
import type { Report } from '../../workers/report';
import { formatShare } from './format';

/** What a model's makers measured; every figure may be missing. */
export type Figures = Manifest['figures'];

/** The manifest if it is that of the model that made a report: the figures of one version say nothing of another. */
export function manifestOf(
  report: Pick<Report, 'model'> | undefined,
  installed: Manifest | undefined,
): Manifest | undefined {
  const other = report && (report.model.id !== installed?.id || report.model.version !== installed.version);
  return other ? undefined : installed;
}

/** One measured figure in words. */
export type FigureRow = { label: string; value: string; note: string };

/** The figures worth knowing before one relies on a verdict, in reading order; those not measured are left out. */
export function figureRows(figures: Figures): FigureRow[] {
  const { realFlagged, realFlaggedStockBroadcast, generatedFound, auc, boxIou, centreBoxIou } = figures;
  const rows: FigureRow[] = [];
  if (realFlagged) {
    rows.push({
      label: 'Real clips wrongly flagged',
      value: `${realFlagged.count} of ${realFlagged.of}`,
      note: `${formatShare(realFlagged.rate)} got “substantial evidence”; with 95% confidence the true rate is below ${formatShare(realFlagged.upper95)}`,
    });
  }
  if (realFlaggedStockBroadcast && realFlaggedStockBroadcast.of > 0) {
    rows.push({
      label: 'Of these, stock and broadcast footage',
      value: `${realFlaggedStockBroadcast.count} of ${realFlaggedStockBroadcast.of}`,
      note: 'polished real footage, which is easiest to mistake for generated',
    });
  }
  if (generatedFound) {
    rows.push({
      label: 'Generated clips found',
      value: `${generatedFound.count} of ${generatedFound.of}`,
      note: `${formatShare(generatedFound.rate)} got “substantial evidence”; the rest were missed or left inconclusive`,
    });
  }
  if (auc) {
    rows.push({
      label: 'Telling the two apart (AUC)',
      value: withInterval(auc),
      note: '1 is perfect, 0.5 is a coin toss',
    });
  }
  if (boxIou) {
    const centre = centreBoxIou
      ? `; a box always drawn in the middle reaches ${centreBoxIou.value.toFixed(2)}`
      : '';
    rows.push({
      label: 'Overlap of trace boxes (IoU)',
      value: withInterval(boxIou),
      note: `1 is a perfect box${centre}`,
    });
  }
  return rows;
}

/** What the figures were measured on, in one sentence. */
export function describeTestSet(figures: Figures): string | undefined {
  const { testSet } = figures;
  if (!testSet) {
    return undefined;
  }
  const families =
    testSet.generatedFamilies.length > 0 ? ` (made by ${testSet.generatedFamilies.join(', ')})` : '';
  return `Measured on ${testSet.generated} generated${families} and ${testSet.real} real clips that the model had not seen.`;
}

function withInterval({
  value,
  low,
  high,
}: {
  value: number;
  low?: number | undefined;
  high?: number | undefined;
}): string {
  const range = low !== undefined && high !== undefined ? ` (${low.toFixed(2)}–${high.toFixed(2)})` : '';
  return `${value.toFixed(2)}${range}`;
}
