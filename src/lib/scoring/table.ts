import { CATEGORY_INFO } from '../categories';
import { CATEGORIES } from '../../../workers/report';
import { METRIC_COLUMNS } from './columns';
import { PUBLISHED_ROWS } from './published';
import { METRICS, type ScoreCard, type Scores } from './score';

/** A scored set of predictions as plain text: Table 2's row beside the published ones, intervals, groups, floors. */
export function formatScoreCard(card: ScoreCard, name: string): string {
  const { scores, baselines } = card;
  const partial = scores.overallPartial ? '*' : '';
  const header = ['', ...METRICS.map((metric) => METRIC_COLUMNS[metric].short)];
  const own = [
    name,
    ...METRICS.map((metric) => cell(scores, metric) + (metric === 'overall' ? partial : '')),
  ];
  const intervals = [
    '  95 % interval',
    ...METRICS.map((metric) => {
      const figure = scores[metric];
      return figure ? `${figure.low.toFixed(1)}-${figure.high.toFixed(1)}` : '';
    }),
  ];
  const published = PUBLISHED_ROWS.map((row) => [
    row.model,
    ...METRICS.map((metric) => row[metric].toFixed(1)),
  ]);
  const floors = baselines
    ? [
        floor('whole-frame box', baselines.wholeFrame),
        floor('centre box (60 %)', baselines.centreBox),
        floor('start at zero', baselines.startAtZero),
      ]
    : [];
  const sections = [
    `${scores.videos} videos (${scores.fakeVideos} generated, ${scores.realVideos} real), ${scores.traces} traces`,
    align([header, own, intervals]),
    `Table 2 of arXiv 2509.22646, on the full test split:\n${align([header, ...published])}`,
    floors.length > 0 ? `Answers that do not look at the video:\n${align([header, ...floors])}` : '',
    groupTable('By source', header, Object.entries(card.bySource)),
    groupTable(
      'By category of the trace',
      header,
      CATEGORIES.flatMap((category) => {
        const group = card.byCategory[category];
        return group ? [[CATEGORY_INFO[category].name, group] as const] : [];
      }),
    ),
    align([
      ['Diagnostics', 'temporal IoU', 'ROUGE-L', 'token F1', 'content-word F1', 'category F1'],
      [
        '',
        ...(['temporalIou', 'rougeL', 'token', 'contentWord', 'category'] as const).map(
          (diagnostic) => scores[diagnostic]?.value.toFixed(1) ?? '-',
        ),
      ],
    ]),
    notes(card).join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function notes({ scores, unanswered, unmatched }: ScoreCard): string[] {
  const { needed, missing } = scores.marks;
  return [
    scores.overallPartial
      ? `* Partial: the mean of accuracy, IoU and 100 - time distance. Explanations need a judge; ${missing} of ${needed} have no mark.`
      : '',
    unanswered > 0 ? `${unanswered} videos have no prediction and count as wrong.` : '',
    unmatched > 0 ? `${unmatched} predictions are for videos outside of this split and were not used.` : '',
  ].filter((note) => note !== '');
}

function groupTable(title: string, header: string[], groups: (readonly [string, Scores])[]): string {
  if (groups.length === 0) {
    return '';
  }
  const rows = groups.map(([name, scores]) => [name, ...METRICS.map((metric) => cell(scores, metric))]);
  return `${title}:\n${align([header, ...rows])}`;
}

function floor(name: string, figures: Partial<Record<(typeof METRICS)[number], number>>): string[] {
  return [name, ...METRICS.map((metric) => figures[metric]?.toFixed(1) ?? '-')];
}

function cell(scores: Scores, metric: (typeof METRICS)[number]): string {
  return scores[metric]?.value.toFixed(1) ?? '-';
}

/** Columns of text: the first to the left, the others to the right. */
function align(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
