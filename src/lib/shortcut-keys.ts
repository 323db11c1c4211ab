import { shortcutSettings } from './shortcut-settings.svelte';
import { isCharacterKey, shortcutOf, type ShortcutAction } from './shortcuts';

/** What each shortcut does; `repeated` while its key is held down, `ended` when a held one is let go. */
export type ShortcutHandlers = Partial<
  Record<ShortcutAction, (press: { repeated: boolean; ended: boolean }) => void>
>;

/**
 * Attachment that makes the shortcuts work on the whole page; those that belong to the player only within the element
 * it is attached to. Keys that the focused control uses itself stay its own.
 */
export function shortcutKeys(handlers: ShortcutHandlers): (player: HTMLElement) => () => void {
  return (player) => {
    const listening = new AbortController();
    const { signal } = listening;
    /** What is to end when a key is let go. */
    const held = new Map<string, () => void>();
    const release = (key: string): void => {
      held.get(key)?.();
      held.delete(key);
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      const shortcut = shortcutOf(event);
      const handler = shortcut && handlers[shortcut.action];
      const outside = shortcut?.inPlayer && !(event.target instanceof Node && player.contains(event.target));
      const off = isCharacterKey(event.key) && !shortcutSettings.characters;
      if (!handler || outside || off || event.defaultPrevented || isOwnKey(event)) {
        return;
      }
      event.preventDefault();
      handler({ repeated: event.repeat, ended: false });
      if (shortcut.hold && !event.repeat) {
        held.set(event.key.toLowerCase(), () => handler({ repeated: false, ended: true }));
      }
    };
    window.addEventListener('keydown', onKeyDown, { signal });
    window.addEventListener('keyup', ({ key }) => release(key.toLowerCase()), { signal });
    // A key that is let go in another window is never seen to be.
    window.addEventListener('blur', () => [...held.keys()].forEach(release), { signal });
    return () => {
      [...held.keys()].forEach(release);
      listening.abort();
    };
  };
}

/** Whether the focused control uses this key itself. */
function isOwnKey({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  if (target instanceof HTMLInputElement) {
    const typed = ['text', 'search', 'number', 'time', 'email', 'url'].includes(target.type);
    const moves = target.type === 'range' || target.type === 'radio';
    return (
      typed || (key === ' ' && target.type !== 'range') || (moves && !isCharacterKey(key) && key !== ' ')
    );
  }
  if (
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement ||
    target.isContentEditable
  ) {
    return true;
  }
  const pressable =
    target instanceof HTMLButtonElement || target.tagName === 'SUMMARY' || target.tagName === 'A';
  return (pressable && key === ' ') || target.closest('dialog') !== null;
}
