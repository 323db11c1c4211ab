import '../../workers/detector.worker';
import type { WorkerEvent } from '../../workers/protocol';

/** What can happen in the middle of a job. */
export type Fault = 'die' | 'hang' | 'throw' | 'lose-gpu' | 'fill-memory';

/**
 * The detector worker, in which a real fault happens at a given moment: its name is `FAULT@N`, and after the N-th window
 * it tells of, the fault is there. `fill-memory@N@EXPORT` needs the name by which the runtime exports its `malloc`. With
 * `small-memory@PAGES` the runtime's memory cannot grow beyond so many pages of 64 KiB. With any other name it is the
 * detector worker and nothing else.
 */
const [fault, after, mallocName] = self.name.split('@');

/** Pages the runtime's memory may have at most when it is to be filled; more than the model needs. */
const PAGES_TO_FILL = 4096;
const mostPages = { 'small-memory': Number(after), 'fill-memory': PAGES_TO_FILL }[fault ?? ''] ?? Infinity;
if (mostPages < Infinity) {
  WebAssembly.Memory = class extends WebAssembly.Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super({ ...descriptor, maximum: Math.min(descriptor.maximum ?? mostPages, mostPages) });
    }
  };
}

let malloc: ((bytes: number) => number) | undefined;
if (mallocName !== undefined) {
  WebAssembly.instantiate = new Proxy(WebAssembly.instantiate, {
    async apply(instantiate, self_, args) {
      const made = await (Reflect.apply(instantiate, self_, args) as Promise<
        WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource
      >);
      const { exports } = 'instance' in made ? made.instance : made;
      malloc ??= exports[mallocName] as typeof malloc;
      return made;
    },
  });
}

const devices: GPUDevice[] = [];
if ('GPUAdapter' in self) {
  GPUAdapter.prototype.requestDevice = new Proxy(Reflect.get(GPUAdapter.prototype, 'requestDevice'), {
    async apply(request, adapter: GPUAdapter, args: Parameters<GPUAdapter['requestDevice']>) {
      const device = await Reflect.apply(request, adapter, args);
      devices.push(device);
      return device;
    },
  });
}

const FAULTS: Record<Fault, () => void> = {
  die: () => {
    dead = true;
    self.close();
  },
  hang: () => {
    for (;;) {
      // Nothing answers any more.
    }
  },
  throw: () => {
    dead = true;
    setTimeout(() => {
      throw new Error('a fault of the test');
    });
  },
  'lose-gpu': () => devices.at(-1)?.destroy(),
  'fill-memory': () => {
    if (!malloc) {
      throw new Error('The runtime was not caught when it started.');
    }
    for (let bytes = 2 ** 24; bytes >= 256; bytes /= 2) {
      while (malloc(bytes) !== 0) {
        // Until there is no piece of this size left.
      }
    }
  },
};

let windows = 0;
let dead = false;
// Comlink hands events to the page as arguments of a call through a port, and results through the worker itself.
type Call = { argumentList?: { value?: WorkerEvent }[] };
function intercept(target: { postMessage: (message: Call) => void }): void {
  target.postMessage = new Proxy(Reflect.get(target, 'postMessage'), {
    apply(post, port, args: [Call]) {
      // A closed worker finishes what it has begun; one that is killed does not.
      if (dead) {
        return;
      }
      Reflect.apply(post, port, args);
      if (args[0].argumentList?.[0]?.value?.type === 'window' && ++windows === Number(after)) {
        FAULTS[fault as Fault]();
      }
    },
  });
}
intercept(MessagePort.prototype);
intercept(self);
