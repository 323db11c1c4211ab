import type { Input } from 'mediabunny';

/** What the demuxer asks the file for: a stretch of it of any length between two limits. */
type Reader = {
  requestSliceRange(start: number, least: number, most: number): Slice | null | Promise<Slice | null>;
};
type Slice = { length: number };

/** The demuxer looks for an identifier in all bytes of a stretch but the last eight. */
const OVERLAP = 8;

/**
 * Keeps the demuxer of Matroska from looking for ever. Behind junk it searches for the next element in stretches of the
 * file (`resync` in mediabunny 1.61, `matroska/ebml.ts`); one of exactly eight bytes takes it no further, and every
 * search that finds nothing ends with such a one. No other search of the demuxer takes stretches of any length.
 *
 * @param input whose format is known.
 */
export function guardSearch(input: Input): void {
  const { _reader: reader } = input as unknown as { _reader?: Reader };
  if (!reader) {
    return;
  }
  const request = reader.requestSliceRange.bind(reader);
  const endSearch = (slice: Slice | null): Slice | null => (slice && slice.length > OVERLAP ? slice : null);
  reader.requestSliceRange = (start, least, most) => {
    const slice = request(start, least, most);
    if (least > 0) {
      return slice;
    }
    return slice instanceof Promise ? slice.then(endSearch) : endSearch(slice);
  };
}
