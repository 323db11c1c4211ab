import { describe, expect, it } from 'vitest';
import { isCharacterKey, keyName, SHORTCUT_LIST, shortcutOf, type KeyPress } from './shortcuts';

function press(key: string, modifiers: Partial<KeyPress> = {}): string | undefined {
  const plain = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
  return shortcutOf({ ...plain, key, ...modifiers })?.action;
}

describe('shortcuts', () => {
  it('gives no key two meanings', () => {
    const keys = SHORTCUT_LIST.flatMap((line) => line.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('finds every shortcut by each of its keys', () => {
    for (const { action, keys } of SHORTCUT_LIST) {
      for (const key of keys) {
        const shiftKey = key.startsWith('Shift+');
        expect(press(key.replace('Shift+', ''), { shiftKey })).toBe(action);
      }
    }
  });

  it('reads characters by what they type and letters without Caps Lock', () => {
    expect(press('>', { shiftKey: true })).toBe('faster');
    expect(press('?', { shiftKey: true })).toBe('help');
    expect(press('B')).toBe('boxes');
    expect(press('t', { shiftKey: true })).toBe('previous-trace');
  });

  it('leaves the browser’s own combinations alone', () => {
    expect(press('c', { ctrlKey: true })).toBeUndefined();
    expect(press('ArrowLeft', { altKey: true })).toBeUndefined();
    expect(press('Home', { shiftKey: true })).toBeUndefined();
  });

  it('knows which keys type characters', () => {
    expect(['b', '?', 'Shift+T', ','].every(isCharacterKey)).toBe(true);
    expect(['ArrowLeft', 'Shift+ArrowLeft', ' ', 'Home'].some(isCharacterKey)).toBe(false);
  });

  it('prints keys as they stand on a keyboard', () => {
    expect(['b', ' ', 'Shift+ArrowRight', 'Shift+T', 'Home'].map(keyName)).toEqual([
      'B',
      'Space',
      'Shift + →',
      'Shift + T',
      'Home',
    ]);
  });
});
