import {
  ALL_FORMATS,
  BlobSource,
  EncodedPacketSink,
  HLS,
  Input,
  type InputVideoTrack,
  UnsupportedInputFormatError,
  type VideoSample,
  VideoSampleSink,
} from 'mediabunny';
import { TellscopeError } from '../errors';
import type { VideoInfo } from '../report';
import { readPixels, type StatedColour } from './pixels';

/** A decoded frame as it lies in the file: not yet turned upright, pixels perhaps not square. */
export type SourceFrame = {
  /** Packet timestamp in seconds. */
  timestamp: number;
  /** Interleaved RGBX pixels, valid until the next frame is asked for. */
  rgbx: Uint8Array;
  width: number;
  height: number;
  /** Clockwise rotation that turns the frame upright. */
  rotation: 0 | 90 | 180 | 270;
  /** Size after rotation, with square pixels. */
  displayWidth: number;
  displayHeight: number;
};

/** Everything mediabunny reads but playlists: those name other files, and nothing but the dropped file is opened. */
const READABLE_FORMATS = ALL_FORMATS.filter((format) => format !== HLS);

/** How a codec that cannot be decoded is named to people, with what they can do. */
const CODEC_NAMES: Record<string, string> = {
  avc: 'H.264',
  hevc: 'H.265 (HEVC)',
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
  prores: 'Apple ProRes',
  mp4v: 'MPEG-4 Part 2',
};

/**
 * One video file, read in slices and decoded with WebCodecs. Times are packet timestamps on the media timeline, so
 * variable frame rates and lying headers do no harm. Every decoded frame is closed before the next one is handed out.
 */
export class FrameSource {
  readonly info: VideoInfo;
  /** Presentation timestamps of all frames in seconds, ascending. */
  readonly timestamps: Float64Array;
  /** Timestamps of the frames that need no other to be decoded, ascending. */
  readonly keyTimestamps: Float64Array;
  /** What is odd about the file but does not prevent a judgement, in sentences. */
  readonly warnings: readonly string[];

  readonly #input: Input;
  readonly #track: InputVideoTrack;

  private constructor(
    input: Input,
    track: InputVideoTrack,
    info: VideoInfo,
    { timestamps, keyTimestamps }: FrameIndex,
    warnings: string[],
  ) {
    this.#input = input;
    this.#track = track;
    this.info = info;
    this.timestamps = timestamps;
    this.keyTimestamps = keyTimestamps;
    this.warnings = warnings;
  }

  /**
   * Opens a file and indexes its frames without decoding them.
   *
   * @throws {TellscopeError} saying what the file is instead of a video this browser can decode.
   */
  static async open(file: Blob): Promise<FrameSource> {
    if (file.size === 0) {
      throw new TellscopeError(
        'empty-file',
        'The file is empty (0 bytes). Get the video again from its source.',
      );
    }
    if (typeof VideoDecoder === 'undefined') {
      throw new TellscopeError(
        'webcodecs-missing',
        'This browser cannot decode video for analysis (WebCodecs is missing). ' +
          'Use Chrome or Edge 113, Safari 26, Firefox 145, or newer.',
      );
    }
    const input = new Input({ source: new BlobSource(file), formats: READABLE_FORMATS });
    try {
      return await openInput(input, (...parts) => new FrameSource(input, ...parts));
    } catch (error) {
      input.dispose();
      throw toFileError(error);
    }
  }

