import { strToU8, zipSync } from 'fflate';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AnalysisManager, type Analysis } from '../analyses.svelte';
import { makeReport, makeReview } from '../report.fixture';
import { Inbox } from './inbox.svelte';
import type { Import } from './read-import';

vi.mock('../review/store', () => ({
  loadReview: vi.fn(() => Promise.resolve()),
  saveReview: vi.fn(() => Promise.resolve()),
}));

const { saveReview } = await import('../review/store');

let analyses: AnalysisManager;
let scored: [Import['kind'], string][];
let inbox: Inbox;

beforeEach(() => {
  vi.mocked(saveReview).mockClear();
  analyses = new AnalysisManager({ prepare: () => {}, analyse: () => new Promise(() => {}) });
  scored = [];
  inbox = new Inbox({
    analyses,
    score: (found, name) => scored.push([found.kind, name]),
    // Stands in for SHA-256: the content decides.
    hash: async (file) => ((await file.text()).startsWith('judged') ? 'a' : 'f').repeat(64),
  });
});

const file = (name: string, content: string | Uint8Array<ArrayBuffer>): File => new File([content], name);
const json = (value: unknown): string => JSON.stringify(value, null, 2);
const problemsOf = (index = 0): string[] =>
  inbox.notices[index]?.problems.map(({ place, field, expected }) => `${place} ${field}: ${expected}`) ?? [];

describe('a report', () => {
  it('opens without its video, and takes it when it comes', async () => {
    const report = makeReport({ file: { name: 'clip.mp4', bytes: 10, sha256: 'a'.repeat(64) } });
    await inbox.take([file('clip.tellscope.json', json(report))]);
    expect(inbox.notices).toEqual([]);
    const [analysis] = analyses.list;
    expect(analysis).toMatchObject({ status: 'done', imported: true, url: undefined, report });
    expect(analyses.selectedId).toBe(analysis?.id);

    await inbox.take([file('other.mp4', 'x'.repeat(10)), file('clip.mp4', 'judged 123')]);
    expect(analysis?.url).toMatch(/^blob:/);
    // The other one, of the same size, is a clip of its own.
    expect(analyses.list.map(({ file: { name } }) => name)).toEqual(['clip.mp4', 'other.mp4']);
  });

  it('says of another video why it is not the one', async () => {
    const report = makeReport({ file: { name: 'clip.mp4', bytes: 10, sha256: 'a'.repeat(64) } });
    await inbox.take([file('r.json', json(report))]);
    const [analysis] = analyses.list;
    expect(await inbox.match(analysis as Analysis, file('clip.mp4', 'x'))).toContain('it has 1 bytes');
    expect(await inbox.match(analysis as Analysis, file('clip.mp4', 'x'.repeat(10)))).toContain(
      'f'.repeat(64),
    );
    expect(analysis?.url).toBeUndefined();
  });

  it('finds its video among the clips that are open', async () => {
    const { list } = analyses;
    const [clip] = analyses.add([file('clip.mp4', 'judged')]);
    clip?.finish(makeReport());
    await inbox.take([file('r.json', json(makeReport()))]);
    expect(list[1]).toMatchObject({ imported: true, file: { name: 'clip.mp4', size: 6 } });
  });

  it('brings its human review along', async () => {
    await inbox.take([file('r.json', json({ ...makeReport(), humanReview: makeReview() }))]);
    expect(vi.mocked(saveReview).mock.calls).toEqual([[makeReview()]]);
    expect(analyses.list[0]?.report).toEqual(makeReport());
    expect(inbox.notices).toEqual([]);
  });

  it('with a wrong field is not opened: the notice names line and field', async () => {
    const report = makeReport();
    const text = json({ ...report, verdict: { ...report.verdict, fakeProbability: 7 } });
    await inbox.take([file('r.json', text)]);
    expect(analyses.list).toEqual([]);
    expect(problemsOf()).toEqual([
      `${text.split('\n').findIndex((line) => line.includes('fakeProbability')) + 1} verdict.fakeProbability: a number from 0 to 1`,
    ]);
    expect(inbox.notices[0]?.accept).toBeUndefined();
  });

  it('of a later version says so', async () => {
    await inbox.take([file('r.json', json({ ...makeReport(), schema: 'tellscope-report/2' }))]);
    expect(problemsOf()[0]).toContain('newer Tellscope');
  });
});

