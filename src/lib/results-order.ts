import type { Analysis } from './analyses.svelte';

/** What the table of results can be sorted by. */
export type ResultKey = 'added' | 'name' | 'verdict' | 'probability' | 'traces' | 'length';

/** A column and the direction it is sorted in. */
export type ResultOrder = { key: ResultKey; descending: boolean };

/** The parts of an analysis that the table shows. */
type Row = Pick<Analysis, 'status' | 'video'> & {
  file: { name: string };
  report:
    | {
        verdict: {
          band: 'substantial-evidence' | 'inconclusive' | 'no-strong-signs';
          fakeProbability: number;
        };
        traces: readonly unknown[];
      }
    | undefined;
};

const BAND_RANK = { 'substantial-evidence': 2, inconclusive: 1, 'no-strong-signs': 0 } as const;

/** Rows in the order asked for. Those that have nothing to be sorted by come last in both directions, as they were added. */
export function sortResults<T extends Row>(rows: readonly T[], { key, descending }: ResultOrder): T[] {
  const valued = rows.map((row, index) => ({ row, index, value: valueOf(row, key, index) }));
  const sign = descending ? -1 : 1;
  valued.sort((a, b) => {
    if (a.value === undefined || b.value === undefined) {
      return Number(a.value === undefined) - Number(b.value === undefined) || a.index - b.index;
    }
    return sign * compare(a.value, b.value) || a.index - b.index;
  });
  return valued.map(({ row }) => row);
}

function valueOf({ file, report, video }: Row, key: ResultKey, index: number): string | number | undefined {
  switch (key) {
    case 'added':
      return index;
    case 'name':
      return file.name;
    case 'verdict':
      return report && BAND_RANK[report.verdict.band];
    case 'probability':
      return report?.verdict.fakeProbability;
    case 'traces':
      return report?.traces.length;
    case 'length':
      return video?.durationSeconds;
  }
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'string' && typeof b === 'string'
    ? a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' })
    : Number(a) - Number(b);
}
