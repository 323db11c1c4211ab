import { describe, expect, it } from 'vitest';
import { TellscopeError } from '../../../workers/errors';
import type { Report } from '../../../workers/report';
import { readImport, type Import } from '../imports/read-import';
import { makeReport } from '../report.fixture';
import { scorePredictions } from './score';
import type { ScoredResult, ScoreStore, StoredMark } from './score-store';
import { Scoring } from './scoring.svelte';

/** A store as the browser's is, in memory; one for several visits. */
function makeStore(): ScoreStore & { results: Map<string, ScoredResult>; marks: StoredMark[] } {
  const results = new Map<string, ScoredResult>();
  const marks: StoredMark[] = [];
  const settled = (change: () => unknown): Promise<void> => {
    change();
    return Promise.resolve();
  };
  return {
    results,
    marks,
    loadResults: (model) => Promise.resolve([...results.values()].filter((result) => result.model === model)),
    saveResult: (result) => settled(() => results.set(result.videoId, result)),
    loadMarks: () => Promise.resolve([...marks]),
    saveMark: (mark) => settled(() => marks.push(mark)),
    removeMark: () => settled(() => marks.splice(0)),
    clear: () => settled(() => results.clear()),
  };
}

const row = (id: string, fake: boolean) => ({
  video_id: id,
  video_path: `${fake ? 'videos' : 'real_videos'}/${id}.mp4`,
  video_type: fake ? 'fake_video' : 'real_video',
  video_source: 'S',
  split: 'test',
  video_width: 640,
  video_height: 360,
  video_frame_rate: 24,
  video_duration: 4,
  ...(fake && {
    faketrace_bbox: { left: 160, top: 100, width: 100, height: 100 },
    faketrace_first_frame: 24,
    faketrace_explanations: 'The hand bends.',
  }),
});

const DATA = JSON.stringify([row('a', true), row('b', false), row('c', true)]);
const FILES = ['a', 'b', 'c'].map((id) => new File([id], `${id}.mp4`));

type Scorable = Exclude<Import, { kind: 'reports' }>;