describe('a thousand reports with one bad line', () => {
  const lines = Array.from({ length: 1000 }, (_, index) =>
    JSON.stringify(makeReport({ file: { name: `${index}.mp4`, bytes: 1, sha256: 'a'.repeat(64) } })),
  );
  const bad = lines.with(511, (lines[511] ?? '').replace('"box":[160,', '"box":["left",'));

  it('names the line and opens nothing before it is told to', async () => {
    await inbox.take([file('all.jsonl', bad.join('\n'))]);
    expect(problemsOf()).toEqual(['512 traces.0.box.0: a box [x0, y0, x1, y1]']);
    expect(analyses.list).toEqual([]);
    expect(inbox.notices[0]?.accept?.label).toBe('Open the 999 reports');
    await inbox.notices[0]?.accept?.run();
    expect(analyses.list).toHaveLength(999);
  });

  it('opens all at once where there is none', async () => {
    await inbox.take([file('all.jsonl', lines.join('\n'))]);
    expect(analyses.list).toHaveLength(1000);
  });
});

describe('predictions and data sets', () => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({
    video_id: `v${index}`,
    predicted_label: 'REAL',
  }));

  it('go to be scored', async () => {
    await inbox.take([file('p.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))]);
    expect(scored).toEqual([['predictions', 'p.jsonl']]);
  });

  it('of a thousand rows with one bad one wait for a decision, and lose nothing', async () => {
    const bad = rows.with(700, { video_id: 'v700', predicted_label: 'PERHAPS' });
    await inbox.take([file('p.jsonl', bad.map((row) => JSON.stringify(row)).join('\n'))]);
    expect(problemsOf()).toEqual(['701 predicted_label: "REAL" or "FAKE"']);
    expect(scored).toEqual([]);
    await inbox.notices[0]?.accept?.run();
    expect(scored).toEqual([['predictions', 'p.jsonl']]);
  });

  it('with a bad line between good ones', async () => {
    await inbox.take([file('p.jsonl', '{"video_id":"a"}\n{"video_id":\n{"video_id":"b"}')]);
    expect(problemsOf()).toEqual(['2 : a JSON object']);
    expect(inbox.notices[0]?.accept?.label).toBe('Open the 2 predictions');
  });
});

describe('an archive', () => {
  it('opens the reports in it, and nothing that is named to lie elsewhere', async () => {
    const report = (name: string) =>
      strToU8(JSON.stringify(makeReport({ file: { name, bytes: 1, sha256: 'a'.repeat(64) } })));
    const zip = zipSync({
      '01-a/report.json': report('a.mp4'),
      '../evil/report.json': report('evil.mp4'),
      '/report.json': report('root.mp4'),
      'x/y/report.json': report('deep.mp4'),
      '..\\evil\\report.json': report('windows.mp4'),
      '02-b/traces.csv': strToU8('x'),
      '02-b/report.json': report('b.mp4'),
    });
    await inbox.take([file('tellscope-results.zip', new Uint8Array(zip))]);
    expect(analyses.list.map(({ report: one }) => one?.file.name)).toEqual(['a.mp4', 'b.mp4']);
  });

  it.each([
    ['without reports', zipSync({ 'a.txt': strToU8('x') }), 'holds no reports'],
    ['that is cut off', zipSync({ '01-a/report.json': strToU8('{}'.repeat(99)) }).slice(0, 60), 'damaged'],
  ])('%s ends in words', async (_, bytes, words) => {
    await inbox.take([file('x.zip', new Uint8Array(bytes))]);
    expect(inbox.notices[0]?.text).toContain(words);
  });
});

describe('what is none of ours', () => {
  it.each([
    ['', 'empty'],
    ['{"a": 1,\n "b": }', 'line 2, value expected'],
    ['{"a": 1}', 'another kind'],
    ['[1, 2]', 'no usable row'],
  ])('%j ends in words', async (text, words) => {
    await inbox.take([file('x.json', text)]);
    expect(inbox.notices[0]?.text).toContain(words);
    expect(analyses.list).toEqual([]);
  });

  it('a video is one whatever its name', async () => {
    await inbox.take([file('clip', '\u0000\u0000\u0000 ftypisom')]);
    expect(analyses.list).toHaveLength(1);
  });
});