  /**
   * Decodes the frames at the given packet timestamps (ascending, from {@link timestamps}). No packet is decoded twice.
   *
   * @throws {TellscopeError} `decode-failed` when the decoder gives up or a frame is missing.
   */
  async *framesAt(timestamps: readonly number[]): AsyncGenerator<SourceFrame, void, undefined> {
    const sink = new VideoSampleSink(this.#track);
    const stated = await this.#track.getColorSpace();
    let buffer: Uint8Array = new Uint8Array(0);
    let position = 0;
    try {
      for await (const sample of sink.samplesAtTimestamps(timestamps)) {
        const asked = timestamps[position++] ?? NaN;
        if (!sample) {
          throw decodeFailure(asked);
        }
        let frame: SourceFrame;
        try {
          frame = await readFrame(sample, stated, buffer);
          buffer = frame.rgbx;
        } finally {
          sample.close();
        }
        yield frame;
      }
      if (position < timestamps.length) {
        throw decodeFailure(timestamps[position]!);
      }
    } catch (error) {
      throw error instanceof TellscopeError ? error : decodeFailure(timestamps[position] ?? NaN, error);
    }
  }

  /**
   * Decodes all frames from a packet timestamp on, in the order they are shown. Whoever takes a sample closes it.
   *
   * @throws {TellscopeError} `decode-failed` when the decoder gives up.
   */
  async *samplesFrom(timestamp: number): AsyncGenerator<VideoSample, void, undefined> {
    try {
      yield* new VideoSampleSink(this.#track).samples(timestamp);
    } catch (error) {
      throw decodeFailure(timestamp, error);
    }
  }

  /** Frees the file and everything being decoded from it. */
  dispose(): void {
    this.#input.dispose();
  }
}

type Parts = [track: InputVideoTrack, info: VideoInfo, index: FrameIndex, warnings: string[]];

/** When the frames begin, and when the last of them ends. */
type FrameIndex = { timestamps: Float64Array; keyTimestamps: Float64Array; end: number };

async function openInput(input: Input, create: (...parts: Parts) => FrameSource): Promise<FrameSource> {
  const format = await input.getFormat();
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    if ((await input.getTracks()).length === 0) {
      throw truncated('the index of its contents is missing');
    }
    throw new TellscopeError(
      'no-video-track',
      `The file (${format.name}) has no video track, so there is nothing to look at.`,
    );
  }
  const codec = (await track.getCodec()) ?? String((await track.getInternalCodecId()) ?? 'unknown');
  if (!(await track.canDecode())) {
    throw new TellscopeError(
      'unsupported-codec',
      `This browser cannot decode the video's codec, ${CODEC_NAMES[codec] ?? codec}. ` +
        'Try another browser, or convert a copy to H.264 (MP4) at high quality; a conversion can hide traces.',
    );
  }
  const index = await indexFrames(track);
  const { timestamps, end } = index;
  const start = timestamps[0]!;
  const durationSeconds = Math.max(end - start, 0);
  const warnings: string[] = [];
  const claimed = await track.getDurationFromMetadata();
  if (claimed !== null && Math.abs(claimed - end) > 1 && Math.abs(claimed - durationSeconds) > 1) {
    warnings.push(
      `The file says it lasts ${claimed.toFixed(1)} s, its frames last ${durationSeconds.toFixed(1)} s. ` +
        'The frames were believed; the copy may be cut off.',
    );
  }
  if (await track.hasHighDynamicRange()) {
    warnings.push(
      'High dynamic range video: colours are converted to standard range before they are judged.',
    );
  }
  const info: VideoInfo = {
    container: format.name,
    codec,
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    rotation: await track.getRotation(),
    durationSeconds,
    frameCount: timestamps.length,
    averageFrameRate: durationSeconds > 0 ? timestamps.length / durationSeconds : 0,
  };
  return create(track, info, index, warnings);
}

/** Lists all frames by their packets, and proves that the last one is really in the file. */
async function indexFrames(track: InputVideoTrack): Promise<FrameIndex> {
  const sink = new EncodedPacketSink(track);
  const times: number[] = [];
  const keyTimes: number[] = [];
  let end = -Infinity;
  // The packet that ends last in decode order is the one a cut-off file lacks.
  let lastSequence = -Infinity;
  let lastTime = 0;
  for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
    const packetEnd = packet.timestamp + packet.duration;
    // What an edit list cuts off the front keeps negative timestamps: needed to decode the rest, never shown.
    if (packetEnd > 0) {
      times.push(packet.timestamp);
      if (packet.type === 'key') {
        keyTimes.push(packet.timestamp);
      }
      end = Math.max(end, packetEnd);
    }
    if (packet.sequenceNumber > lastSequence) {
      lastSequence = packet.sequenceNumber;
      lastTime = packet.timestamp;
    }
  }
  if (times.length === 0) {
    throw truncated('its video track holds no frames');
  }
  let last;
  try {
    last = await sink.getPacket(lastTime);
  } catch (error) {
    throw truncated(`its data ends before second ${lastTime.toFixed(1)}`, error);
  }
  if (!last || last.data.byteLength === 0) {
    throw truncated(`its data ends before second ${lastTime.toFixed(1)}`);
  }
  return {
    timestamps: Float64Array.from(times).sort(),
    keyTimestamps: Float64Array.from(keyTimes).sort(),
    end,
  };
}

async function readFrame(sample: VideoSample, stated: StatedColour, reuse: Uint8Array): Promise<SourceFrame> {
  const { timestamp, displayWidth, displayHeight } = sample;
  const { rgbx, width, height, upright } = await readPixels(sample, stated, reuse);
  const rotation = upright ? 0 : sample.rotation;
  return { timestamp, rgbx, width, height, rotation, displayWidth, displayHeight };
}

function truncated(detail: string, cause?: unknown): TellscopeError {
  return new TellscopeError(
    'truncated-file',
    `The file is cut off: ${detail}. Download or copy the complete file again.`,
    { cause },
  );
}

function decodeFailure(seconds: number, cause?: unknown): TellscopeError {
  const at = Number.isFinite(seconds) ? ` near second ${seconds.toFixed(1)}` : '';
  return new TellscopeError(
    'decode-failed',
    `The video could not be decoded${at}: its data is damaged or not what the codec expects. ` +
      'Get another copy, or try another browser.',
    { cause },
  );
}

function toFileError(error: unknown): TellscopeError {
  if (error instanceof TellscopeError) {
    return error;
  }
  if (error instanceof UnsupportedInputFormatError) {
    return new TellscopeError(
      'not-a-video',
      'This is not a video file Tellscope can read. It reads MP4, MOV, WebM, Matroska, MPEG-TS and similar containers; ' +
        'the name of a file does not change what is in it.',
      { cause: error },
    );
  }
  if (error instanceof DOMException && error.name === 'NotReadableError') {
    return new TellscopeError(
      'unreadable-file',
      'The file can no longer be read: it was changed, moved or removed since it was chosen. Choose it again.',
      { cause: error },
    );
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new TellscopeError(
    'unreadable-file',
    `The file could not be read (${detail}). It may be damaged, cut off or still being written; get another copy.`,
    { cause: error },
  );
}
