import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience } from './patience';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('Patience', () => {
  it('ends once, after the limit without a sign of life', () => {
    const exhausted = vi.fn();
    const patience = new Patience(10, exhausted);
    vi.advanceTimersByTime(9_000);
    patience.heard();
    vi.advanceTimersByTime(9_000);
    expect(exhausted).not.toHaveBeenCalled();
    vi.advanceTimersByTime(60_000);
    expect(exhausted).toHaveBeenCalledTimes(1);
  });

  it('does not count time in which its own thread slept', () => {
    const exhausted = vi.fn();
    new Patience(10, exhausted);
    vi.advanceTimersByTime(5_000);
    // A laptop that was closed for a day: the clock went on, the timers did not.
    const now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now + 86_400_000);
    vi.advanceTimersByTime(1_000);
    expect(exhausted).not.toHaveBeenCalled();
  });

  it('ends no more once stopped', () => {
    const exhausted = vi.fn();
    new Patience(1, exhausted).stop();
    vi.advanceTimersByTime(5_000);
    expect(exhausted).not.toHaveBeenCalled();
  });
});
