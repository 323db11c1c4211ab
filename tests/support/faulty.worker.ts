import '../../workers/detector.worker';
import type { WorkerEvent } from '../../workers/protocol';

/** What can happen in the middle of a job. */
export type Fault = 'die' | 'hang' | 'throw' | 'lose-gpu';

/**
 * The detector worker, in which a real fault happens at a given moment: its name is `FAULT@N`, and after the N-th window
 * it tells of, the fault is there. With any other name it is the detector worker and nothing else.
 */
const [fault, after] = self.name.split('@');

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
