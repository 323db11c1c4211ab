/** Media time as `m:ss.s`, with hours where there are any. */
export function formatTime(seconds: number, decimals = 1): string {
  const unit = 10 ** decimals;
  // Rounded once, before it is split: 59.96 s must become 1:00.0, not 0:60.0.
  const ticks = Math.round(Math.max(0, seconds) * unit);
  const whole = Math.floor(ticks / unit);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const fraction = decimals > 0 ? `.${String(ticks % unit).padStart(decimals, '0')}` : '';
  const tail = `${String(whole % 60).padStart(2, '0')}${fraction}`;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** A range of media time, for example `0:01.3 – 0:03.0`. */
export function formatRange(startSeconds: number, endSeconds: number): string {
  return `${formatTime(startSeconds)} – ${formatTime(endSeconds)}`;
}

/** Media time for a screen reader, for example `1 minute 3.2 seconds`. */
export function spokenTime(seconds: number): string {
  const tenths = Math.round(Math.max(0, seconds) * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths % 600) / 10;
  const tail = `${rest} ${rest === 1 ? 'second' : 'seconds'}`;
  return minutes > 0 ? `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${tail}` : tail;
}

/** A probability in whole percent; never 0% or 100%, because the model is never certain. */
export function formatProbability(probability: number): string {
  if (probability >= 0.995) {
    return 'over 99%';
  }
  if (probability < 0.005) {
    return 'under 1%';
  }
  return `${Math.round(probability * 100)}%`;
}

/** A measured share in whole percent. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** A trace score with two decimals, so that nobody takes it for a probability in percent. */
export function formatScore(score: number): string {
  return score.toFixed(2);
}

/** A file size in decimal units. */
export function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  if (bytes < 1000) {
    return `${bytes} B`;
  }
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Seconds of computing time, for example `0.4 s` or `2 min 5 s`. */
export function formatElapsed(seconds: number): string {
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** The time left in words, as coarse as the estimate is. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 5) {
    return 'a few seconds left';
  }
  if (seconds < 50) {
    return `about ${Math.ceil(seconds / 5) * 5} seconds left`;
  }
  if (seconds < 90) {
    return 'about a minute left';
  }
  return `about ${Math.round(seconds / 60)} minutes left`;
}

/** A count with its noun, for example `1 trace`, `3 traces`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
