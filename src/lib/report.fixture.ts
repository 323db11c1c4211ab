import type { Report, SecondOpinion, Trace } from '../../workers/report';
import type { Review } from './review/review';
import type { HeatWindow } from '../../workers/traces/heat';

/** A trace for tests: a box that moves to the right by 60 pixels a second. */
export function makeTrace(changes: Partial<Trace> = {}): Trace {
  return {
    id: 'trace-1',
    category: 'object-distortion',
    score: 0.8,
    startSeconds: 1,
    endSeconds: 3,
    box: [160, 100, 260, 200],
    track: [
      { timeSeconds: 1, box: [100, 100, 200, 200] },
      { timeSeconds: 2, box: [160, 100, 260, 200] },
      { timeSeconds: 3, box: [220, 100, 320, 200] },
    ],
    explanation: 'The hand bends as a hand cannot.',
    explanationSource: 'decoder',
    ...changes,
  };
}

/** A second opinion for tests: understood, with one trace. */
export function makeOpinion(changes: Partial<SecondOpinion> = {}): SecondOpinion {
  return {
    model: { id: 'someone/a-model', name: 'A model', dtype: 'q4', source: 'a folder on this machine' },
    question: 'Is this video generated or real?',
    answerText: 'FAKE. The cup melts.',
    parsed: {
      label: 'FAKE',
      traces: [
        {
          category: 'object-distortion',
          box: [10, 20, 110, 120],
          startSeconds: 0.5,
          endSeconds: null,
          explanation: 'The cup melts.',
        },
      ],
    },
    malformed: false,
    tokens: 12,
    seconds: 3.5,
    createdAt: '2026-01-02T03:05:00.000Z',
    ...changes,
  };
}

/** A human review for tests of {@link makeReport}: its trace corrected, and one added. */
export function makeReview(changes: Partial<Review> = {}): Review {
  return {
    schema: 'tellscope-review/1',
    madeBy: 'human',
    file: { sha256: 'a'.repeat(64) },
    model: { sha256: 'b'.repeat(64) },
    reviewer: 'R. Viewer',
    marks: [
      {
        trace: {
          id: 'trace-1',
          category: 'object-distortion',
          startSeconds: 1,
          endSeconds: 3,
          box: [160, 100, 260, 200],
        },
        decision: 'corrected',
        correction: {
          category: 'object-merging',
          startSeconds: 1.5,
          endSeconds: 3,
          track: [
            { timeSeconds: 1.5, box: [100, 100, 200, 200] },
            { timeSeconds: 3, box: [200, 100, 300, 200] },
          ],
          words: 'The hand runs into the cup.',
        },
        words: 'The hand runs into the cup.',
        markedAt: '2026-01-02T04:00:00.000Z',
      },
    ],
    added: [
      {
        id: 'human-1',
        trace: {
          category: 'object-disappearance',
          startSeconds: 0.5,
          endSeconds: 1,
          track: [{ timeSeconds: 0.5, box: [0, 0, 50, 60] }],
          words: '',
        },
        addedAt: '2026-01-02T04:01:00.000Z',
      },
    ],
    createdAt: '2026-01-02T03:59:00.000Z',
    changedAt: '2026-01-02T04:01:00.000Z',
    ...changes,
  };
}

/** A window's trace map for tests: two samples on a grid of 2 x 2, without a letterbox. */
export function makeHeat(changes: Partial<HeatWindow> = {}): HeatWindow {
  return {
    times: [1, 2],
    rows: 2,
    columns: 2,
    place: { x: 0, y: 0, width: 2, height: 2 },
    values: Uint8Array.from([0, 0, 0, 200, 100, 0, 0, 100]),
    ...changes,
  };
}

/** A report for tests, of a clip of four seconds with one trace. */
export function makeReport(changes: Partial<Report> = {}): Report {
  return {
    schema: 'tellscope-report/1',
    app: { name: 'Tellscope', version: '1.0.0' },
    analysedAt: '2026-01-02T03:04:05.678Z',
    browser: {
      userAgent: 'Mozilla/5.0 Chrome/140',
      brands: [{ name: 'Chromium', version: '140' }],
      platform: 'Linux',
    },
    file: { name: 'clip.mp4', bytes: 1000, sha256: 'a'.repeat(64) },
    video: {
      container: 'MP4',
      codec: 'avc',
      width: 640,
      height: 360,
      rotation: 0,
      durationSeconds: 4,
      frameCount: 96,
      averageFrameRate: 24,
    },
    model: { id: 'tracenet', version: '1.0.0', sha256: 'b'.repeat(64), backend: 'wasm', precision: 'fp32' },
    settings: {
      requestedBackend: 'auto',
      framesPerSecond: 6,
      windowFrames: 12,
      hopFrames: 6,
      shortSide: 288,
      traceThreshold: 0.5,
      likelyTraceThreshold: 0.3,
      bands: { substantialEvidence: 0.9, noStrongSigns: 0.1 },
    },
    verdict: { band: 'substantial-evidence', fakeProbability: 0.93, reasons: ['One trace was found.'] },
    traces: [makeTrace()],
    cuts: [],
    windows: [
      {
        startSeconds: 0,
        endSeconds: 2,
        fakeProbability: 0.9,
        interval: { low: 0.1, high: 0.99 },
        quality: { brightness: 100, detail: 20, blockiness: 1.1 },
      },
      { startSeconds: 1.5, endSeconds: 3.5, fakeProbability: 0.7 },
    ],
    timing: { hashSeconds: 0, decodeSeconds: 1, preprocessSeconds: 1, inferenceSeconds: 1, totalSeconds: 3 },
    warnings: [],
    secondOpinions: [],
    ...changes,
  };
}
