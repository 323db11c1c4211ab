import { TellscopeError } from '../../workers/errors';
import { FrameService } from './frames/frame-service';

/** What the player shows and where it stands; follows one `<video>` element at a time. */
export class Playback {
  /** Media time of the frame on screen, or of the latest seek until its frame has come, in seconds. */
  time = $state(0);
  /** Length of the timeline in seconds: the longer of what the analysis and the player say. */
  duration = $state(0);
  paused = $state(true);
  muted = $state(false);
  rate = $state(1);
  /** The browser cannot play the file, although the analysis may have read it. */
  unplayable = $state(false);
  /** Neither played nor moved yet. */
  untouched = $state(true);
  /** Counts the frames put on screen, for whatever copies them. */
  framesShown = $state(0);
  /** Plays this stretch again and again while it is set. */
  loop = $state.raw<{ startSeconds: number; endSeconds: number }>();

  /** Exact frames from our own decoder, once the clip is indexed. */
  frames = $state.raw<FrameService>();
  /** Why there are none, in words. */
  framesProblem = $state<string>();

  #video: HTMLVideoElement | undefined;
  #frameSeconds = 1 / 30;
  /** Timestamp of the frame on screen, where the browser tells it. */
  #frameStart: number | undefined;

  /** Display time of one frame, in seconds: the length of a step. */
  get frameSeconds(): number {
    return this.#frameSeconds;
  }

  /** The element the frames are read from, where there is one that plays. */
  get video(): HTMLVideoElement | undefined {
    return this.unplayable ? undefined : this.#video;
  }

  /** Takes the end of the timeline and the frame rate from the analysis, which reads the packets. */
  describe(endSeconds: number, averageFrameRate: number): void {
    this.duration = Math.max(this.duration, endSeconds);
    if (averageFrameRate > 0) {
      this.#frameSeconds = 1 / averageFrameRate;
    }
  }

  /** Opens a file in our own decoder; the returned function closes it again. */
  openFrames(file: Blob): () => void {
    const opening = new AbortController();
    FrameService.open(file, opening.signal).then(
      (frames) => {
        if (opening.signal.aborted) {
          frames.dispose();
        } else {
          this.frames = frames;
        }
      },
      (error: unknown) => {
        if (!opening.signal.aborted) {
          this.framesProblem = error instanceof TellscopeError ? error.message : String(error);
        }
      },
    );
    return () => {
      opening.abort();
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
      this.unplayable = video.videoWidth === 0;
      if (Number.isFinite(video.duration)) {
        this.duration = Math.max(this.duration, video.duration);
      }
    });
    on('error', () => {
      this.unplayable = true;
      this.paused = true;
    });
    on('seeked', () => this.#showFrame(this.#frameAt(video.currentTime)));
    on('play', () => {
      this.paused = false;
      this.untouched = false;
    });
    on('pause', () => (this.paused = true));
    on('volumechange', () => (this.muted = video.muted));
    on('ratechange', () => (this.rate = video.playbackRate));
    const stopWatching = watchFrames(video, listening.signal, (time) => {
      this.#frameStart = time;
      // A frame that was on its way before a seek would move the playhead back for a moment.
      if (!video.seeking) {
        this.#showFrame(time);
      }
    });
    return () => {
      stopWatching();
      listening.abort();
      this.#video = undefined;
    };
  };

  /** Goes to a media time, within the clip. */
  seek(seconds: number): void {
    const time = Math.min(Math.max(0, seconds), this.duration);
    this.time = time;
    this.untouched = false;
    if (this.#video && !this.unplayable) {
      this.#video.currentTime = time;
    }
  }

  /** Pauses and goes one frame on (1) or back (-1). */
  step(direction: 1 | -1): void {
    this.#video?.pause();
    this.seek(stepTarget(this.time, this.#frameStart, this.#frameSeconds, direction));
  }

  /** Plays, or pauses. */
  toggle(): void {
    if (!this.#video || this.unplayable) {
      return;
    }
    if (this.#video.paused) {
      // Rejects when a seek or a removal comes first; there is nothing to mend.
      this.#video.play().catch(() => {});
    } else {
      this.#video.pause();
    }
  }

  /** Stops on the frame on screen. */
  pause(): void {
    this.#video?.pause();
  }

  /** Plays a stretch again and again from its beginning, or ends the repetition. */
  toggleLoop(stretch: { startSeconds: number; endSeconds: number } | undefined): void {
    if (this.loop || !stretch) {
      this.loop = undefined;
      return;
    }
    this.loop = { startSeconds: stretch.startSeconds, endSeconds: stretch.endSeconds };
    this.seek(stretch.startSeconds);
    if (this.paused) {
      this.toggle();
    }
  }

  /** Turns the sound off or on. */
  toggleMuted(): void {
    if (this.#video) {
      this.#video.muted = !this.#video.muted;
    }
  }

  /** Plays faster or slower; 1 is as recorded. */
  setRate(rate: number): void {
    if (this.#video) {
      this.#video.playbackRate = rate;
    }
  }

  /** Timestamp of the frame that stands at a time, where it is known. */
  #frameAt(time: number): number {
    const start = this.#frameStart;
    const known = start !== undefined && start <= time && time < start + 1.5 * this.#frameSeconds;
    return known ? start : time;
  }

  #showFrame(time: number): void {
    this.time = time;
    this.framesShown += 1;
    const { loop } = this;
    if (loop && !this.paused && time + this.#frameSeconds >= loop.endSeconds) {
      this.seek(loop.startSeconds);
    }
  }
}

/**
 * Where to seek for the next or the previous frame: to its middle, because a seek to its edge may round to the frame
 * before.
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

/** Keys of the player: space plays or pauses, arrows go by one frame (with shift by one second). */
export function playerKeys(playback: Playback): (node: HTMLElement) => () => void {
  return (node) => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey || isOwnKey(event)) {
        return;
      }
      const action = actionFor(event, playback);
      if (action) {
        event.preventDefault();
        action();
      }
    };
    node.addEventListener('keydown', onKey);
    return () => node.removeEventListener('keydown', onKey);
  };
}

/** Whether the focused control uses this key itself. */
function isOwnKey({ target, key }: KeyboardEvent): boolean {
  if (target instanceof HTMLButtonElement) {
    return key === ' ';
  }
  return target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && key !== ' ');
}

function actionFor(event: KeyboardEvent, playback: Playback): (() => void) | undefined {
  const direction = event.key === 'ArrowRight' ? 1 : -1;
  switch (event.key) {
    case ' ':
      return () => playback.toggle();
    case 'ArrowLeft':
    case 'ArrowRight':
      return event.shiftKey ? () => playback.seek(playback.time + direction) : () => playback.step(direction);
    case 'Home':
      return () => playback.seek(0);
    case 'End':
      return () => playback.seek(playback.duration);
    default:
      return undefined;
  }
}
