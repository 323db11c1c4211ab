/** Longest stem of a file name, in characters: room is left for a number, an ending and a path. */
const MAX_LENGTH = 80;

/** What a path, a shell or an archive could read as more than a name; controls and marks that turn text around with it. */
const UNSAFE = /[\p{C}\\/:*?"<>|]/gu;

/** Names that are devices on Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * The stem of a file's name, without its ending, as a plain name on every system: no path, no control characters, no
 * device, not too long. Names of files come from strangers.
 */
export function safeStem(name: string): string {
  const stem = name.replace(/\.[^.]+$/, '').replace(UNSAFE, '_');
  const short = Array.from(stem).slice(0, MAX_LENGTH).join('');
  const trimmed = short.replace(/^[. ]+|[. ]+$/g, '') || 'clip';
  return DEVICE.test((trimmed.split('.')[0] ?? '').trim()) ? `_${trimmed}` : trimmed;
}
