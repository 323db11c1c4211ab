import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { WebVTTParser } from 'webvtt-parser';
import { CATEGORIES } from '../../../workers/report';
import { makeReport, makeReview, makeTrace } from '../report.fixture';
import type { Review } from '../review/review';
import { readRewardData } from '../scoring/reward-data';
import { toCsv } from './csv';
import { BRIGHT_TINTS, PAPER_TINTS } from './palette';
import { toRewardRows } from './reward-rows';
import { toChaptersVtt, toVtt } from './vtt';

const NASTY = 'A "hand", it says --> <b>melts</b> & drips,\r\n\r\nthen 00:01.000 --> 00:02.000\nis gone.';

const report = makeReport({
  file: { name: 'a, "b".mp4', bytes: 1, sha256: 'c'.repeat(64) },
  traces: [
    makeTrace({ id: 'trace-1', score: 0.9, startSeconds: 3661.2345, endSeconds: 3662, explanation: NASTY }),
    makeTrace({ id: 'trace-2', category: 'unexpected-move', score: 0.5, startSeconds: -0.04, endSeconds: 1 }),
    makeTrace({ id: 'trace-3', category: 'object-merging', score: 0.4, startSeconds: 2, endSeconds: 2 }),
  ],
});

const reviewed = { ...makeReport(), humanReview: makeReview() };

describe('toCsv', () => {
  it('is read by a parser of its own as what was written', () => {
    const { data, errors, meta } = Papa.parse<Record<string, string>>(toCsv(report), {
      header: true,
      skipEmptyLines: true,
    });
    expect(errors).toEqual([]);
    expect([meta.delimiter, meta.linebreak]).toEqual([',', '\r\n']);
    expect(data).toHaveLength(3);
    expect(data[0]).toEqual({
      file: 'a, "b".mp4',
      file_sha256: 'c'.repeat(64),
      trace: 'trace-1',
      category: 'object-distortion',
      score: '0.9',
      start_seconds: '3661.2345',
      end_seconds: '3662',
      left: '160',
      top: '100',
      right: '260',
      bottom: '200',
      explanation: NASTY,
      made_by: 'model',
      human_decision: '',
      human_words: '',
    });
  });

  it('keeps what a person says apart from what the model says', () => {
    const { data } = Papa.parse<Record<string, string>>(toCsv(reviewed), {
      header: true,
      skipEmptyLines: true,
    });
    const told = data.map((row) => [row['trace'], row['made_by'], row['human_decision'], row['score']]);
    expect(told).toEqual([
      ['trace-1', 'model', 'corrected', '0.8'],
      ['trace-1-corrected', 'human', '', ''],
      ['human-1', 'human', '', ''],
    ]);
    expect(data[1]).toMatchObject({ category: 'object-merging', start_seconds: '1.5', left: '150' });
  });

  it.each(['=HYPERLINK("http://x")', '+1', '-1+cmd|x', '@SUM(1)', ' =1', '\t=1', '\n=1', '\uFF1D1'])(
    'lets %j run as a formula neither as a file name nor as what a model or a person says',
    (formula) => {
      const humanReview = makeReview({
        marks: [{ ...makeReview().marks[0]!, decision: 'rejected', correction: undefined, words: formula }],
      });
      const csv = toCsv({
        ...makeReport({
          file: { name: formula, bytes: 1, sha256: 'c'.repeat(64) },
          traces: [makeTrace({ explanation: formula })],
        }),
        humanReview,
      });
      const { data } = Papa.parse<Record<string, string>>(csv, { header: true, delimiter: ',' });
      expect(data[0]).toMatchObject({
        file: `'${formula}`,
        explanation: `'${formula}`,
        human_words: `'${formula}`,
      });
    },
  );

  it('has its header when there is no trace', () => {
    expect(
      Papa.parse<string[]>(toCsv(makeReport({ traces: [] })), { skipEmptyLines: true }).data,
    ).toHaveLength(1);
  });
});

describe('toVtt', () => {
  it('is read without an error by the W3C’s parser: one cue a trace, by onset', () => {
    const { cues, errors } = new WebVTTParser().parse(toVtt(report));
    expect(errors).toEqual([]);
    expect(cues.map(({ id, startTime, endTime }) => [id, startTime, endTime])).toEqual([
      ['trace-2', 0, 1],
      ['trace-3', 2, 2.001],
      ['trace-1', 3661.235, 3662],
    ]);
    expect(cues[2]?.text).toContain(
      'Object distortion (score 0.90): A "hand", it says -&gt; &lt;b&gt;melts&lt;/b&gt; &amp; drips,',
    );
    expect(cues[2]?.text.endsWith('is gone.')).toBe(true);
  });

  it('can be read when there is no trace, or the file has an odd name', () => {
    const text = toVtt(
      makeReport({ traces: [], file: { name: 'a -->\n\nb', bytes: 1, sha256: 'c'.repeat(64) } }),
    );
    expect(new WebVTTParser().parse(text)).toMatchObject({ cues: [], errors: [] });
  });
});

