import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeStem } from './file-names';

describe('safeStem', () => {
  it.each([
    ['clip.mp4', 'clip'],
    ['Clip (1) – Größe 動画.final.webm', 'Clip (1) – Größe 動画.final'],
    ['../../etc/passwd.mp4', '_.._etc_passwd'],
    ['/absolute.mp4', '_absolute'],
    ['C:\\Windows\\clip.mp4', 'C__Windows_clip'],
    ['.mp4', 'clip'],
    ['...', 'clip'],
    ['  . spaced . .mp4', 'spaced'],
    ['CON.mp4', '_CON'],
    ['lpt1.tar.mp4', '_lpt1.tar'],
    ['a\u202egpj.4pm.mp4', 'a_gpj.4pm'],
    ['line\nbreak\0.mp4', 'line_break_'],
    ['<img src=x onerror=alert(1)>.mp4', '_img src=x onerror=alert(1)_'],
    [`${'x'.repeat(5000)}.mp4`, 'x'.repeat(80)],
  ])('%j becomes %j', (name, stem) => {
    expect(safeStem(name)).toBe(stem);
  });

  it('never leaves a path, an empty name or half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const stem = safeStem(name);
        expect(stem).toMatch(/^[^\\/:*?"<>|\p{Cc}]{1,81}$/u);
        expect(stem).not.toMatch(/^\.|^ |[. ]$/);
        expect(stem).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});
