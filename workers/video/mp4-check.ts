import { TellscopeError } from '../errors';
import type { ContainerState } from './container-check';

/** Frames a file may have: two hours at 500 a second. */
export const MAX_FRAMES = 4_000_000;

/** Largest index that is read into memory, in bytes; two hours at 60 frames a second need a tenth of it. */
const MAX_INDEX_BYTES = 128 * 2 ** 20;

/** Frames in a chunk that are added up in no time, whatever the index says. */
const SMALL_CHUNK = 10_000;

/** Bytes read at once: a header, with the small boxes that follow it. */
const PIECE = 64 * 1024;

/** Boxes that an MP4 file begins with. */
const FIRST_BOXES = new Set(['ftyp', 'styp', 'moov', 'moof', 'mdat', 'free', 'skip', 'wide', 'sidx']);

/** Boxes on the way to those that state how many frames there are. */
const PARENTS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf']);

type Box = { name: string; start: number; content: number; end: number };

/**
 * Looks through the boxes of an MP4 file before the demuxer reads them.
 *
 * The demuxer takes three counts on trust (mediabunny 1.61, `isobmff-demuxer.ts`): with composition times (`ctts`) it makes
 * an object for each frame of `stts`, for a fragment as many as `trun` says, and for each frame it adds up the sizes of
 * as many as a chunk holds by `stsc`, whether or not the file has room for them. Four billion objects end the worker and,
 * in Chromium, the page with it; four billion sums take minutes.
 *
 * @returns undefined when it is not an MP4 file.
 * @throws {TellscopeError} `unreadable-file` when an index is beyond what any video needs, `unsupported-codec` when the
 * video is encrypted.
 */
export async function checkMp4(file: Blob): Promise<ContainerState | undefined> {
  const head = new DataView(await file.slice(0, 8).arrayBuffer());
  return head.byteLength === 8 && FIRST_BOXES.has(nameAt(head, 4)) ? walk(file) : undefined;
}

/** Walks over the outermost boxes, which are skipped without being read, and checks those with an index. */
async function walk(file: Blob): Promise<ContainerState> {
  let piece = new DataView(new ArrayBuffer(0));
  let pieceStart = 0;
  let indexMissing = true;
  for (let at = 0; at + 8 <= file.size;) {
    if (at < pieceStart || at + 16 > pieceStart + piece.byteLength) {
      piece = new DataView(await file.slice(at, at + PIECE).arrayBuffer());
      pieceStart = at;
    }
    const box = readBox(piece, at - pieceStart, file.size - pieceStart);
    if (!box) {
      break;
    }
    const end = pieceStart + box.end;
    if (end > file.size) {
      return { missingBytes: end - file.size, indexMissing, readable: file };
    }
    if (box.name === 'moov' || box.name === 'moof') {
      checkSize(box.end - box.start);
      checkIndex(new DataView(await file.slice(at, end).arrayBuffer()));
      indexMissing &&= box.name === 'moof';
    }
    at = end;
  }
  return { missingBytes: 0, indexMissing, readable: file };
}

function checkSize(bytes: number): void {
  if (bytes > MAX_INDEX_BYTES) {
    throw damagedIndex(`it takes ${Math.round(bytes / 2 ** 20)} MiB`);
  }
}

/** What the tables of one track count to. */
type Counts = { stts: number; ctts: number; trun: number; sizes: number; chunk: number };

/** Adds up the frames that an index makes the demuxer list, and looks whether they are encrypted. */
function checkIndex(index: DataView): void {
  const newTrack = (): Counts => ({ stts: 0, ctts: 0, trun: 0, sizes: 0, chunk: 0 });
  const tracks = [newTrack()];
  const pending = [{ content: 0, end: index.byteLength, counts: tracks[0]! }];
  for (let parent = pending.pop(); parent; parent = pending.pop()) {
    for (let at = parent.content; at + 8 <= parent.end;) {
      const box = readBox(index, at, parent.end);
      if (!box) {
        break;
      }
      const { name, content } = box;
      const end = Math.min(box.end, parent.end);
      if (PARENTS.has(name)) {
        // The demuxer adds up the tables of a track wherever they stand in it.
        const counts = name === 'trak' || name === 'traf' ? newTrack() : parent.counts;
        tracks.push(counts);
        pending.push({ content, end, counts });
      } else {
        count(index, name, content, end, parent.counts);
      }
      at = box.end;
    }
  }
  judgeCounts([...new Set(tracks)]);
}

