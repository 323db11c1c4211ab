const STORED_AS = 'tellscope-letter-shortcuts';

/** Whether keys that type characters do anything (WCAG 2.1.4); remembered on this machine once it is changed. */
class ShortcutSettings {
  #characters = $state(readSetting());

  /** Keys that type characters are shortcuts. */
  get characters(): boolean {
    return this.#characters;
  }

  set characters(on: boolean) {
    this.#characters = on;
    try {
      localStorage.setItem(STORED_AS, on ? 'on' : 'off');
    } catch {
      // Storage may be forbidden; the setting then lasts as long as the page.
    }
  }
}

function readSetting(): boolean {
  try {
    return localStorage.getItem(STORED_AS) !== 'off';
  } catch {
    return true;
  }
}

/** The page's one setting for shortcuts. */
export const shortcutSettings = new ShortcutSettings();
