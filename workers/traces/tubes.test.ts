import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DecodingSettings } from '../model/manifest';
import type { Box } from '../report';
import { letterboxOf } from '../video/preprocess';
import { candidatesOf, iou, type Candidate } from './candidates';
import { categoryOf } from './collector';
import { bestBox, expectedIou, placeTubes, type WindowCoverage } from './placement';
import { linkTubes, shownTubes, type SampleCandidates, type Tube } from './tubes';

type Tensor = { shape: [number, number, number, number]; values: number[] };
type Parity = {
  inputSize: number;
  stride: number;
  frame: { width: number; height: number };
  sampleTimes: number[];
  segment: { startTime: number; endTime: number };
  decoding: DecodingSettings;
  windows: {
    start: number;
    valid: number;
    outputs: Record<'objectness' | 'category' | 'box' | 'boundary' | 'subject' | 'coverage', Tensor>;
  }[];
  expected: {
    category: string;
    subject: string;
    score: number;
    onset: number;
    offset: number;
    box: Box;
    categoryScores: number[];
    subjectScores: number[];
    samples: number[];
    boxes: Box[];
  }[];
};

const parity = JSON.parse(
  readFileSync(new URL('../../tests/fixtures/decode/parity.json', import.meta.url), 'utf8'),
) as Parity;

describe('decoding parity with training', () => {
  const place = letterboxOf(parity.frame.width, parity.frame.height, parity.inputSize);
  const bySample = new Map<number, SampleCandidates>();
  const coverage: WindowCoverage[] = [];
  for (const { start, valid, outputs } of parity.windows) {
    const [samples, , rows, columns] = outputs.objectness.shape;
    const tensors = {
      samples,
      rows,
      columns,
      objectness: Float32Array.from(outputs.objectness.values),
      category: Float32Array.from(outputs.category.values),
      box: Float32Array.from(outputs.box.values),
      boundary: Float32Array.from(outputs.boundary.values),
      subject: Float32Array.from(outputs.subject.values),
      coverage: Float32Array.from(outputs.coverage.values),
    };
    const values = Float64Array.from(tensors.coverage, (logit) => 1 / (1 + Math.exp(-logit)));
    coverage.push({ start, end: start + valid, rows, columns, values });
    for (let k = 0; k < valid; k++) {
      const sample = start + k;
      const entry = bySample.get(sample) ?? {
        sample,
        timeSeconds: parity.sampleTimes[sample]!,
        candidates: [],
      };
      entry.candidates.push(...candidatesOf(tensors, k, place, parity.stride, parity.decoding));
      bySample.set(sample, entry);
    }
  }
  const linked = linkTubes(
    [...bySample.values()].sort((a, b) => a.sample - b.sample),
    { startSeconds: parity.segment.startTime, endSeconds: parity.segment.endTime },
    6,
    parity.decoding,
  );
  const tubes = placeTubes(linked, coverage, { place, stride: parity.stride }, parity.decoding);

  it('finds the same traces in the same order', () => {
    expect(tubes.map((tube) => tube.track.length)).toEqual(
      parity.expected.map((trace) => trace.samples.length),
    );
  });

  it.each(parity.expected.map((expected, index) => ({ expected, index })))(
    'gives trace $index the same score, times, boxes and categories',
    ({ expected, index }) => {
      const tube = tubes[index]!;
      expect(tube.score).toBeCloseTo(expected.score, 4);
      expect(tube.startSeconds).toBeCloseTo(expected.onset, 4);
      expect(tube.endSeconds).toBeCloseTo(expected.offset, 4);
      expect(categoryOf(tube.categoryScores, parity.decoding.categoryBias)).toBe(expected.category);
      expectAllClose([...tube.categoryScores], expected.categoryScores);
      expectAllClose([...tube.subjectScores], expected.subjectScores);
      expectAllClose(tube.box, expected.box);
      expectAllClose(
        tube.track.flatMap((point) => point.box),
        expected.boxes.flat(),
      );
      expectAllClose(
        tube.track.map((point) => point.timeSeconds),
        expected.samples.map((sample) => parity.sampleTimes[sample]!),
      );
    },
  );
});

function expectAllClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) {
    expect(value).toBeCloseTo(expected[i]!, 4);
  }
}