function setUp(store = makeStore(), judge: (name: string) => Report = () => makeReport()) {
  const judged: string[] = [];
  const scoring: Scoring = new Scoring({
    detector: {
      prepare: () => {},
      analyse: async (file) => {
        judged.push(file.name);
        await Promise.resolve();
        return judge(file.name);
      },
    },
    store,
    score: (...inputs) => Promise.resolve(scorePredictions(...inputs, { resamples: 20, seed: 1 })),
    model: () => Promise.resolve({ name: 'tracenet 1.0.0', threshold: 0.9 }),
  });
  const open = (text: string): Promise<void> => scoring.open(readImport(text) as Scorable, 'file');
  return { scoring, judged, store, open };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('a run', () => {
  it('judges the videos whose files are at hand, and scores them', async () => {
    const { scoring, judged, open } = setUp();
    await open(DATA);
    scoring.takeVideos(FILES.slice(0, 2));
    await scoring.start();
    await settle();
    expect(judged).toEqual(['a.mp4', 'b.mp4']);
    expect([scoring.done, scoring.available]).toEqual([2, 2]);
    // The box is the very one; the real video is called fake, the third has no answer.
    expect(scoring.card?.scores.boxIou?.value).toBe(50);
    expect(scoring.card?.scores.accuracy?.value).toBeCloseTo(100 / 3);
    expect(scoring.card?.unanswered).toBe(1);
    expect(scoring.modelName).toBe('tracenet 1.0.0');
  });

  it('goes on where an earlier visit stopped', async () => {
    const store = makeStore();
    const first = setUp(store);
    await first.open(DATA);
    first.scoring.takeVideos(FILES.slice(0, 1));
    await first.scoring.start();

    const second = setUp(store);
    await second.open(DATA);
    expect(second.scoring.done).toBe(1);
    second.scoring.takeVideos(FILES);
    await second.scoring.start();
    expect(second.judged).toEqual(['b.mp4', 'c.mp4']);
    expect(second.scoring.done).toBe(3);
  });

  it('judges anew what has become another file', async () => {
    const store = makeStore();
    const first = setUp(store);
    await first.open(DATA);
    first.scoring.takeVideos(FILES);
    await first.scoring.start();
    const second = setUp(store);
    await second.open(DATA);
    second.scoring.takeVideos([new File(['longer'], 'a.mp4')]);
    await second.scoring.start();
    expect(second.judged).toEqual(['a.mp4']);
  });

  it('can be paused after the video that is running', async () => {
    const { scoring, judged, open } = setUp(makeStore(), () => {
      scoring.pause();
      return makeReport();
    });
    await open(DATA);
    scoring.takeVideos(FILES);
    await scoring.start();
    expect(judged).toEqual(['a.mp4']);
    expect(scoring.runState).toBe('idle');
  });

  it('goes on behind a video that cannot be judged, which scores worst and can be tried again', async () => {
    let broken = true;
    const { scoring, judged, open } = setUp(makeStore(), (name) => {
      if (name === 'a.mp4' && broken) {
        throw new TellscopeError('truncated-file', 'The file is cut off.');
      }
      return makeReport();
    });
    await open(DATA);
    scoring.takeVideos(FILES);
    await scoring.start();
    expect(scoring.failed.map(({ videoId }) => videoId)).toEqual(['a']);
    expect(scoring.predictions.get('a')).toMatchObject({ label: undefined, modelId: 'tracenet 1.0.0' });
    broken = false;
    await scoring.start({ failedAgain: true });
    expect(judged).toEqual(['a.mp4', 'b.mp4', 'c.mp4', 'a.mp4']);
    expect(scoring.failed).toEqual([]);
  });

  it('ends when the machine is at fault, and says so', async () => {
    const { scoring, judged, open } = setUp(makeStore(), () => {
      throw new TellscopeError('backend-unavailable', 'The model cannot run here.');
    });
    await open(DATA);
    scoring.takeVideos(FILES);
    await scoring.start();
    expect(judged).toEqual(['a.mp4']);
    expect(scoring.problem).toBe('The model cannot run here.');
    expect(scoring.done).toBe(0);
  });

  it('says when the browser stores nothing', async () => {
    const { scoring, open } = setUp({ ...makeStore(), saveResult: () => Promise.reject(new Error('full')) });
    await open(DATA);
    scoring.takeVideos(FILES);
    await scoring.start();
    expect(scoring.problem).toContain('cannot store');
    expect(scoring.done).toBe(3);
  });
});

describe('answers from a file', () => {
  const LINES = [
    { video_id: 'a', model_id: 'other', predicted_label: 'FAKE', explanation: 'A hand is bent.' },
    { video_id: 'c', model_id: 'other', predicted_label: 'FAKE', explanation: 'The sky.' },
  ].map((line) => JSON.stringify(line));

  it('are scored in place of the app’s own, until they are put away', async () => {
    const { scoring, open } = setUp();
    await open(DATA);
    await open(LINES.join('\n'));
    await settle();
    expect(scoring.modelName).toBe('other');
    expect(scoring.card?.scores.fakeAccuracy?.value).toBe(100);
    scoring.dropAnswers();
    await settle();
    expect(scoring.card).toBeUndefined();
  });

  it('make Overall whole when every explanation has a mark; marks hold for their words only', async () => {
    const { scoring, store, open } = setUp();
    await open(DATA);
    await open(LINES.join('\n'));
    await scoring.mark('a', 1, 1);
    await settle();
    expect(scoring.card?.scores.overallPartial).toBe(true);
    expect(scoring.card?.scores.marks).toEqual({ needed: 2, missing: 1 });
    await open('{"video_id":"c","trace":1,"mark":0}');
    await settle();
    expect(scoring.card?.scores.explanation?.value).toBe(50);
    expect(scoring.card?.scores.overallPartial).toBe(false);
    expect(scoring.marksText()).toBe(
      '{"video_id":"a","trace":1,"mark":1}\n{"video_id":"c","trace":1,"mark":0}\n',
    );

    const later = setUp(store);
    await later.open(DATA);
    await later.open(LINES.join('\n').replace('The sky.', 'The ground.'));
    expect([...later.scoring.marks.values()]).toEqual([1]);
  });
});
