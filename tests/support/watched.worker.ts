import '../../workers/detector.worker';

/** What the worker holds open, and what nobody caught in it. */
export type Watch = { frames: number; decoders: number; framesDecoded: number; uncaught: string[] };

/**
 * The detector worker, which counts the frames and decoders that are open in it. Asked for its counts by a message
 * `'count'`, it answers on the channel `tellscope-test-watch`.
 */
const frames = new Set<VideoFrame>();
const decoders = new Set<VideoDecoder>();
const uncaught: string[] = [];
let framesDecoded = 0;

self.VideoDecoder = class extends VideoDecoder {
  constructor(init: VideoDecoderInit) {
    super({
      ...init,
      output: (frame) => {
        framesDecoded++;
        frames.add(frame);
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
    // A closed frame has no size.
    for (const frame of frames) {
      if (frame.codedWidth === 0) {
        frames.delete(frame);
      }
    }
    for (const decoder of decoders) {
      if (decoder.state === 'closed') {
        decoders.delete(decoder);
      }
    }
    const watch: Watch = { frames: frames.size, decoders: decoders.size, framesDecoded, uncaught };
    channel.postMessage(watch);
  }
});
