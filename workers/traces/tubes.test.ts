import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DecodingSettings } from '../model/manifest';
import { CATEGORIES, type Box } from '../report';
import { letterboxOf } from '../video/preprocess';
import { candidatesOf, iou, type Candidate } from './candidates';
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
    outputs: Record<'objectness' | 'category' | 'box' | 'boundary' | 'subject', Tensor>;
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
    };
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
  const tubes = linkTubes(
    [...bySample.values()].sort((a, b) => a.sample - b.sample),
    { startSeconds: parity.segment.startTime, endSeconds: parity.segment.endTime },
    6,
    parity.decoding,
  );

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
      expect(CATEGORIES[tube.categoryScores.indexOf(Math.max(...tube.categoryScores))]).toBe(
        expected.category,
      );
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
    duplicateIou: 0.4,
    boundaryBlend: 0,
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

  it('drops what is too short or too weak', () => {
    expect(linkTubes([at(0, candidate(0.9, still))], clip, 6, settings)).toEqual([]);
    const weak = [0, 1, 2].map((sample) => at(sample, candidate(0.2, still)));
    expect(linkTubes(weak, clip, 6, settings)).toEqual([]);
  });

  it('keeps the stronger of two tubes that share time and place, and both when they do not', () => {
    const near: Box = [0.1, 0.1, 0.4, 0.25];
    const both = [0, 1, 2].map((sample) => at(sample, candidate(0.9, still), candidate(0.7, near)));
    const apart = [
      ...[0, 1, 2].map((sample) => at(sample, candidate(0.9, still))),
      ...[6, 7, 8].map((sample) => at(sample, candidate(0.7, near))),
    ];
    const scores = (tubes: Tube[]): number[] => tubes.map((tube) => Math.round(tube.score * 10) / 10);
    expect(scores(linkTubes(both, clip, 6, settings))).toEqual([0.9]);
    expect(scores(linkTubes(apart, clip, 6, settings))).toEqual([0.9, 0.7]);
  });

  it('shows weaker tubes only in a clip that is likely generated', () => {
    const far: Box = [0.6, 0.6, 0.9, 0.9];
    const samples = [0, 1, 2].map((sample) => at(sample, candidate(0.9, still), candidate(0.4, far)));
    const tubes = linkTubes(samples, clip, 6, settings);
    expect(shownTubes(tubes, 0.7, settings)).toHaveLength(2);
    expect(shownTubes(tubes, 0.3, settings)).toHaveLength(1);
  });

  it('ends a trace one grid step after its last sample, inside the segment', () => {
    const samples = [0, 1, 2].map((sample) => at(sample, candidate(0.9, still)));
    const [tube] = linkTubes(samples, { startSeconds: 0, endSeconds: 0.4 }, 6, settings);
    expect(tube!.startSeconds).toBe(0);
    expect(tube!.endSeconds).toBeCloseTo(0.4);
  });
});

describe('iou', () => {
  it('equals hand-worked cases', () => {
    expect(iou([0, 0, 2, 2], [1, 1, 3, 3])).toBeCloseTo(1 / 7);
    expect(iou([0, 0, 1, 1], [0, 0, 1, 1])).toBe(1);
    expect(iou([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0);
  });
});
