import { describe, expect, it } from 'vitest';
import { readMarks, readPredictions } from './predictions';
import { describeProblem } from './problems';
import { readRewardData } from './reward-data';

function fakeRow(id: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    video_id: id,
    video_path: `videos/${id}.mp4`,
    video_type: 'fake_video',
    video_source: 'Pika 1.5',
    split: 'test',
    video_prompt: '',
    video_mime_type: 'video/mp4',
    video_width: 1296,
    video_height: 720,
    video_frame_rate: 24,
    video_frame_count: 120,
    video_duration: 5,
    faketrace_bbox: { left: 100, top: 80, width: 200, height: 160 },
    faketrace_first_frame: 12,
    faketrace_last_frame: 60,
    faketrace_duration: 2,
    faketrace_explanations: 'The hand melts.',
    faketrace_check_applies: ['Shape distortions (object)', 'Sudden blurring'],
    ...changes,
  };
}

const realRow = (id: string): Record<string, unknown> => {
  const fields = Object.entries(fakeRow(id, { video_type: 'real_video', video_source: 'LLaVA-Video-178K' }));
  return Object.fromEntries(fields.filter(([name]) => !name.startsWith('faketrace_')));
};

const read = (rows: unknown[]) => readRewardData(JSON.stringify(rows));
const told = (rows: unknown[]): string[] => read(rows).problems.map(describeProblem);

describe('readRewardData', () => {
  it('gathers the rows of a video and reads times from frames', () => {
    const { videos, problems } = read([
      fakeRow('a'),
      realRow('b'),
      fakeRow('a', { faketrace_first_frame: 48 }),
    ]);
    expect(problems).toEqual([]);
    expect(videos.map(({ videoId, fake, traces }) => [videoId, fake, traces.length])).toEqual([
      ['a', true, 2],
      ['b', false, 0],
    ]);
    expect(videos[0]?.traces[0]).toEqual({
      box: [100, 80, 300, 240],
      startSeconds: 0.5,
      endSeconds: 2.5,
      explanation: 'The hand melts.',
      categories: ['object-distortion', 'sudden-blurring'],
    });
    expect(videos[0]?.traces[1]?.startSeconds).toBe(2);
  });

  it('names one bad row in 1,000 and loses nothing else', () => {
    const rows = Array.from({ length: 1000 }, (_, index) =>
      index % 2 === 0 ? fakeRow(`fake-${index}`) : realRow(`real-${index}`),
    );
    rows[736] = fakeRow('fake-736', { faketrace_bbox: { left: 1, top: 2, width: 'wide', height: 4 } });
    const { videos, problems } = read(rows);
    expect(problems).toEqual([
      {
        place: 737,
        unit: 'row',
        videoId: 'fake-736',
        field: 'faketrace_bbox.width',
        expected: 'a number of pixels above 0',
        received: '"wide"',
      },
    ]);
    expect(problems.map(describeProblem)).toEqual([
      'row 737 (video fake-736): "faketrace_bbox.width" should be a number of pixels above 0, but is "wide".',
    ]);
    expect(videos).toHaveLength(999);
    expect(videos.map(({ videoId }) => videoId)).toEqual(
      rows.map((row) => row['video_id']).filter((id) => id !== 'fake-736'),
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'a missing field',
      { video_width: undefined },
      '"video_width" should be a number of pixels above 0, but is missing',
    ],
    [
      'an unknown kind',
      { video_type: 'fake' },
      '"video_type" should be "fake_video" or "real_video", but is "fake"',
    ],
    [
      'a frame rate of 0',
      { video_frame_rate: 0 },
      '"video_frame_rate" should be a number of frames per second above 0, but is 0',
    ],
    [
      'no box',
      { faketrace_bbox: null },
      '"faketrace_bbox" should be an object with left, top, width and height, but is null',
    ],
    [
      'a box outside of the frame',
      { faketrace_bbox: { left: 1296, top: 0, width: 5, height: 5 } },
      '"faketrace_bbox" should be a box inside the frame of 1296 x 720 pixels',
    ],
    [
      'an onset before the video',
      { faketrace_first_frame: -1 },
      '"faketrace_first_frame" should be the number of a frame, but is -1',
    ],
  ])('names %s', (_, changes, expected) => {
    expect(told([fakeRow('a', changes)])).toEqual([expect.stringContaining(`row 1 (video a): ${expected}`)]);
  });

  it('names a video that stands in two splits, or is both', () => {
    expect(told([fakeRow('a'), fakeRow('a', { split: 'train' })])).toEqual([
      'row 2 (video a): "split" should be "test" as in its earlier row, but is "train".',
    ]);
    expect(told([fakeRow('a'), realRow('a')])).toEqual([
      'row 2 (video a): "video_type" should be the same as in its earlier row, but is "real_video".',
    ]);
  });

  it('takes the bare NaN that Python writes for no value, also beside text that says NaN', () => {
    const text = JSON.stringify([fakeRow('a', { faketrace_explanations: 'It says: "NaN" there.' })]).replace(
      '"faketrace_last_frame":60',
      '"faketrace_last_frame":NaN',
    );
    const { videos, problems } = readRewardData(text);
    expect(problems).toEqual([]);
    expect(videos[0]?.traces[0]).toMatchObject({
      endSeconds: undefined,
      explanation: 'It says: "NaN" there.',
    });
  });

  it('refuses what is no list of rows', () => {
    expect(() => readRewardData('{"rows": 1}')).toThrow('should be a list of rows');
    expect(() => readRewardData('video_id,split')).toThrow('is not JSON');
  });
});