describe('linking', () => {
  const settings: DecodingSettings = {
    candidateThreshold: 0.1,
    maxPerSample: 20,
    nmsIou: 0.5,
    linkIou: 0.4,
    maxGap: 1,
    minSamples: 2,
    traceThreshold: 0.6,
    likelyTraceThreshold: 0.3,
    likelyProbability: 0.5,
    duplicateIou: 0.4,
    boundaryBlend: 0,
    edgeSlack: 0,
    categoryBias: Array.from({ length: 9 }, () => 0),
    maxTraces: 8,
  };
  const candidate = (score: number, box: Box): Candidate => ({
    score,
    box,
    category: Float64Array.from({ length: 9 }, (_, i) => (i === 2 ? 0.9 : 0.1)),
    subject: Float64Array.of(1),
    boundary: Float64Array.of(0, 0),
  });
  const still: Box = [0.1, 0.1, 0.4, 0.4];
  const at = (sample: number, ...candidates: Candidate[]): SampleCandidates => ({
    sample,
    timeSeconds: sample / 6,
    candidates,
  });
  const clip = { startSeconds: 0, endSeconds: 10 };

  it('bridges a gap of maxGap samples and no longer one', () => {
    const bridged = linkTubes(
      [at(0, candidate(0.8, still)), at(2, candidate(0.8, still))],
      clip,
      6,
      settings,
    );
    expect(bridged).toHaveLength(1);
    const broken = linkTubes(
      [0, 1, 4, 5].map((sample) => at(sample, candidate(0.8, still))),
      clip,
      6,
      settings,
    );
    expect(broken.map((tube) => tube.track.length)).toEqual([2, 2]);
  });

  it('merges overlapping candidates of one sample and keeps distant ones apart', () => {
    const far: Box = [0.6, 0.6, 0.9, 0.9];
    const samples = [0, 1, 2].map((sample) =>
      at(sample, candidate(0.9, still), candidate(0.5, [0.11, 0.1, 0.41, 0.4]), candidate(0.7, far)),
    );
    const tubes = linkTubes(samples, clip, 6, settings);
    expect(tubes).toHaveLength(2);
    expect(tubes[0]!.score).toBeCloseTo(0.9);
    expect(tubes[1]!.box[0]).toBeCloseTo(0.6);
  });

  it('drops what is too short', () => {
    expect(linkTubes([at(0, candidate(0.9, still))], clip, 6, settings)).toEqual([]);
  });

  it('shows weaker tubes only in a clip that is likely generated, and there at least the best', () => {
    const far: Box = [0.6, 0.6, 0.9, 0.9];
    const samples = [0, 1, 2].map((sample) => at(sample, candidate(0.9, still), candidate(0.4, far)));
    const tubes = linkTubes(samples, clip, 6, settings);
    expect(shownTubes(tubes, 0.7, settings)).toHaveLength(2);
    expect(shownTubes(tubes, 0.3, settings)).toHaveLength(1);
    const faint = linkTubes(
      [0, 1, 2].map((sample) => at(sample, candidate(0.2, still), candidate(0.15, far))),
      clip,
      6,
      settings,
    );
    expect(shownTubes(faint, 0.7, settings)).toHaveLength(1);
    expect(shownTubes(faint, 0.3, settings)).toEqual([]);
  });

  it('stretches a tube to a limit of its segment that it begins or ends close to', () => {
    const samples = [2, 3, 4].map((sample) => at(sample, candidate(0.9, still)));
    const [tube] = linkTubes(samples, { startSeconds: 0, endSeconds: 1 }, 6, { ...settings, edgeSlack: 0.4 });
    expect([tube!.startSeconds, tube!.endSeconds]).toEqual([0, 1]);
    const [strict] = linkTubes(samples, { startSeconds: 0, endSeconds: 1 }, 6, {
      ...settings,
      edgeSlack: 0.1,
    });
    expect(strict!.startSeconds).toBeCloseTo(1 / 3);
    expect(strict!.endSeconds).toBeCloseTo(5 / 6);
  });

  it('ends a trace one grid step after its last sample, inside the segment', () => {
    const samples = [0, 1, 2].map((sample) => at(sample, candidate(0.9, still)));
    const [tube] = linkTubes(samples, { startSeconds: 0, endSeconds: 0.4 }, 6, settings);
    expect(tube!.startSeconds).toBe(0);
    expect(tube!.endSeconds).toBeCloseTo(0.4);
  });
});

