import type { Outcome } from '../protocol';
import type { VideoInfo } from '../report';

/** What is known of a clip's frames before any is decoded. */
export type ClipIndex = {
  info: VideoInfo;
  /** Packet timestamps of all frames in seconds, ascending, each once; a frame's number is its place here. */
  timestamps: Float64Array;
  /** Those at which decoding can begin: the frames that are cheap to get. */
  keyTimestamps: Float64Array;
};

/** A part of the displayed frame (rotated, square pixels), in its pixels; may reach beyond it. */
export type Crop = { x: number; y: number; width: number; height: number };

/** Frames are decoded in two lanes beside each other, so that thumbnails never hold up the frame on screen. */
export type Lane = 'stage' | 'aside';

/** An order for frames `first` to `last` (numbers, inclusive), handed out in this order. */
export type FrameRun = {
  /** Names the order when its frames come and when it is cancelled. */
  ticket: number;
  /** The clip's number, as given to {@link FramesApi.open}. */
  clip: number;
  lane: Lane;
  first: number;
  last: number;
  /** Scales pictures down (never up) to so many pixels in width. */
  maxWidth?: number;
  crop?: Crop;
};

/** Takes the pictures of a run as they are decoded. Each bitmap then belongs to the page, which has to close it. */
export type OnFrame = (ticket: number, frame: number, bitmap: ImageBitmap) => unknown;

/** What the worker that decodes frames for the eye offers. */
export type FramesApi = {
  /** Says where frames are to be sent; once, before anything else. */
  connect(onFrame: OnFrame): void;
  /** Opens a clip under a number the page chooses and indexes its frames. */
  open(clip: number, file: Blob): Promise<Outcome<ClipIndex>>;
  /** Forgets a clip; its runs end with an error. */
  close(clip: number): void;
  /** Decodes a run; ends when its last frame was handed out, or with `cancelled`. */
  decode(run: FrameRun): Promise<Outcome<null>>;
  /** Ends a run before its next frame. */
  cancel(ticket: number): void;
};
