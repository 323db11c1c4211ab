import type { ContainerState } from './container-check';

/** Identifiers of Matroska (RFC 8794, RFC 9559), with the bits that give their length. */
const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;

/** Bytes read at once: a header, with what small elements follow it. */
const PIECE = 64 * 1024;

/** The most that is looked through of a cluster that was cut off; they have a few megabytes. */
const MAX_CLUSTER_BYTES = 64 * 2 ** 20;

/** An element: where its size is written and where its content lies, from the start of a view. */
type Element = { id: number; sizeAt: number; content: number; length: number | undefined };

/**
 * Looks whether a Matroska or WebM file was cut off. The demuxer drops a cluster that is not there to its end, and with it
 * all of a short clip (mediabunny 1.61, `matroska-demuxer.ts`), so the last cluster is ended where its data ends.
 *
 * @returns undefined when it is not a Matroska file.
 */
export async function checkMatroska(file: Blob): Promise<ContainerState | undefined> {
  const head = new DataView(await file.slice(0, PIECE).arrayBuffer());
  const ebml = readElement(head, 0);
  if (ebml?.id !== EBML) {
    return undefined;
  }
  const whole = { missingBytes: 0, indexMissing: false, readable: file };
  const segment = readElement(head, ebml.content + (ebml.length ?? 0));
  if (segment?.id !== SEGMENT) {
    return whole;
  }
  const missingBytes = segment.content + (segment.length ?? 0) - file.size;
  if (segment.length !== undefined && missingBytes <= 0) {
    return whole;
  }
  const cut = await trimLastCluster(file, segment.content);
  return {
    ...whole,
    missingBytes: Math.max(0, missingBytes, cut?.missingBytes ?? 0),
    readable: cut?.readable ?? file,
  };
}

/** Ends the cluster that reaches beyond the end of the file after its last whole element. */
async function trimLastCluster(
  file: Blob,
  from: number,
): Promise<{ readable: Blob; missingBytes: number } | undefined> {
  for (let at = from; at < file.size;) {
    const element = readElement(new DataView(await file.slice(at, at + 16).arrayBuffer()), 0);
    if (element?.length === undefined) {
      return undefined;
    }
    const end = at + element.content + element.length;
    if (end <= file.size) {
      at = end;
      continue;
    }
    if (element.id !== CLUSTER) {
      return undefined;
    }
    const content = at + element.content;
    const there = new DataView(await file.slice(content, content + MAX_CLUSTER_BYTES).arrayBuffer());
    const length = wholeElements(there);
    const parts = [
      file.slice(0, at + element.sizeAt),
      sizeField(length, element.content - element.sizeAt),
      file.slice(content, content + length),
    ];
    return { readable: new Blob(parts), missingBytes: end - file.size };
  }
  return undefined;
}

/** How many bytes at the start of a view hold elements that are complete. */
function wholeElements(view: DataView): number {
  for (let at = 0; ;) {
    const element = readElement(view, at);
    const end = element && element.content + (element.length ?? Infinity);
    if (end === undefined || end > view.byteLength) {
      return at;
    }
    at = end;
  }
}

/** The header of an element; undefined where there is none. An unknown length is undefined. */
function readElement(view: DataView, start: number): Element | undefined {
  const idBytes = widthAt(view, start);
  if (idBytes === undefined || idBytes > 4) {
    return undefined;
  }
  const sizeAt = start + idBytes;
  const sizeBytes = widthAt(view, sizeAt);
  if (sizeBytes === undefined) {
    return undefined;
  }
  let length = view.getUint8(sizeAt) & (0xff >> sizeBytes);
  let known = length < 0xff >> sizeBytes;
  for (let i = 1; i < sizeBytes; i++) {
    const byte = view.getUint8(sizeAt + i);
    length = length * 256 + byte;
    known ||= byte < 0xff;
  }
  const id = numberAt(view, start, idBytes);
  // All ones mean that the length is not known.
  return { id, sizeAt, content: sizeAt + sizeBytes, length: known ? length : undefined };
}

/** Bytes of a number of variable size: one more than its first byte has leading zero bits. */
function widthAt(view: DataView, at: number): number | undefined {
  const width = at < view.byteLength ? Math.clz32(view.getUint8(at)) - 23 : Infinity;
  return width <= 8 && at + width <= view.byteLength ? width : undefined;
}

function numberAt(view: DataView, at: number, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) {
    value = value * 256 + view.getUint8(at + i);
  }
  return value;
}

/** A length written in so many bytes. */
function sizeField(length: number, bytes: number): Uint8Array<ArrayBuffer> {
  const field = new Uint8Array(bytes);
  for (let i = bytes - 1, rest = length; i >= 0; i--) {
    field[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  field[0]! |= 0x80 >> (bytes - 1);
  return field;
}
