import {
  ALL_FORMATS,
  BlobSource,
  HLS,
  Input,
  type InputVideoTrack,
  UnsupportedInputFormatError,
  type VideoSample,
  VideoSampleSink,
} from 'mediabunny';
import { TellscopeError } from '../errors';
import { Patience } from '../patience';
import type { VideoInfo } from '../report';
import { checkContainer, type ContainerState } from './container-check';
import { guardSearch } from './demuxer-guard';
import { indexFrames, truncated, type FrameIndex } from './frame-index';
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

/** Decoders tried on one clip at most, in a tab from which they are taken again and again. */
const MAX_DECODERS = 8;

/** A frame that takes longer than this, in waking time, does not come: the largest ones take seconds. */
const DECODER_PATIENCE_SECONDS = 60;

/** Pixels of the largest frame that is judged, 8192 x 8192; and how many times longer than wide one may be. */
const MAX_PIXELS = 2 ** 26;
const MAX_ASPECT = 200;

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
    let input: Input | undefined;
    try {
      const container = await checkContainer(file);
      const opened = new Input({ source: new BlobSource(container.readable), formats: READABLE_FORMATS });
      input = opened;
      return await openInput(opened, container, (...parts) => new FrameSource(opened, ...parts));
    } catch (error) {
      input?.dispose();
      throw toFileError(error);
    }
  }

  /**
   * Decodes the frames at the given packet timestamps (ascending, from {@link timestamps}). No packet is decoded twice,
   * unless the decoder gives up: it is then replaced, since browsers take decoders away from tabs in the background
   * and drivers fail on streams that software decodes.
   *
   * @throws {TellscopeError} `decode-failed` when the decoder gives up twice at one place or a frame is missing.
   */
  async *framesAt(timestamps: readonly number[]): AsyncGenerator<SourceFrame, void, undefined> {
    let position = 0;
    let failedAt = -1;
    for (let decoders = 1; position < timestamps.length; decoders++) {
      try {
        const rest = position === 0 ? timestamps : timestamps.slice(position);
        for await (const frame of this.#decode(rest, decoders === 1 ? 'no-preference' : 'prefer-software')) {
          yield frame;
          position++;
        }
        return;
      } catch (error) {
        if (position === failedAt || decoders === MAX_DECODERS) {
          throw error instanceof TellscopeError ? error : decodeFailure(timestamps[position] ?? NaN, error);
        }
        failedAt = position;
      }
    }
  }

  /** Decodes with one decoder, as far as it goes. */
  async *#decode(
    timestamps: readonly number[],
    hardwareAcceleration: 'no-preference' | 'prefer-software',
  ): AsyncGenerator<SourceFrame, void, undefined> {
    const stated = await this.#track.getColorSpace();
    const samples = new VideoSampleSink(this.#track, { hardwareAcceleration }).samplesAtTimestamps(
      timestamps,
    );
    let buffer: Uint8Array = new Uint8Array(0);
    try {
      for (const asked of timestamps) {
        const { value: sample } = await inTime(samples.next(), asked);
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
    } finally {
      await samples.return();
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

async function openInput(
  input: Input,
  { missingBytes, indexMissing, readable }: ContainerState,
  create: (...parts: Parts) => FrameSource,
): Promise<FrameSource> {
  const format = await input.getFormat();
  guardSearch(input);
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    if (indexMissing || (missingBytes > 0 && (await input.getTracks()).length === 0)) {
      throw truncated('the index of its contents is missing');
    }
    throw new TellscopeError(
      'no-video-track',
      `The file (${format.name}) has no video track that can be read, so there is nothing to look at. ` +
        'Choose a file with pictures, or convert a copy to H.264 (MP4).',
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
  const index = await indexFrames(track, readable.size);
  const { timestamps, end } = index;
  const durationSeconds = Math.max(end - timestamps[0]!, 0);
  const claimed = await track.getDurationFromMetadata();
  const shortfall = describeShortfall(index, durationSeconds, claimed, missingBytes);
  const warnings: string[] = shortfall ? [shortfall] : [];
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

/** What the file lacks of what it says it holds, in sentences; undefined when it lacks nothing. */
function describeShortfall(
  { end, namedEnd, breaksOff }: FrameIndex,
  durationSeconds: number,
  claimed: number | null,
  missingBytes: number,
): string | undefined {
  if (breaksOff || missingBytes > 0) {
    const whole = Math.max(namedEnd, claimed ?? 0);
    const of = whole > end + 0.05 ? ` of ${whole.toFixed(1)}` : '';
    return (
      `The file breaks off at second ${end.toFixed(1)}${of}: only the ${durationSeconds.toFixed(1)} s before were judged. ` +
      'Look for a complete copy.'
    );
  }
  if (claimed !== null && Math.abs(claimed - end) > 1 && Math.abs(claimed - durationSeconds) > 1) {
    return (
      `The file says it lasts ${claimed.toFixed(1)} s, its frames last ${durationSeconds.toFixed(1)} s. ` +
      'The frames were believed; the copy may be cut off.'
    );
  }
  return undefined;
}

/** Waits for a decoder's answer, which some damaged streams never give. */
function inTime<T>(answer: Promise<T>, seconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const patience = new Patience(DECODER_PATIENCE_SECONDS, () => reject(decodeFailure(seconds)));
    answer.then(resolve, reject).finally(() => patience.stop());
  });
}

async function readFrame(sample: VideoSample, stated: StatedColour, reuse: Uint8Array): Promise<SourceFrame> {
  const { timestamp, displayWidth, displayHeight } = sample;
  // A few damaged bytes can ask for gigabytes: by the size itself, or by pixels that are thousands of times as wide.
  const longest = Math.max(displayWidth, displayHeight);
  const shortest = Math.min(displayWidth, displayHeight);
  const pixels = Math.max(displayWidth * displayHeight, sample.codedWidth * sample.codedHeight);
  if (!(shortest >= 1 && longest / shortest <= MAX_ASPECT && pixels <= MAX_PIXELS)) {
    throw new TellscopeError(
      'decode-failed',
      `Frames of ${displayWidth} x ${displayHeight} pixels are beyond what is judged, and probably a sign of damage. ` +
        'Get another copy, or scale one down to at most 8192 x 8192.',
    );
  }
  const { rgbx, width, height, upright } = await readPixels(sample, stated, reuse);
  const rotation = upright ? 0 : sample.rotation;
  return { timestamp, rgbx, width, height, rotation, displayWidth, displayHeight };
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
  const message = error instanceof Error ? error.message : String(error);
  // A failed assertion of the demuxer says nothing to anybody.
  const detail = /assertion/i.test(message) ? '' : ` (${message})`;
  return new TellscopeError(
    'unreadable-file',
    `The file could not be read${detail}. It may be damaged, cut off or still being written; get another copy.`,
    { cause: error },
  );
}
