/** Where a shortcut stands on the help sheet. */
export type ShortcutGroup = 'Play' | 'Step' | 'Marks and repeats' | 'Layers' | 'Look closer' | 'Help';

/** One way to do something with a key. */
type ShortcutLine = {
  /** Values of `KeyboardEvent.key`, any of which does it; `Shift+` before those that need it. */
  keys: readonly string[];
  /** What it does, as on the help sheet. */
  words: string;
  group: ShortcutGroup;
  /** Works while it is held down, and ends when it is let go. */
  hold?: true;
  /** Only where the player has the focus: elsewhere these keys scroll the page or press a button. */
  inPlayer?: true;
};

/** Every shortcut of the page, in the order of the help sheet. */
export const SHORTCUTS = {
  'play-pause': { keys: [' '], words: 'Play or pause', group: 'Play', inPlayer: true },
  'play-pause-anywhere': { keys: ['k'], words: 'Play or pause, from anywhere on the page', group: 'Play' },
  slower: { keys: ['<'], words: 'Slower', group: 'Play' },
  faster: { keys: ['>'], words: 'Faster', group: 'Play' },
  mute: { keys: ['m'], words: 'Sound off or on', group: 'Play' },
  'full-screen': { keys: ['f'], words: 'Full screen', group: 'Play' },

  'frame-forward': { keys: ['ArrowRight', '.'], words: 'One frame forward', group: 'Step' },
  'frame-back': { keys: ['ArrowLeft', ','], words: 'One frame back', group: 'Step' },
  'second-forward': { keys: ['Shift+ArrowRight'], words: 'One second forward', group: 'Step' },
  'second-back': { keys: ['Shift+ArrowLeft'], words: 'One second back', group: 'Step' },
  'next-edge': { keys: ['n'], words: 'Next onset or offset of a trace', group: 'Step' },
  'previous-edge': { keys: ['p'], words: 'Previous onset or offset of a trace', group: 'Step' },
  'next-trace': { keys: ['t'], words: 'Choose the next trace', group: 'Step' },
  'previous-trace': { keys: ['Shift+T'], words: 'Choose the previous trace', group: 'Step' },
  'first-frame': { keys: ['Home'], words: 'First frame', group: 'Step', inPlayer: true },
  'last-frame': { keys: ['End'], words: 'Last frame', group: 'Step', inPlayer: true },

  'mark-in': { keys: ['i'], words: 'Mark in at this frame', group: 'Marks and repeats' },
  'mark-out': { keys: ['o'], words: 'Mark out at this frame', group: 'Marks and repeats' },
  'clear-marks': { keys: ['x'], words: 'Remove both marks', group: 'Marks and repeats' },
  'loop-marks': { keys: ['l'], words: 'Repeat between the marks', group: 'Marks and repeats' },
  'loop-trace': { keys: ['r'], words: 'Repeat the chosen trace', group: 'Marks and repeats' },

  boxes: { keys: ['b'], words: 'Boxes on or off', group: 'Layers' },
  'heat-map': { keys: ['g'], words: 'Heat map on or off', group: 'Layers' },
  'hide-all': {
    keys: ['h'],
    words: 'Hide everything on the picture, while held',
    group: 'Layers',
    hold: true,
  },

  magnifier: { keys: ['z'], words: 'Magnifier on or off', group: 'Look closer' },
  'magnify-more': { keys: ['+'], words: 'Magnify more', group: 'Look closer' },
  'magnify-less': { keys: ['-'], words: 'Magnify less', group: 'Look closer' },
  'magnifier-up': { keys: ['w'], words: 'Magnifier up', group: 'Look closer' },
  'magnifier-left': { keys: ['a'], words: 'Magnifier left', group: 'Look closer' },
  'magnifier-down': { keys: ['s'], words: 'Magnifier down', group: 'Look closer' },
  'magnifier-right': { keys: ['d'], words: 'Magnifier right', group: 'Look closer' },
  compare: { keys: ['c'], words: 'Keep this frame to compare others with it', group: 'Look closer' },
  'compare-view': { keys: ['v'], words: 'Compare side by side or as a difference', group: 'Look closer' },

  help: { keys: ['?'], words: 'This list of shortcuts', group: 'Help' },
} as const satisfies Record<string, ShortcutLine>;

/** Name of something a key can do. */
export type ShortcutAction = keyof typeof SHORTCUTS;

/** The shortcuts, in the order of the help sheet. */
export const SHORTCUT_LIST: readonly (ShortcutLine & { action: ShortcutAction })[] = (
  Object.keys(SHORTCUTS) as ShortcutAction[]
).map((action) => ({ action, ...SHORTCUTS[action] }));

/** Keys that type a character. People who speak to their machine press them by accident (WCAG 2.1.4). */
export function isCharacterKey(key: string): boolean {
  return key !== ' ' && key.replace('Shift+', '').length === 1;
}

/** A key as it is printed, for example `Shift + →`. */
export function keyName(key: string): string {
  const names: Record<string, string> = { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', '-': '−' };
  const shifted = key.startsWith('Shift+');
  const bare = shifted ? key.slice('Shift+'.length) : key;
  const name = names[bare] ?? (bare.length === 1 ? bare.toUpperCase() : bare);
  return shifted ? `Shift + ${name}` : name;
}

const BY_KEY = new Map(SHORTCUT_LIST.flatMap((line) => line.keys.map((key) => [key, line] as const)));

/** The parts of a keyboard event that decide what it means. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>;

/**
 * What a key press stands for, if anything. Letters mean the same with Caps Lock; characters that need Shift or AltGr
 * on some keyboards are told by what they type.
 */
export function shortcutOf(press: KeyPress): (ShortcutLine & { action: ShortcutAction }) | undefined {
  if (press.altKey || press.ctrlKey || press.metaKey) {
    return undefined;
  }
  const { key, shiftKey } = press;
  const isLetter = /^\p{L}$/u.test(key);
  if (isLetter) {
    return BY_KEY.get(shiftKey ? `Shift+${key.toUpperCase()}` : key.toLowerCase());
  }
  const named = key.length > 1 || key === ' ';
  return BY_KEY.get(shiftKey && named ? `Shift+${key}` : key);
}
