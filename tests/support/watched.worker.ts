import '../../workers/detector.worker';

/** What the worker holds open, and what nobody caught in it. */
export type Watch = {
  frames: number;
  /** Frames that were open at once, at most. */
  mostFrames: number;
  decoders: number;
  framesDecoded: number;
  uncaught: string[];
};

/**
 * The detector worker, which counts the frames and decoders that are open in it. Asked for its counts by a message
 * `'count'`, it answers on the channel `tellscope-test-watch`. Named `one-thread`, it starts no threads: one that waits
 * for work cannot be asked for its memory, and the browser asks it for a minute.
 */
if (self.name === 'one-thread') {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });
}

const frames = new Set<VideoFrame>();
const decoders = new Set<VideoDecoder>();
const uncaught: string[] = [];
let framesDecoded = 0;
let mostFrames = 0;

function forgetClosedFrames(): void {
  for (const frame of frames) {
    // A closed frame has no size.
    if (frame.codedWidth === 0) {
      frames.delete(frame);
    }
  }
}

self.VideoDecoder = class extends VideoDecoder {
  constructor(init: VideoDecoderInit) {
    super({
      ...init,
      output: (frame) => {
        framesDecoded++;
        frames.add(frame);
        forgetClosedFrames();
        mostFrames = Math.max(mostFrames, frames.size);
        init.output(frame);
      },
    });
    decoders.add(this);
  }
};

VideoFrame.prototype.clone = new Proxy(Reflect.get(VideoFrame.prototype, 'clone'), {
  apply(clone, frame: VideoFrame) {
    const copy = Reflect.apply(clone, frame, []);
    frames.add(copy);
    return copy;
  },
});

self.addEventListener('unhandledrejection', (event) => uncaught.push(String(event.reason)));
self.addEventListener('error', (event) => uncaught.push(event.message));

const channel = new BroadcastChannel('tellscope-test-watch');
self.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (data === 'count') {
    forgetClosedFrames();
    for (const decoder of decoders) {
      if (decoder.state === 'closed') {
        decoders.delete(decoder);
      }
    }
    const watch: Watch = {
      frames: frames.size,
      mostFrames,
      decoders: decoders.size,
      framesDecoded,
      uncaught,
    };
    channel.postMessage(watch);
  }
});