describe('readPredictions', () => {
  it('reads both kinds of box', () => {
    const { byVideo, problems } = readPredictions(
      '{"video_id":"a","predicted_label":" fake ","bbox":[1,2,5,8],"start_time":"1.5"}\n\n' +
        '{"video_id":"b","predicted_label":"REAL","bbox":{"left":1,"top":2,"width":4,"height":6},"task":"localization"}\n',
    );
    expect(problems).toEqual([]);
    expect(byVideo.get('a')).toMatchObject({
      label: 'FAKE',
      box: [1, 2, 5, 8],
      startSeconds: 1.5,
      localizer: false,
    });
    expect(byVideo.get('b')).toMatchObject({ label: 'REAL', box: [1, 2, 5, 8], localizer: true });
  });

  it('names what it cannot read by line and field, and keeps the other fields', () => {
    const { byVideo, problems } = readPredictions(
      [
        '{"video_id":"a","predicted_label":"FAKE","bbox":[1,2,3],"start_time":"soon","explanation":"Melts."}',
        'not json',
        '{"predicted_label":"FAKE"}',
        '{"video_id":"b","predicted_label":"PERHAPS","bbox":[9,9,1,1],"start_time":1}',
        '{"video_id":"a","predicted_label":"REAL"}',
      ].join('\n'),
    );
    expect(problems.map(describeProblem)).toEqual([
      'line 1 (video a): "bbox" should be a box {left, top, width, height} or [x0, y0, x1, y1] in pixels, but is [1,2,3].',
      'line 1 (video a): "start_time" should be a number of seconds, but is "soon".',
      'line 2: it should be a JSON object, but is "not json".',
      'line 3: "video_id" should be the name of a video, but is missing.',
      'line 4 (video b): "predicted_label" should be "REAL" or "FAKE", but is "PERHAPS".',
      expect.stringMatching(/^line 4 \(video b\): "bbox" should be .* but is \[9,9,1,1\]\.$/),
      'line 5 (video a): "video_id" should be a video without an earlier line, but is "a".',
    ]);
    expect(byVideo.get('a')?.label).toBe('REAL');
    expect(byVideo.get('b')).toMatchObject({ label: undefined, box: undefined, startSeconds: 1 });
  });
});

describe('readMarks', () => {
  it('takes 0, 0.5 and 1 only', () => {
    const { byTrace, problems } = readMarks(
      '{"video_id":"a","mark":0.5}\n{"video_id":"a","trace":2,"mark":1}\n{"video_id":"b","mark":0.7}\n',
    );
    expect([...byTrace.values()]).toEqual([0.5, 1]);
    expect(problems.map(describeProblem)).toEqual([
      'line 3 (video b): "mark" should be 0, 0.5 or 1, but is 0.7.',
    ]);
  });
});
