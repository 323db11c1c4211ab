import { describe, expect, test } from 'vitest';
import { makeTrace } from '../report.fixture';
import { Lesson } from './lesson.svelte';

const FRAME = { width: 640, height: 360 };
/** Goes from [100, 100, 200, 200] at 1 s to [220, 100, 320, 200] at 3 s. */
const strong = makeTrace({ id: 'strong', score: 0.9 });
const weak = makeTrace({ id: 'weak', score: 0.5, startSeconds: 0, endSeconds: 0.5 });

describe('a lesson', () => {
  test('hides all traces first, then shows the strongest first, and stops at both ends', () => {
    const lesson = new Lesson([weak, strong], FRAME);
    expect(lesson.current.kind).toBe('look');
    expect(lesson.revealed).toEqual([]);
    lesson.go(-1);
    expect(lesson.step).toBe(0);
    lesson.go(1);
    expect(lesson.current).toEqual({ kind: 'trace', trace: strong });
    expect(lesson.revealed).toEqual(['strong']);
    lesson.go(1);
    expect(lesson.revealed).toEqual(['strong', 'weak']);
    lesson.go(1);
    lesson.go(1);
    expect(lesson.current.kind).toBe('end');
    expect(lesson.step).toBe(lesson.lastStep);
    lesson.go(-1);
    expect(lesson.current).toEqual({ kind: 'trace', trace: weak });
  });

  test('without traces goes from looking to the end', () => {
    const lesson = new Lesson([], FRAME);
    lesson.go(1);
    expect(lesson.current.kind).toBe('end');
  });

  test('tells which marks mean a trace: at its place at that moment', () => {
    const lesson = new Lesson([strong], FRAME);
    lesson.mark(2, [170, 110, 210, 150]);
    // There, but only later.
    lesson.mark(1, [270, 100, 320, 200]);
    // A little late, where the box was last.
    lesson.mark(3.4, [230, 100, 330, 200]);
    // Much too late.
    lesson.mark(3.9, [220, 100, 320, 200]);
    // The whole picture takes the trace in.
    lesson.mark(2, [0, 0, 640, 360]);
    expect(lesson.marksOf(strong).map(({ id }) => id)).toEqual([1, 3, 5]);
    expect(lesson.otherMarks.map(({ id }) => id)).toEqual([2, 4]);
    lesson.unmark(lesson.marks[0]!);
    expect(lesson.marksOf(strong).map(({ id }) => id)).toEqual([3, 5]);
  });

  test('a mark is placed without a pointer and stays within the picture', () => {
    const lesson = new Lesson([strong], FRAME);
    lesson.startDraft(1.5);
    expect(lesson.draft?.box).toEqual([266, 126, 374, 234]);
    lesson.moveDraft(1, -1);
    expect(lesson.draft?.box).toEqual([275, 117, 383, 225]);
    for (let press = 0; press < 100; press++) {
      lesson.moveDraft(-1, 1, -1);
    }
    expect(lesson.draft?.box).toEqual([0, 342, 18, 360]);
    for (let press = 0; press < 100; press++) {
      lesson.moveDraft(0, 0, 1);
    }
    expect(lesson.draft?.box).toEqual([0, 0, 360, 360]);
    expect(lesson.marks).toEqual([]);
    lesson.keepDraft();
    expect(lesson.marks).toEqual([{ id: 1, timeSeconds: 1.5, box: [0, 0, 360, 360] }]);
    expect(lesson.draft).toBeUndefined();
    lesson.startDraft(2);
    lesson.go(1);
    expect(lesson.draft).toBeUndefined();
  });
});
