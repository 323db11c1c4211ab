import { describe, expect, it } from 'vitest';
import { Playback, stepTarget } from './playback.svelte';

describe('stepTarget', () => {
  const frame = 1 / 24;

  it('aims at the middle of the neighbouring frame', () => {
    expect(stepTarget(1, 1, frame, 1)).toBeCloseTo(1 + 1.5 * frame);
    expect(stepTarget(1, 1, frame, -1)).toBeCloseTo(1 - 0.5 * frame);
  });

  it('means the same frame wherever in it the playhead stands', () => {
    expect(stepTarget(1 + 0.9 * frame, 1, frame, 1)).toBeCloseTo(1 + 1.5 * frame);
  });

  it('follows frames that do not start at multiples of their length', () => {
    expect(stepTarget(0.52 * frame, 0.5 * frame, frame, 1)).toBeCloseTo(2 * frame);
  });

  it('falls back on regular frames after a seek whose frame is not known', () => {
    expect(stepTarget(10 * frame, 1 * frame, frame, 1)).toBeCloseTo(11.5 * frame);
    expect(stepTarget(10.4 * frame, undefined, frame, -1)).toBeCloseTo(9.5 * frame);
  });
});

describe('Playback', () => {
  it('keeps to the clip, also without a player', () => {
    const playback = new Playback();
    playback.describe(4, 25);
    playback.seek(9);
    expect(playback.time).toBe(4);
    playback.seek(-1);
    expect(playback.time).toBe(0);
    expect(playback.frameSeconds).toBeCloseTo(0.04);
    expect(playback.untouched).toBe(false);
  });

  it('repeats a stretch until it is told to stop', () => {
    const playback = new Playback();
    playback.describe(4, 25);
    playback.toggleLoop({ startSeconds: 1, endSeconds: 2 });
    expect(playback.time).toBe(1);
    expect(playback.loop).toEqual({ startSeconds: 1, endSeconds: 2, of: 'trace' });
    playback.toggleLoop({ startSeconds: 1, endSeconds: 2 });
    expect(playback.loop).toBeUndefined();
    playback.toggleLoop(undefined);
    expect(playback.loop).toBeUndefined();
  });
});