describe('placement', () => {
  // A frame that fills the input: 14 x 14 cells, a sixteenth of them certain, in the frame's upper left quarter.
  const grid = { place: letterboxOf(100, 100, 224), stride: 16 };
  const coverage = (inside: number, outside: number): WindowCoverage => ({
    start: 0,
    end: 12,
    rows: 14,
    columns: 14,
    values: Float64Array.from({ length: 196 }, (_, i) =>
      Math.floor(i / 14) < 7 && i % 14 < 7 ? inside : outside,
    ),
  });
  const tube = (score: number, box: Box, first = 0, last = 5): Tube => ({
    firstSample: first,
    lastSample: last,
    score,
    startSeconds: first / 6,
    endSeconds: (last + 1) / 6,
    box,
    track: [first, last].map((sample) => ({ timeSeconds: sample / 6, box })),
    categoryScores: new Float64Array(9),
    subjectScores: new Float64Array(1),
  });
  const settings = { duplicateIou: 0.3, maxTraces: 8 };

  it('equals hand-worked expected IoUs', () => {
    const map = coverage(1, 0);
    expect(expectedIou([0, 0, 0.5, 0.5], map, grid)).toBeCloseTo(1);
    expect(expectedIou([0, 0, 1, 1], map, grid)).toBeCloseTo(0.25);
    expect(expectedIou([0.5, 0.5, 1, 1], map, grid)).toBe(0);
    expect(expectedIou([0, 0, 1, 0.5], map, grid)).toBeCloseTo(0.5);
  });

  it('chooses the covered box where the map is sure and a large one where it is flat', () => {
    expect(bestBox(coverage(1, 0), grid).box).toEqual([0, 0, 0.5, 0.5]);
    expect(bestBox(coverage(0.3, 0.3), grid).box).toEqual([0, 0, 1, 1]);
  });

  it('lets the tube that agrees with the map lead, with the box of the map', () => {
    const away = tube(0.9, [0.7, 0.7, 1, 1]);
    const close = tube(0.6, [0, 0, 0.4, 0.5]);
    const [first, second] = placeTubes([away, close], [coverage(0.9, 0.05)], grid, settings);
    expect(first).toMatchObject({ score: 0.6, box: [0, 0, 0.5, 0.5] });
    expect(second!.box).toEqual(away.box);
    expect(second!.score).toBeLessThan(0.3);
  });

  it('lets tubes that share no time lead side by side', () => {
    const tubes = [tube(0.9, [0, 0, 0.4, 0.5], 0, 3), tube(0.6, [0.1, 0, 0.5, 0.5], 6, 9)];
    expect(placeTubes(tubes, [coverage(0.9, 0.05)], grid, settings).map(({ score }) => score)).toEqual([
      0.9, 0.6,
    ]);
  });

  it('drops the weaker of two tubes that share time and place', () => {
    const tubes = [tube(0.9, [0, 0, 0.4, 0.5]), tube(0.8, [0.05, 0, 0.45, 0.5])];
    expect(placeTubes(tubes, [coverage(0.9, 0.05)], grid, settings)).toHaveLength(1);
  });

  it('keeps the motion of the track when the box is taken from the map', () => {
    const moving = tube(0.9, [0.1, 0.1, 0.3, 0.3]);
    moving.track[1]!.box = [0.2, 0.1, 0.4, 0.3];
    const [placed] = placeTubes([moving], [coverage(1, 0)], grid, settings);
    expect(placed!.track[0]!.box).toEqual([0, 0, 0.5, 0.5]);
    expectAllClose(placed!.track[1]!.box, [0.1, 0, 0.6, 0.5]);
  });
});

describe('iou', () => {
  it('equals hand-worked cases', () => {
    expect(iou([0, 0, 2, 2], [1, 1, 3, 3])).toBeCloseTo(1 / 7);
    expect(iou([0, 0, 1, 1], [0, 0, 1, 1])).toBe(1);
    expect(iou([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0);
  });
});
