import { EncodedPacketSink, type InputVideoTrack } from 'mediabunny';
import { TellscopeError } from '../errors';
import { MAX_FRAMES } from './mp4-check';

/** Longest clip that is judged, in seconds: two days. What says it lasts longer is nearly always damaged. */
const MAX_SECONDS = 48 * 3600;

/** When the frames of a clip are shown. */
export type FrameIndex = {
  /** Presentation timestamps of all frames whose data is in the file, in seconds, ascending. */
  timestamps: Float64Array;
  /** Those of them that need no other frame to be decoded. */
  keyTimestamps: Float64Array;
  /** When the last of these frames ends, in seconds. */
  end: number;
  /** Whether the file has fewer frames than it names. */
  breaksOff: boolean;
  /** When the last frame ends that the file names, whether or not its data is there. */
  namedEnd: number;
};

/** Packets in the order of decoding. One list for each property: a long clip has hundreds of thousands. */
type Packets = { times: number[]; ends: number[]; keys: boolean[]; complete: boolean };

/**
 * Lists the frames of a track by its packets, as far as their data is in the file, without decoding any.
 *
 * @throws {TellscopeError} `truncated-file` when no frame is there, `unreadable-file` when there are impossibly many.
 */
export async function indexFrames(track: InputVideoTrack, fileBytes: number): Promise<FrameIndex> {
  const sink = new EncodedPacketSink(track);
  const packets = await listPackets(sink, fileBytes);
  const { times, ends, keys } = packets;
  const readable = await countReadable(sink, times);
  const timestamps: number[] = [];
  const keyTimestamps: number[] = [];
  let end = -Infinity;
  let namedEnd = -Infinity;
  let firstNamed = NaN;
  for (const [i, time] of times.entries()) {
    // What an edit list cuts off the front keeps negative timestamps: needed to decode the rest, never shown.
    if (ends[i]! <= 0) {
      continue;
    }
    firstNamed = Number.isNaN(firstNamed) ? time : firstNamed;
    namedEnd = Math.max(namedEnd, ends[i]!);
    if (i < readable) {
      timestamps.push(time);
      end = Math.max(end, ends[i]!);
      if (keys[i]) {
        keyTimestamps.push(time);
      }
    }
  }
  if (timestamps.length === 0) {
    throw truncated(
      Number.isNaN(firstNamed)
        ? 'its video track holds no frames'
        : `its data ends before second ${firstNamed.toFixed(1)}`,
    );
  }
  const sorted = Float64Array.from(timestamps).sort();
  if (end - sorted[0]! > MAX_SECONDS) {
    throw new TellscopeError(
      'unreadable-file',
      `The file's frames are spread over ${Math.round((end - sorted[0]!) / 3600)} hours, so its index is probably ` +
        'damaged. Get another copy, or cut out the part in question: up to 48 hours are judged.',
    );
  }
  return {
    timestamps: sorted,
    keyTimestamps: Float64Array.from(keyTimestamps).sort(),
    end,
    breaksOff: readable < times.length || !packets.complete,
    namedEnd,
  };
}

/** Reads the packets' times, as far as the index of the file can be read. */
async function listPackets(sink: EncodedPacketSink, fileBytes: number): Promise<Packets> {
  const packets: Packets = { times: [], ends: [], keys: [], complete: true };
  const { times, ends, keys } = packets;
  let bytes = 0;
  try {
    for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
      // An index can name billions of frames that are not there: what is there has room in the file.
      bytes += Math.max(1, packet.byteLength);
      if (bytes > fileBytes) {
        packets.complete = false;
        break;
      }
      const { timestamp, duration, type } = packet;
      if (!Number.isFinite(timestamp) || !Number.isFinite(duration)) {
        throw new TellscopeError(
          'unreadable-file',
          'The times of the frames are missing or damaged in the file. Get another copy.',
        );
      }
      if (times.length === MAX_FRAMES) {
        throw new TellscopeError(
          'unreadable-file',
          `The file has more than ${MAX_FRAMES} frames, which is more than is judged. Cut out the part in question.`,
        );
      }
      times.push(timestamp);
      ends.push(timestamp + duration);
      keys.push(type === 'key');
    }
  } catch (error) {
    // A file that cannot be read any more, or that is no use, is not one that breaks off.
    if (times.length === 0 || error instanceof DOMException || error instanceof TellscopeError) {
      throw error;
    }
    packets.complete = false;
  }
  return packets;
}

/** How many packets, in the order of decoding, have their data in the file: all, unless it was cut off. */
async function countReadable(sink: EncodedPacketSink, times: readonly number[]): Promise<number> {
  const isReadable = async (index: number): Promise<boolean> => {
    try {
      const packet = await sink.getPacket(times[index]!);
      return packet !== null && packet.data.byteLength > 0;
    } catch (error) {
      if (error instanceof DOMException) {
        throw error;
      }
      return false;
    }
  };
  if (times.length === 0 || (await isReadable(times.length - 1))) {
    return times.length;
  }
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isReadable(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The error of a file that ends before its first frame. */
export function truncated(detail: string, cause?: unknown): TellscopeError {
  return new TellscopeError(
    'truncated-file',
    `The file is cut off: ${detail}. Download or copy the complete file again.`,
    { cause },
  );
}
