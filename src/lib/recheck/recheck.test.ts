import { describe, expect, test } from 'vitest';
import { TellscopeError } from '../../../workers/errors';
import type { Box, Report } from '../../../workers/report';
import { makeReport, makeTrace } from '../report.fixture';
import { compareReports } from './compare';
import { Recheck, type RecheckTools } from './recheck.svelte';
import { geometryOf, toOriginal, VARIANT_IDS } from './variants';

const FRAME = { width: 640, height: 360 };

/** Where a box of the original is in a copy; written here a second time, the other way round. */
function inCopy([x0, y0, x1, y1]: Box, id: (typeof VARIANT_IDS)[number]): Box {
  const { kept, size, mirrored } = geometryOf(id, FRAME);
  const x = (value: number): number => ((value - kept.left) * size.width) / kept.width;
  const y = (value: number): number => ((value - kept.top) * size.height) / kept.height;
  return mirrored ? [size.width - x(x1), y(y0), size.width - x(x0), y(y1)] : [x(x0), y(y0), x(x1), y(y1)];
}

describe('copies', () => {
  test.each(VARIANT_IDS)('%s: a box found in the copy is put back where it was', (id) => {
    const box: Box = [100, 90, 300, 200];
    toOriginal(inCopy(box, id), geometryOf(id, FRAME)).forEach((side, index) => {
      expect(side).toBeCloseTo(box[index] ?? NaN, 6);
    });
  });

  test('have even sizes, and none is scaled up', () => {
    for (const id of VARIANT_IDS) {
      for (const frame of [FRAME, { width: 321, height: 181 }, { width: 180, height: 1001 }]) {
        const { size } = geometryOf(id, frame);
        expect((size.width % 2) + (size.height % 2)).toBe(0);
        expect(size.width).toBeLessThanOrEqual(frame.width + 1);
        expect(size.height).toBeLessThanOrEqual(frame.height + 1);
      }
    }
    expect(Math.min(...Object.values(geometryOf('rescaled', { width: 1920, height: 1080 }).size))).toBe(240);
  });
});

describe('a comparison', () => {
  const original = makeReport();

  test.each(VARIANT_IDS)('finds the same trace in the %s copy, wherever the copy has it', (id) => {
    const [trace] = original.traces as [Report['traces'][0]];
    const copy = makeReport({
      traces: [
        {
          ...trace,
          id: 'other-id',
          track: trace.track.map(({ timeSeconds, box }) => ({ timeSeconds, box: inCopy(box, id) })),
        },
      ],
    });
    const result = compareReports(original, copy, id);
    expect(result.sameBand).toBe(true);
    expect(result.extra).toBe(0);
    expect(result.holds['trace-1']).toMatchObject({ kind: 'found', timeIou: 1, sameCategory: true });
    const hold = result.holds['trace-1'];
    expect(hold?.kind === 'found' && hold.boxIou).toBeGreaterThan(0.95);
  });

  test('says how far a trace has moved in place and time', () => {
    const track = [{ timeSeconds: 2, box: [160, 100, 260, 200] as Box }];
    const one = makeReport({ traces: [makeTrace({ startSeconds: 1, endSeconds: 3, track })] });
    const copy = makeReport({
      traces: [
        makeTrace({
          category: 'object-merging',
          startSeconds: 2,
          endSeconds: 4,
          track: [{ timeSeconds: 2, box: [210, 100, 310, 200] }],
        }),
      ],
    });
    const hold = compareReports(one, copy, 'recompressed').holds['trace-1'];
    expect(hold).toMatchObject({ kind: 'found', sameCategory: false });
    expect(hold?.kind === 'found' && hold.boxIou).toBeCloseTo(1 / 3, 6);
    expect(hold?.kind === 'found' && hold.timeIou).toBeCloseTo(1 / 3, 6);
  });

  test('tells gone from cut off, and counts what is new', () => {
    const corner = makeTrace({ id: 'corner', box: [0, 0, 50, 30], track: [] });
    const middle = makeTrace({ id: 'middle' });
    const one = makeReport({ traces: [corner, middle] });
    const elsewhere = makeTrace({ id: 'new', startSeconds: 3.5, endSeconds: 4 });
    const { holds, extra } = compareReports(one, makeReport({ traces: [elsewhere] }), 'cropped');
    expect(holds).toEqual({ corner: { kind: 'cut-off' }, middle: { kind: 'gone' } });
    expect(extra).toBe(1);
  });
});

describe('a re-check', () => {
  const file = new File(['x'], 'clip.mp4');

  test('judges all copies, and one that cannot be made leaves the others standing', async () => {
    const tools: RecheckTools = {
      make: (_file, _video, id) =>
        id === 'cropped'
          ? Promise.reject(new TellscopeError('internal', 'No encoder.'))
          : Promise.resolve(new Blob(['copy'], { type: 'video/webm' })),
      analyse: (copy, onEvent) => {
        onEvent({ type: 'progress', windowsDone: 1, windowsExpected: 2, judgedSeconds: 1 });
        return Promise.resolve(makeReport({ file: { name: copy.name, bytes: 4, sha256: 'c'.repeat(64) } }));
      },
    };
    const recheck = new Recheck(file, makeReport(), tools);
    await recheck.start();
    expect(recheck.status).toBe('done');
    expect(recheck.judged.map(({ id }) => id)).toEqual(['rescaled', 'recompressed', 'mirrored']);
    expect(recheck.steps[2]?.error?.message).toBe('No encoder.');
    expect(recheck.progress).toBe(1);
  });

  test('ends when it is cancelled, keeps what is done and can be started again', async () => {
    let judged = 0;
    const tools: RecheckTools = {
      make: () => Promise.resolve(new Blob(['copy'], { type: 'video/mp4' })),
      analyse: (_copy, _onEvent, signal) => {
        judged++;
        if (judged === 2) {
          recheck.cancel();
        }
        return signal.aborted
          ? Promise.reject(new TellscopeError('cancelled', 'Cancelled.'))
          : Promise.resolve(makeReport());
      },
    };
    const recheck = new Recheck(file, makeReport(), tools);
    await recheck.start();
    expect(recheck.status).toBe('cancelled');
    expect(recheck.judged).toHaveLength(1);
    await recheck.start();
    expect(recheck.status).toBe('done');
    expect(recheck.judged).toHaveLength(VARIANT_IDS.length);
  });
});
