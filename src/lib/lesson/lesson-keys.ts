import { shortcutSettings } from '../shortcut-settings.svelte';
import { isCharacterKey } from '../shortcuts';

/** What a teacher does from the keyboard, or with a presenter, which sends Page up and Page down. */
export type LessonAction = 'play' | 'next' | 'back' | 'frame-forward' | 'frame-back' | 'mark' | 'full-screen';

const KEYS: Record<string, LessonAction> = {
  ' ': 'play',
  ArrowRight: 'next',
  PageDown: 'next',
  ArrowLeft: 'back',
  PageUp: 'back',
  '.': 'frame-forward',
  ',': 'frame-back',
  m: 'mark',
  f: 'full-screen',
};

/** The keys of a lesson as they are told, with what they do. */
export const LESSON_KEYS: readonly { keys: readonly string[]; words: string }[] = [
  { keys: ['Space'], words: 'play or pause' },
  { keys: ['→'], words: 'go on' },
  { keys: ['←'], words: 'go back' },
  { keys: [',', '.'], words: 'one frame' },
  { keys: ['M'], words: 'mark a place' },
  { keys: ['F'], words: 'full screen' },
];

/** What a key press means in a lesson; nothing where the focused control uses the key itself. */
export function lessonAction(event: KeyboardEvent): LessonAction | undefined {
  const { key, target } = event;
  const action = KEYS[key.length === 1 ? key.toLowerCase() : key];
  const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  const off = isCharacterKey(key) && !shortcutSettings.characters;
  if (!action || modified || off || event.defaultPrevented) {
    return undefined;
  }
  if (target instanceof HTMLElement) {
    const ownsSpace = target.matches('button, a, summary');
    const ownsArrows = target.matches('input, select, textarea');
    if ((key === ' ' && ownsSpace) || (ownsArrows && !isCharacterKey(key)) || target.closest('dialog')) {
      return undefined;
    }
  }
  return action;
}
