import * as v from 'valibot';

/**
 * A check that no two items of a list have the same key: the page tells them apart by it and cannot show two of one.
 *
 * @param expected what an item should have been, for the message.
 */
export function distinctItems<Item>(keyOf: (item: Item) => unknown, expected: string) {
  return v.rawCheck<Item[]>(({ dataset, addIssue }) => {
    const seen = new Set<unknown>();
    for (const [key, item] of dataset.typed ? dataset.value.entries() : []) {
      if (seen.has(keyOf(item))) {
        const path = { type: 'array', origin: 'value', input: dataset.value, key, value: item } as const;
        addIssue({ message: expected, path: [path as v.ArrayPathItem] });
      }
      seen.add(keyOf(item));
    }
  });
}
