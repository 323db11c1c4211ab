import { untrack } from 'svelte';
import { TellscopeError } from '../../workers/errors';
import { FrameService } from './frames/frame-service';
import { StageFrames, type Direction } from './frames/stage-frames';

/** A stretch of the clip that is played again and again. */
export type Loop = {
  startSeconds: number;
  endSeconds: number;
  /** What it was set for. */
  of: 'trace' | 'marks';
};

/** Speeds to choose from; 1 is as recorded. */
export const RATES: readonly number[] = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2];

/** So often the time is told anew while the clip plays. */
const READOUT_SECONDS = 0.1;

/**
 * What the player shows and where it stands. While it stands still, the picture is a frame from our own decoder, exact
 * to the packet timestamp; while it plays, the browser's `<video>` element shows it, with sound. Where the browser
 * cannot play the file, our decoder plays it without sound; where our decoder cannot read it, the element's own
 * frames must do.
 */
export class Playback {
  /** Where the playhead stands: media time of the frame on screen or on its way there, in seconds. */
  time = $state(0);
  /** Media time at which the frame on screen begins, in seconds: what is drawn over it goes by this. */
  shownTime = $state(0);
  /** Number of the frame on screen, from 0, where the frames are known. */
  shownFrame = $state<number>();
  /** Length of the timeline in seconds: the longer of what the analysis and the player say. */
  duration = $state(0);
  paused = $state(true);
  muted = $state(false);
  rate = $state(1);
  /** Neither played nor moved yet. */
  untouched = $state(true);
  /** Counts the frames put on screen, for whatever copies them. */
  framesShown = $state(0);
  /** Plays this stretch again and again while it is set. */
  loop = $state.raw<Loop>();
  /** Marks set by hand: begin of the first and end of the last frame between them, in seconds. */
  inSeconds = $state<number>();
  outSeconds = $state<number>();
  /** Exact frames from our own decoder, once the clip is indexed. */
  frames = $state.raw<FrameService>();
  /** Why there are none, in words. */
  framesProblem = $state<string>();
  /** Why the frame that was asked for is not on screen, in words. */
  frameProblem = $state<string>();
  /** The picture on screen comes from our own decoder. */
  exact = $state(false);
  /** The browser's own player cannot play the file. */
  nativeFailed = $state(false);
  /** There is no file: a report was opened without its video. */
  absent = $state(false);
  /** Nothing can show the file's picture. */
  unplayable = $derived(this.absent || (this.nativeFailed && !this.frames));

  #beat = $derived(this.paused ? -1 : Math.floor(this.time / (READOUT_SECONDS * this.rate)));
  /**
   * Time and frame to be read as text: exact while the picture stands still; while it plays, those of a moment ago. Nobody
   * reads sixty numbers a second, and each of them would cost the page a layout.
   */
  readout: { time: number; frame: number | undefined } = $derived.by(() => {
    const read = (): { time: number; frame: number | undefined } => ({
      time: this.time,
      frame: this.shownFrame,
    });
    return this.#beat === -1 ? read() : untrack(read);
  });

  #video: HTMLVideoElement | undefined;
  #canvas: HTMLCanvasElement | undefined;
  #stage: StageFrames | undefined;
  #averageFrameSeconds = 1 / 30;
  /** Number of the frame that was asked for last, until it is on screen. */
  #target = $state<number>();
  /** Timestamp of the element's frame on screen, where the browser tells it. */
  #nativeFrameStart: number | undefined;
  /** Handle of the next animation frame while our own decoder plays. */
  #clock = 0;

