import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatElapsed,
  formatProbability,
  formatRange,
  formatTime,
  formatTimeLeft,
  spokenTime,
} from './format';

describe('formatTime', () => {
  it('carries rounding over to the minute', () => {
    expect(formatTime(59.96)).toBe('1:00.0');
    expect(formatTime(3599.99)).toBe('1:00:00.0');
  });

  it('pads seconds and keeps hours', () => {
    expect(formatTime(3.24)).toBe('0:03.2');
    expect(formatTime(3725.5)).toBe('1:02:05.5');
    expect(formatTime(65, 0)).toBe('1:05');
    expect(formatTime(1.5, 3)).toBe('0:01.500');
  });

  it('shows no negative time', () => {
    expect(formatTime(-0.2)).toBe('0:00.0');
  });
});

describe('words', () => {
  it('never claims certainty', () => {
    expect(formatProbability(1)).toBe('over 99%');
    expect(formatProbability(0)).toBe('under 1%');
    expect(formatProbability(0.994)).toBe('99%');
    expect(formatProbability(0.5)).toBe('50%');
  });

  it('tells the time left as coarsely as it is known', () => {
    expect(formatTimeLeft(1)).toBe('a few seconds left');
    expect(formatTimeLeft(17)).toBe('about 20 seconds left');
    expect(formatTimeLeft(49.9)).toBe('about 50 seconds left');
    expect(formatTimeLeft(60)).toBe('about a minute left');
    expect(formatTimeLeft(200)).toBe('about 3 minutes left');
  });

  it('speaks media time', () => {
    expect(spokenTime(1)).toBe('1 second');
    expect(spokenTime(63.24)).toBe('1 minute 3.2 seconds');
  });

  it('formats sizes, spans and counts', () => {
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(999_999)).toBe('1.0 MB');
    expect(formatBytes(12_345_678)).toBe('12.3 MB');
    expect(formatElapsed(0.44)).toBe('0.4 s');
    expect(formatElapsed(125)).toBe('2 min 5 s');
    expect(formatRange(1.3, 3)).toBe('0:01.3 – 0:03.0');
    expect(formatCount(1, 'trace')).toBe('1 trace');
    expect(formatCount(0, 'trace')).toBe('0 traces');
  });
});