describe('toVtt of a reviewed report', () => {
  it('marks what a person says', () => {
    const { cues, errors } = new WebVTTParser().parse(toVtt(reviewed));
    expect(errors).toEqual([]);
    expect(cues.map(({ id, text }) => [id, text])).toEqual([
      ['human-1', 'Marked by a person: Object disappearance'],
      ['trace-1', 'Object distortion (score 0.80): The hand bends as a hand cannot. [corrected by a person]'],
      ['trace-1-corrected', 'Marked by a person: Object merging: The hand runs into the cup.'],
    ]);
  });
});

describe('toChaptersVtt', () => {
  const chapters = (text: string) => {
    const { cues, errors } = new WebVTTParser().parse(text, 'chapters');
    expect(errors).toEqual([]);
    return cues.map(({ startTime, endTime, text: title }) => [startTime, endTime, title]);
  };

  it('cuts the clip where traces begin and end, and at hard cuts', () => {
    const traces = [
      makeTrace({ startSeconds: 1, endSeconds: 3 }),
      makeTrace({ id: 'trace-2', category: 'object-merging', startSeconds: 2, endSeconds: 2.5 }),
    ];
    expect(chapters(toChaptersVtt(makeReport({ traces, cuts: [3.5] })))).toEqual([
      [0, 1, 'No trace'],
      [1, 2, 'Object distortion'],
      [2, 2.5, 'Object distortion, Object merging'],
      [2.5, 3, 'Object distortion'],
      [3, 3.5, 'No trace'],
      [3.5, 4, 'No trace'],
    ]);
  });

  it('puts corrections in place of what they correct', () => {
    expect(chapters(toChaptersVtt(reviewed))).toEqual([
      [0, 0.5, 'No trace'],
      [0.5, 1, 'Object disappearance (by a person)'],
      [1, 1.5, 'No trace'],
      [1.5, 3, 'Object merging (by a person)'],
      [3, 4, 'No trace'],
    ]);
  });

  it('is one chapter where there is no trace', () => {
    expect(chapters(toChaptersVtt(makeReport({ traces: [] })))).toEqual([[0, 4, 'No trace']]);
  });
});

describe('toRewardRows', () => {
  it('is read by the reader of the data set: one row a trace', () => {
    const { videos, problems } = readRewardData(JSON.stringify(toRewardRows(makeReport(), 0.9)));
    expect(problems).toEqual([]);
    expect(videos).toMatchObject([
      {
        videoId: 'clip',
        fake: true,
        frame: { width: 640, height: 360 },
        durationSeconds: 4,
        traces: [
          { box: [160, 100, 260, 200], startSeconds: 1, endSeconds: 3, categories: ['object-distortion'] },
        ],
      },
    ]);
  });

  it('has what a person corrected and added, marked as such', () => {
    const rows = toRewardRows(reviewed, 1);
    expect(rows.map((row) => [row['annotator'], row['faketrace_check_applies']])).toEqual([
      ['human', ['Object merging']],
      ['human', ['Object disappearance']],
    ]);
    const rejected = makeReview({ added: [], marks: [{ ...firstMark(), decision: 'rejected' }] });
    expect(toRewardRows({ ...makeReport(), humanReview: rejected }, 0.9)).toEqual([]);
  });

  it('is one row without a trace for a clip that does not count as generated', () => {
    const verdict = { band: 'inconclusive' as const, fakeProbability: 0.5, reasons: [] };
    const { videos, problems } = readRewardData(JSON.stringify(toRewardRows(makeReport({ verdict }), 0.9)));
    expect(problems).toEqual([]);
    expect(videos).toMatchObject([{ fake: false, traces: [] }]);
  });
});

function firstMark() {
  const { correction: _, ...mark } = makeReview().marks[0] ?? {};
  return mark as Review['marks'][number];
}

it('pictures have the colours of the page', () => {
  const css = readFileSync(new URL('../../app.css', import.meta.url), 'utf8');
  for (const category of CATEGORIES) {
    const rule = new RegExp(`\\[data-category='${category}'\\] \\{([^}]*)\\}`).exec(css)?.[1];
    expect(rule).toContain(`--tint: ${PAPER_TINTS[category]};`);
    expect(rule).toContain(`--tint-bright: ${BRIGHT_TINTS[category]};`);
  }
});