  /** Display time of the frame on screen in seconds; the average one's where it is not known. */
  get frameSeconds(): number {
    const { shownFrame, frames } = this;
    return (shownFrame !== undefined && frames && this.#lengthOf(shownFrame)) || this.#averageFrameSeconds;
  }

  /** A frame was asked for and is not on screen yet. */
  get pending(): boolean {
    return this.#target !== undefined;
  }

  /** What is on screen, to copy from, where there is a picture. */
  get picture(): HTMLCanvasElement | HTMLVideoElement | undefined {
    if (this.exact) {
      return this.#canvas;
    }
    const video = this.#video;
    return video && !this.nativeFailed && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA
      ? video
      : undefined;
  }

  /** Takes the end of the timeline and the frame rate from the analysis, which reads the packets. */
  describe(endSeconds: number, averageFrameRate: number): void {
    this.duration = Math.max(this.duration, endSeconds);
    if (averageFrameRate > 0) {
      this.#averageFrameSeconds = 1 / averageFrameRate;
    }
  }

  /** Opens a file in our own decoder, unless it is empty; the returned function closes it again. */
  openFrames(file: Blob): () => void {
    this.absent = file.size === 0;
    if (this.absent) {
      return () => {};
    }
    const opening = new AbortController();
    FrameService.open(file, opening.signal).then(
      (frames) => {
        if (opening.signal.aborted) {
          frames.dispose();
        } else {
          this.#useFrames(frames);
        }
      },
      (error: unknown) => {
        if (!opening.signal.aborted) {
          this.framesProblem = wordsOf(error);
        }
      },
    );
    return () => {
      opening.abort();
      this.#stopClock();
      this.#stage?.dispose();
      this.#stage = undefined;
      this.#target = undefined;
      this.exact = false;
      this.frames?.dispose();
      this.frames = undefined;
      this.framesProblem = undefined;
    };
  }

  /** Attachment for the `<video>` element. */
  follow = (video: HTMLVideoElement): (() => void) => {
    this.#video = video;
    const listening = new AbortController();
    const on = (type: string, listener: () => void): void =>
      video.addEventListener(type, listener, { signal: listening.signal });

    on('loadedmetadata', () => {
      // An audio track alone may still play where the picture cannot.
      this.nativeFailed = video.videoWidth === 0;
      if (Number.isFinite(video.duration)) {
        this.duration = Math.max(this.duration, video.duration);
      }
    });
    on('error', () => {
      this.nativeFailed = true;
      this.paused = true;
    });
    on('seeked', () => this.#onNativeFrame(this.#nativeFrameAt(video.currentTime)));
    on('play', () => {
      this.paused = false;
      this.untouched = false;
    });
    on('pause', () => {
      this.paused = true;
      if (!this.exact && !this.pending) {
        this.#exchangeForExact(this.shownTime);
      }
    });
    on('volumechange', () => (this.muted = video.muted));
    on('ratechange', () => (this.rate = video.playbackRate));
    const stopWatching = watchFrames(video, listening.signal, (time) => {
      this.#nativeFrameStart = time;
      // A frame that was on its way before a seek would move the playhead back for a moment.
      if (!video.seeking) {
        this.#onNativeFrame(time);
      }
    });
    return () => {
      stopWatching();
      listening.abort();
      this.#video = undefined;
    };
  };

  /** Attachment for the canvas that shows the frames of our own decoder. */
  paintOn = (canvas: HTMLCanvasElement): (() => void) => {
    this.#canvas = canvas;
    // What is shown must not decide whether the canvas is attached anew.
    untrack(() => {
      if (this.frames) {
        this.#goTo(this.frames.indexAt(this.time), 0);
      }
    });
    return () => {
      this.#canvas = undefined;
      this.exact = false;
    };
  };

  /** Goes to a media time, within the clip. */
  seek(seconds: number): void {
    const time = Math.min(Math.max(0, seconds), this.duration);
    this.untouched = false;
    const { frames } = this;
    if (frames && this.#canvas && (this.paused || this.nativeFailed)) {
      this.#goTo(frames.indexAt(time), 0);
      return;
    }
    this.time = time;
    if (this.#video && !this.nativeFailed) {
      this.#video.currentTime = time;
    } else {
      this.shownTime = time;
    }
  }

  /** Pauses and goes one frame on (1) or back (-1), or several. */
  step(count: number): void {
    this.pause();
    this.untouched = false;
    const { frames } = this;
    if (frames) {
      const from = this.#target ?? this.shownFrame ?? frames.indexAt(this.time);
      this.#goTo(from + count, count > 0 ? 1 : -1);
    } else {
      const direction = count > 0 ? 1 : -1;
      const skipped = (count - direction) * this.#averageFrameSeconds;
      const start = count === direction ? this.#nativeFrameStart : undefined;
      this.seek(stepTarget(this.time + skipped, start, this.#averageFrameSeconds, direction));
    }
  }

  /** Goes to the next (1) or previous (-1) of these times that lies in another frame; stays where there is none. */
  stepTo(times: readonly number[], direction: 1 | -1): void {
    const { frames } = this;
    const place = (time: number): number => frames?.indexAt(time) ?? time;
    const here = place(this.time);
    const beyond = times
      .map((time) => ({ time, distance: (place(time) - here) * direction }))
      .filter(({ distance }) => distance > 1e-6)
      .sort((a, b) => a.distance - b.distance)[0];
    if (beyond) {
      this.pause();
      this.seek(beyond.time);
    }
  }

  /** Plays, or pauses. */
  toggle(): void {
    if (!this.paused) {
      this.pause();
    } else if (!this.nativeFailed && this.#video) {
      this.#playNatively(this.#video);
    } else if (this.frames) {
      this.#playOurselves();
    }
  }

  /** Stops playing. */
  pause(): void {
    if (this.paused) {
      return;
    }
    this.#stopClock();
    this.#video?.pause();
    this.paused = true;
  }

  /** Plays a trace again and again from its beginning, or ends the repetition. */
  toggleLoop(
    stretch: { startSeconds: number; endSeconds: number } | undefined,
    of: Loop['of'] = 'trace',
  ): void {
    if (!stretch || this.loop?.of === of) {
      this.loop = undefined;
      return;
    }
    this.loop = { startSeconds: stretch.startSeconds, endSeconds: stretch.endSeconds, of };
    this.seek(stretch.startSeconds);
    if (this.paused) {
      this.toggle();
    }
  }

  /** Plays again and again between the marks (the ends of the clip where one is missing), or ends that. */
  toggleMarksLoop(): void {
    const marked = this.inSeconds !== undefined || this.outSeconds !== undefined;
    const stretch = { startSeconds: this.inSeconds ?? 0, endSeconds: this.outSeconds ?? this.duration };
    this.toggleLoop(marked ? stretch : undefined, 'marks');
  }

  /** Marks the frame on screen as the first of a stretch. */
  markIn(): void {
    this.inSeconds = this.shownTime;
    if (this.outSeconds !== undefined && this.outSeconds <= this.shownTime) {
      this.outSeconds = undefined;
    }
    this.#endMarksLoop();
  }

  /** Marks the frame on screen as the last of a stretch. */
  markOut(): void {
    this.outSeconds = this.shownTime + this.frameSeconds;
    if (this.inSeconds !== undefined && this.inSeconds >= this.outSeconds) {
      this.inSeconds = undefined;
    }
    this.#endMarksLoop();
  }

  /** Removes both marks. */
  clearMarks(): void {
    this.inSeconds = undefined;
    this.outSeconds = undefined;
    this.#endMarksLoop();
  }

  /** Turns the sound off or on. */
  toggleMuted(): void {
    if (this.#video) {
      this.#video.muted = !this.#video.muted;
    }
  }

  /** Plays faster or slower; 1 is as recorded. */
  setRate(rate: number): void {
    this.rate = rate;
    if (this.#video) {
      this.#video.playbackRate = rate;
    }
  }

  /** Takes the next faster (1) or slower (-1) of the {@link RATES}. */
  changeRate(direction: 1 | -1): void {
    const others = direction === 1 ? RATES : RATES.toReversed();
    const next = others.find((rate) => (rate - this.rate) * direction > 0);
    if (next !== undefined) {
      this.setRate(next);
    }
  }

  #endMarksLoop(): void {
    if (this.loop?.of === 'marks') {
      this.loop = undefined;
    }
  }

  #useFrames(frames: FrameService): void {
    this.frames = frames;
    this.#stage = new StageFrames(frames);
    const last = frames.timestamps.length - 1;
    this.describe((frames.timestamps[last] ?? 0) + this.#lengthOf(last), frames.info.averageFrameRate);
    if (this.paused) {
      this.#goTo(frames.indexAt(this.time), 0);
    }
  }

  /** Seconds a frame stays on screen. */
  #lengthOf(frame: number): number {
    const { timestamps } = this.frames ?? {};
    const [start, next] = [timestamps?.[frame], timestamps?.[frame + 1]];
    return start !== undefined && next !== undefined ? next - start : this.#averageFrameSeconds;
  }

  /** Brings a frame of our own decoder on screen; the one before it stays, with what is drawn over it, until then. */
  #goTo(wanted: number, direction: Direction): void {
    const { frames } = this;
    const stage = this.#stage;
    if (!frames || !stage || !this.#canvas) {
      return;
    }
    const frame = Math.min(Math.max(0, wanted), frames.timestamps.length - 1);
    this.time = frames.timestamps[frame] ?? 0;
    this.#target = frame;
    const promise = stage.want(frame, direction);
    const cached = stage.get(frame);
    if (cached) {
      this.#paint(frame, cached);
      return;
    }
    promise.then(
      (picture) => {
        if (this.#target === frame) {
          this.#paint(frame, picture);
        }
      },
      (error: unknown) => {
        if (this.#target === frame && this.#stage === stage) {
          this.#refuse(frame, error);
        }
      },
    );
  }

  #paint(frame: number, picture: ImageBitmap): void {
    const canvas = this.#canvas;
    const context = canvas?.getContext('2d', { alpha: false });
    if (!canvas || !context) {
      return;
    }
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
    }
    context.drawImage(picture, 0, 0);
    this.exact = true;
    this.frameProblem = undefined;
    this.#show(frame);
  }

  /** No picture at all is better than one of another frame. */
  #refuse(frame: number, error: unknown): void {
    const canvas = this.#canvas;
    canvas?.getContext('2d', { alpha: false })?.clearRect(0, 0, canvas.width, canvas.height);
    this.exact = true;
    this.frameProblem = wordsOf(error);
    this.#show(frame);
  }

  #show(frame: number): void {
    this.#target = undefined;
    this.shownFrame = frame;
    this.shownTime = this.frames?.timestamps[frame] ?? this.shownTime;
    this.time = this.shownTime;
    this.framesShown += 1;
  }

  /** The video element has put a frame on screen. */
  #onNativeFrame(mediaTime: number): void {
    const { frames } = this;
    const standsStill = this.paused && frames && this.#canvas;
    if (this.nativeFailed || (standsStill && (this.exact || this.pending))) {
      return;
    }
    if (standsStill) {
      this.#exchangeForExact(mediaTime);
      return;
    }
    this.exact = false;
    this.frameProblem = undefined;
    this.#target = undefined;
    this.shownFrame = frames?.indexAt(mediaTime);
    this.shownTime = frames?.timestamps[this.shownFrame ?? 0] ?? mediaTime;
    this.time = this.shownTime;
    this.framesShown += 1;
    this.#repeat();
  }

  /** Puts our own decoder's frame in the place of the element's. */
  #exchangeForExact(mediaTime: number): void {
    if (this.frames) {
      this.#goTo(this.frames.indexAt(mediaTime), 0);
    }
  }

  /** Timestamp of the element's frame that stands at a time, where it is known. */
  #nativeFrameAt(time: number): number {
    const start = this.#nativeFrameStart;
    const known = start !== undefined && start <= time && time < start + 1.5 * this.#averageFrameSeconds;
    return known ? start : time;
  }

  /** Goes back to the beginning of the loop when the frame on screen is its last. */
  #repeat(): boolean {
    const { loop } = this;
    const ended = loop && !this.paused && this.shownTime + this.frameSeconds >= loop.endSeconds - 1e-6;
    if (ended) {
      this.seek(loop.startSeconds);
    }
    return ended ?? false;
  }

  #playNatively(video: HTMLVideoElement): void {
    const { frames } = this;
    const frame = this.#target ?? (this.exact ? this.shownFrame : undefined);
    if (frames && frame !== undefined) {
      // To the middle of the frame: a seek to its edge may round to the frame before.
      const atEnd = frame === frames.timestamps.length - 1;
      video.currentTime = atEnd ? 0 : (frames.timestamps[frame] ?? 0) + this.#lengthOf(frame) / 2;
    }
    video.playbackRate = this.rate;
    // Rejects when a seek or a removal comes first; there is nothing to mend.
    video.play().catch(() => {});
  }

  /** Plays from our own decoder, without sound, as fast as the speed says or the decoder can. */
  #playOurselves(): void {
    const { frames } = this;
    const stage = this.#stage;
    if (!frames || !stage) {
      return;
    }
    const last = frames.timestamps.length - 1;
    if (this.shownFrame === last) {
      this.#goTo(0, 1);
    }
    this.paused = false;
    this.untouched = false;
    let [clock, before] = [this.time, performance.now()];
    const tick = (now: number): void => {
      this.#clock = requestAnimationFrame(tick);
      const ahead = clock + Math.min((now - before) / 1000, 0.25) * this.rate;
      before = now;
      const shown = this.shownFrame ?? -1;
      if (this.#target !== undefined) {
        // The decoder is behind: time stands still until the frame is there.
        clock = frames.timestamps[this.#target] ?? clock;
        return;
      }
      clock = ahead;
      if (frames.indexAt(ahead) > shown) {
        this.#goTo(frames.indexAt(ahead), 1);
      } else if (shown === last && ahead >= this.duration) {
        this.pause();
      }
      if (this.#repeat()) {
        clock = this.time;
      }
    };
    this.#clock = requestAnimationFrame(tick);
  }

  #stopClock(): void {
    cancelAnimationFrame(this.#clock);
    this.#clock = 0;
  }
}

