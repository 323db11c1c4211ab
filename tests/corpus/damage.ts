/** Pseudo-random numbers that are the same for the same seed everywhere (mulberry32, by Tommy Ettinger). */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** One of several. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

export type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers that parsers trip over. */
const TRAPS = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
];

/** Names that mean something to a parser of MP4. */
const BOXES = [
  'moov',
  'trak',
  'mdia',
  'minf',
  'stbl',
  'stsd',
  'stts',
  'stsz',
  'stco',
  'co64',
  'ctts',
  'stss',
  'edts',
  'elst',
  'mvhd',
  'tkhd',
  'mdhd',
  'hdlr',
  'avcC',
  'moof',
  'traf',
  'trun',
  'tfhd',
  'mdat',
  'free',
  'meta',
];

type Mutation = (bytes: Bytes, random: Random, other: Bytes) => Bytes;

/** Where damage goes: half of it into the first or last kilobyte, where the headers are. */
function somewhere(bytes: Bytes, random: Random): number {
  const edge = Math.min(1024, bytes.length);
  const place = random.below(4);
  if (place === 0) {
    return random.below(edge);
  }
  return place === 1 ? bytes.length - 1 - random.below(edge) : random.below(bytes.length);
}

const MUTATIONS: Record<string, Mutation> = {
  truncated: (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  'bits flipped': (bytes, random) => {
    const copy = bytes.slice();
    for (let n = 1 + random.below(8); n > 0; n--) {
      copy[somewhere(copy, random)]! ^= 1 << random.below(8);
    }
    return copy;
  },
  'number replaced': (bytes, random) => {
    const copy = bytes.slice();
    const at = Math.min(somewhere(copy, random), copy.length - 4);
    new DataView(copy.buffer).setUint32(Math.max(0, at), random.pick(TRAPS), random.below(4) === 0);
    return copy;
  },
  'run overwritten': (bytes, random) => {
    const copy = bytes.slice();
    const at = somewhere(copy, random);
    const noise = random.below(2) === 0;
    for (let i = at; i < Math.min(copy.length, at + 1 + random.below(64)); i++) {
      copy[i] = noise ? random.below(256) : 0;
    }
    return copy;
  },
  'part removed': (bytes, random) => {
    const at = somewhere(bytes, random);
    return concat(bytes.slice(0, at), bytes.slice(at + 1 + random.below(256)));
  },
  'part doubled': (bytes, random) => {
    const at = somewhere(bytes, random);
    const part = bytes.slice(at, at + 1 + random.below(512));
    return concat(bytes.slice(0, at), part, part, bytes.slice(at + part.length));
  },
  'name replaced': (bytes, random) => {
    const copy = bytes.slice();
    const name = random.pick(BOXES);
    const places = find(copy, name);
    copy.set(ascii(random.pick(BOXES)), places.length > 0 ? random.pick(places) : 4);
    return copy;
  },
  spliced: (bytes, random, other) =>
    concat(bytes.slice(0, somewhere(bytes, random)), other.slice(somewhere(other, random))),
};

/** One mutated file: what was done to which seed, and what came of it. */
export type Mutant = { name: string; bytes: Bytes };

/** Makes the n-th mutant of a fuzzing run: the same for the same seed, whatever was made before it. */
export function makeMutant(seeds: readonly Mutant[], seed: number, n: number): Mutant {
  const random = new Random(seed * 100_003 + n);
  const { name, bytes } = random.pick(seeds);
  const kind = random.pick(Object.keys(MUTATIONS));
  let mutated = MUTATIONS[kind]!(bytes, random, random.pick(seeds).bytes);
  const kinds = [kind];
  // Some are damaged twice: the second time often lies behind what the first opened.
  if (random.below(3) === 0 && mutated.length > 8) {
    const second = random.pick(Object.keys(MUTATIONS));
    mutated = MUTATIONS[second]!(mutated, random, random.pick(seeds).bytes);
    kinds.push(second);
  }
  return { name: `${n} ${name} ${kinds.join(', ')}`, bytes: mutated };
}

/** Cuts a file off at so many places, from nothing to almost all of it. */
export function truncations(file: Mutant, count: number): Mutant[] {
  return Array.from({ length: count }, (_, i) => {
    const length = Math.floor((file.bytes.length * (i + 0.5)) / count);
    return { name: `${file.name} cut off after ${length}`, bytes: file.bytes.slice(0, length) };
  });
}

/** Changes one number behind each box of a name. */
function patched(bytes: Bytes, box: string, offset: number, value: number, size: 2 | 4 = 4): Bytes {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (const at of find(copy, box)) {
    if (size === 2) {
      view.setUint16(at + offset, value);
    } else {
      view.setUint32(at + offset, value);
    }
  }
  return copy;
}

/**
 * Headers that lie, and structures no writer makes. Offsets are those of ISO/IEC 14496-12 behind a box's name, for
 * version 0 of each box.
 *
 * @param mp4 with its index last, so that changes of the index move no data.
 * @param bFrames the same with frames out of order.
 * @param fragmented a fragmented one.
 */
export function lyingFiles(mp4: Bytes, bFrames: Bytes, fragmented: Bytes): Record<string, Bytes> {
  const moov = find(mp4, 'moov')[0]! - 4;
  const trak = find(mp4, 'trak')[0]! - 4;
  const size = (at: number): number => new DataView(mp4.buffer).getUint32(at);
  const tracks = Array.from({ length: 500 }, () => mp4.slice(trak, trak + size(trak)));
  const manyTracks = concat(mp4, ...tracks);
  new DataView(manyTracks.buffer).setUint32(moov, manyTracks.length - moov);
  const nested = (depth: number): Bytes => {
    const bytes = new Uint8Array(depth * 8);
    for (let i = 0; i < depth; i++) {
      new DataView(bytes.buffer).setUint32(i * 8, (depth - i) * 8);
      bytes.set(ascii('moov'), i * 8 + 4);
    }
    return bytes;
  };
  return {
    'clip of 49 days': patched(patched(mp4, 'mvhd', 20, 0xfffffff0), 'mdhd', 20, 0xfffffff0),
    'clip of no time': patched(patched(mp4, 'mvhd', 20, 0), 'mdhd', 20, 0),
    'frames that last for years': patched(mp4, 'stts', 16, 0x7fffffff),
    'time scale of 0': patched(mp4, 'mdhd', 16, 0),
    'time scale of 1': patched(mp4, 'mdhd', 16, 1),
    'frames of 65535 x 65535 in the index': patched(
      patched(mp4, 'avc1', 28, 0xffff, 2),
      'avc1',
      30,
      0xffff,
      2,
    ),
    'frames of 0 x 0 in the index': patched(patched(mp4, 'avc1', 28, 0, 2), 'avc1', 30, 0, 2),
    'shown at 65535 x 65535': patched(patched(mp4, 'tkhd', 80, 0xffff0000), 'tkhd', 84, 0xffff0000),
    'four billion samples': patched(mp4, 'stsz', 12, 0xfffffff0),
    'four billion samples of one byte': patched(patched(mp4, 'stsz', 8, 1), 'stsz', 12, 0xfffffff0),
    'four billion samples of nothing': patched(patched(mp4, 'stts', 12, 0xfffffff0), 'stsz', 12, 0xfffffff0),
    'time to sample for two billion': patched(mp4, 'stts', 12, 0x7fffffff),
    'four billion chunks': patched(mp4, 'stco', 8, 0xfffffff0),
    'four billion samples in a chunk': patched(mp4, 'stsc', 16, 0xfffffff0),
    'chunks beyond the end': patched(mp4, 'stco', 12, 0x7ffffff0),
    'edit list of a billion entries': patched(mp4, 'elst', 8, 0x3fffffff),
    'codec described by noise': patched(mp4, 'avcC', 4, 0xdeadbeef),
    '501 tracks': manyTracks,
    'boxes 20000 deep': concat(mp4.slice(0, 32), nested(20_000)),
    'index that claims no end': patched(mp4, 'moov', -4, 0),
    'index that claims 4 GB': patched(mp4, 'moov', -4, 0xfffffff0),
    'index of 64-bit length without one': patched(mp4, 'moov', -4, 1),
    'composition times for four billion': patched(bFrames, 'ctts', 12, 0xfffffff0),
    'times of four billion frames out of order': patched(bFrames, 'stts', 12, 0xfffffff0),
    'fragments of four billion frames': patched(fragmented, 'trun', 8, 0xfffffff0),
    'fragments of four billion like frames': patched(
      patched(fragmented, 'trun', 4, 0x000001),
      'trun',
      8,
      0xfffffff0,
    ),
    'index that claims 4 GB in a fragment': patched(fragmented, 'moof', -4, 0xfffffff0),
    'no data, only the index': mp4.slice(moov, moov + size(moov)),
    'no index, only the data': mp4.slice(0, moov),
    'an index and nothing else behind it': concat(mp4.slice(0, 32), mp4.slice(moov, moov + size(moov))),
    'nothing at all': new Uint8Array(0),
    'one byte': mp4.slice(0, 1),
    'a header of zeros': new Uint8Array(4096),
    'no composition times': rename(bFrames, 'ctts', 'free'),
    'no key frames named': rename(bFrames, 'stss', 'free'),
  };
}

function rename(bytes: Bytes, from: string, to: string): Bytes {
  const copy = bytes.slice();
  for (const at of find(copy, from)) {
    copy.set(ascii(to), at);
  }
  return copy;
}

/** Where a name stands in a file. */
function find(bytes: Bytes, name: string): number[] {
  const [a, b, c, d] = ascii(name);
  const found: number[] = [];
  for (let i = 0; i + 4 <= bytes.length; i++) {
    if (bytes[i] === a && bytes[i + 1] === b && bytes[i + 2] === c && bytes[i + 3] === d) {
      found.push(i);
    }
  }
  return found;
}

function ascii(name: string): number[] {
  return Array.from(name, (character) => character.charCodeAt(0));
}

function concat(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
