// Maps of a state that is replaced as a whole, so that none of them has to be watched itself.

/** A map of entries. */
export function lookup<K, V>(entries: Iterable<readonly [K, V]> = []): ReadonlyMap<K, V> {
  return new Map(entries);
}

/** A copy with one entry set. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

/** A copy without the entries that do not pass. */
export function filtered<K, V>(map: ReadonlyMap<K, V>, pass: (value: V) => boolean): ReadonlyMap<K, V> {
  return new Map([...map].filter(([, value]) => pass(value)));
}

/** Every value once, in the order they come. */
export function unique<T>(values: Iterable<T>): T[] {
  return [...new Set(values)];
}