/** Adds what a table says to the counts of its track. */
function count(index: DataView, name: string, content: number, end: number, counts: Counts): void {
  switch (name) {
    case 'stts':
    case 'ctts':
      counts[name] += sumOfRuns(index, content, end);
      break;
    case 'trun':
      counts.trun += countAt(index, content, end);
      break;
    case 'stsz':
    case 'stz2':
      counts.sizes += numberOfSizes(index, name, content, end);
      break;
    case 'stsc':
      counts.chunk = Math.max(counts.chunk, largestChunk(index, content, end));
      break;
    case 'stsd':
      if (content + 16 <= end && nameAt(index, content + 12) === 'encv') {
        throw encrypted();
      }
      break;
  }
}

function judgeCounts(tracks: readonly Counts[]): void {
  let frames = 0;
  for (const { stts, ctts, trun, sizes, chunk } of tracks) {
    // Sound has no composition times, and rightly more samples than any video has frames.
    frames += trun + (ctts > 0 ? Math.max(stts, ctts) : 0);
    if (frames > MAX_FRAMES) {
      throw damagedIndex(`it names ${frames} frames`);
    }
    if (chunk > Math.max(sizes, SMALL_CHUNK)) {
      throw damagedIndex(`it puts ${chunk} frames into one piece and names ${sizes}`);
    }
  }
}

/** The number behind version and flags. */
function countAt(index: DataView, content: number, end: number): number {
  return content + 8 <= end ? index.getUint32(content + 4) : 0;
}

/** Frames whose sizes are listed; no limit where one size is that of all. */
function numberOfSizes(index: DataView, name: 'stsz' | 'stz2', content: number, end: number): number {
  if (content + 12 > end) {
    return 0;
  }
  return name === 'stz2' || index.getUint32(content + 4) === 0 ? index.getUint32(content + 8) : Infinity;
}

/** The most frames that a chunk holds. */
function largestChunk(index: DataView, content: number, end: number): number {
  const entries = countAt(index, content, end);
  let largest = 0;
  for (let n = 0, at = content + 8; n < entries && at + 12 <= end; n++, at += 12) {
    largest = Math.max(largest, index.getUint32(at + 4));
  }
  return largest;
}

/** How many frames a table of runs (a count and a value each) covers. */
function sumOfRuns(index: DataView, content: number, end: number): number {
  const runs = countAt(index, content, end);
  let frames = 0;
  for (let n = 0, at = content + 8; n < runs && at + 8 <= end; n++, at += 8) {
    frames += index.getUint32(at);
  }
  return frames;
}

/** The header of a box; undefined when there is none. A box that does not say where it ends reaches to `limit`. */
function readBox(view: DataView, start: number, limit: number): Box | undefined {
  if (start + 8 > view.byteLength) {
    return undefined;
  }
  const size = view.getUint32(start);
  const name = nameAt(view, start + 4);
  if (size === 0) {
    return { name, start, content: start + 8, end: limit };
  }
  if (size === 1) {
    if (start + 16 > view.byteLength) {
      return undefined;
    }
    const long = Number(view.getBigUint64(start + 8));
    return long < 16 ? undefined : { name, start, content: start + 16, end: start + long };
  }
  return size < 8 ? undefined : { name, start, content: start + 8, end: start + size };
}

function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)));
}

function encrypted(): TellscopeError {
  return new TellscopeError(
    'unsupported-codec',
    'The video is encrypted (copy protection), so its frames cannot be read. Get a copy without it.',
  );
}

function damagedIndex(detail: string): TellscopeError {
  return new TellscopeError(
    'unreadable-file',
    `The file's index is beyond what a video needs (${detail}), so it is probably damaged. ` +
      'Get another copy, or cut out the part in question.',
  );
}
