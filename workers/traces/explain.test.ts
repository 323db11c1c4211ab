import { describe, expect, it } from 'vitest';
import { CATEGORIES, type Box } from '../report';
import { explain, region, type ExplanationSlots } from './explain';

const slots: ExplanationSlots = {
  category: 'object-distortion',
  subject: { noun: 'hand', certain: true },
  box: [0.05, 0.05, 0.25, 0.3],
  track: [
    { timeSeconds: 1, box: [0.05, 0.05, 0.25, 0.3] },
    { timeSeconds: 2, box: [0.25, 0.05, 0.45, 0.3] },
  ],
  startSeconds: 1,
  endSeconds: 2,
  clip: { startSeconds: 0, endSeconds: 4 },
};

describe('explain', () => {
  it.each(CATEGORIES)('writes one sentence for %s that names subject and place', (category) => {
    for (const shift of [0, 0.001, 0.002, 0.003]) {
      const box: Box = [slots.box[0] + shift, slots.box[1], slots.box[2], slots.box[3]];
      const sentence = explain({ ...slots, category, box });
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(sentence).toContain('at the upper left');
      expect(sentence).not.toMatch(/ {2}|undefined|NaN| ,/);
    }
  });

  it('has words for a clip that begins before second 0', () => {
    for (const startSeconds of [-0.4, -0.401]) {
      expect(explain({ ...slots, startSeconds })).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('is the same for the same trace', () => {
    expect(explain(slots)).toBe(explain({ ...slots }));
  });

  it('states the direction only when the box travels', () => {
    const moving = explain({ ...slots, category: 'object-trajectory' });
    expect(moving).toContain('to the right');
    const still = explain({ ...slots, category: 'object-trajectory', track: slots.track.slice(0, 1) });
    expect(still).not.toMatch(/to the right|to the left|wards/);
  });

  it('says throughout when the trace spans the clip', () => {
    expect(explain({ ...slots, startSeconds: 0, endSeconds: 4 })).toContain('throughout the clip');
    expect(explain(slots)).toContain('from 1.0 s to 2.0 s');
  });

  it('names nothing when no noun stood out', () => {
    expect(explain({ ...slots, subject: undefined })).toMatch(/something/i);
  });
});

describe('region', () => {
  it.each([
    [[0, 0, 0.2, 0.2], 'at the upper left'],
    [[0.4, 0.4, 0.6, 0.6], 'in the middle'],
    [[0.8, 0.4, 1, 0.6], 'on the right'],
    [[0.4, 0.8, 0.6, 1], 'at the bottom'],
    [[0.05, 0.05, 0.95, 0.95], 'across most of the picture'],
  ] as [Box, string][])('calls %j %s', (box, words) => {
    expect(region(box)).toBe(words);
  });
});