/** What went wrong, for people. */
export function wordsOf(error: unknown): string {
  return error instanceof TellscopeError ? error.message : String(error);
}

/**
 * Where to seek for the next or the previous frame when the frames are not known: to its middle, because a seek to its
 * edge may round to the frame before.
 *
 * @param frameStart timestamp of the frame on screen, if known; otherwise frames are taken to start at multiples of
 *   `frameSeconds`.
 */
export function stepTarget(
  time: number,
  frameStart: number | undefined,
  frameSeconds: number,
  direction: 1 | -1,
): number {
  const known =
    frameStart !== undefined && time >= frameStart - 1e-3 && time < frameStart + 1.5 * frameSeconds;
  const start = known ? frameStart : Math.floor(time / frameSeconds + 1e-3) * frameSeconds;
  return start + (direction + 0.5) * frameSeconds;
}

/** Reports the media time of every frame shown; where the browser has no frame callback, of every time update. */
function watchFrames(
  video: HTMLVideoElement,
  signal: AbortSignal,
  onFrame: (mediaTime: number) => void,
): () => void {
  if (!('requestVideoFrameCallback' in video)) {
    const element: HTMLVideoElement = video;
    element.addEventListener('timeupdate', () => onFrame(element.currentTime), { signal });
    return () => {};
  }
  let handle = 0;
  const watch: VideoFrameRequestCallback = (_now, { mediaTime }) => {
    onFrame(mediaTime);
    handle = video.requestVideoFrameCallback(watch);
  };
  handle = video.requestVideoFrameCallback(watch);
  return () => video.cancelVideoFrameCallback(handle);
}
