import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { WebVTTParser } from 'webvtt-parser';
import { CATEGORIES } from '../../../workers/report';
import { makeReport, makeTrace } from '../report.fixture';
import { toCsv } from './csv';
import { BRIGHT_TINTS, PAPER_TINTS } from './palette';
import { toVtt } from './vtt';

const NASTY = 'A "hand", it says --> <b>melts</b> & drips,\r\n\r\nthen 00:01.000 --> 00:02.000\nis gone.';

const report = makeReport({
  file: { name: 'a, "b".mp4', bytes: 1, sha256: 'c'.repeat(64) },
  traces: [
    makeTrace({ id: 'trace-1', score: 0.9, startSeconds: 3661.2345, endSeconds: 3662, explanation: NASTY }),
    makeTrace({ id: 'trace-2', category: 'unexpected-move', score: 0.5, startSeconds: -0.04, endSeconds: 1 }),
    makeTrace({ id: 'trace-3', category: 'object-merging', score: 0.4, startSeconds: 2, endSeconds: 2 }),
  ],
});

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
    });
  });

  it('lets no file name run as a formula', () => {
    const csv = toCsv(
      makeReport({ file: { name: '=HYPERLINK("http://x")', bytes: 1, sha256: 'c'.repeat(64) } }),
    );
    const { data } = Papa.parse<string[]>(csv);
    expect(data[1]?.[0]).toBe('\'=HYPERLINK("http://x")');
  });

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

it('pictures have the colours of the page', () => {
  const css = readFileSync(new URL('../../app.css', import.meta.url), 'utf8');
  for (const category of CATEGORIES) {
    const rule = new RegExp(`\\[data-category='${category}'\\] \\{([^}]*)\\}`).exec(css)?.[1];
    expect(rule).toContain(`--tint: ${PAPER_TINTS[category]};`);
    expect(rule).toContain(`--tint-bright: ${BRIGHT_TINTS[category]};`);
  }
});
