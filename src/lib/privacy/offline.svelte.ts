import {
  SERVICE_WORKER_FILE,
  type FromServiceWorker,
  type OfflineState,
  type ToServiceWorker,
} from '../../service-worker/messages';
import { addressInApp } from './addresses';

/** Held, shared, by every page that judges a file; whoever wants to replace the app has to hold it alone. */
const ANALYSIS_LOCK = 'tellscope-analysis';

/** How an attempt to take the new version ended. */
export type UpdateOutcome = 'taken' | 'busy';

/**
 * The page's side of the service worker: makes the app work without a network, and tells of new versions. A new
 * version never takes over by itself while a page is open.
 */
class Offline {
  /** Undefined until anything is known, and where there is no service worker. */
  state = $state.raw<OfflineState>();
  /** A new version is stored and waits to be taken. */
  updateReady = $state(false);
  /** Another page has taken a new version; this one still is the old one. */
  replaced = $state(false);

  #registration: ServiceWorkerRegistration | undefined;
  #taking = false;

  /**
   * Registers the service worker. Once all of the app is stored, it needs no network.
   *
   * @param mayReload whether nothing is on this page that a reload would lose.
   */
  async start(mayReload: () => boolean): Promise<void> {
    const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!container) {
      this.state = { state: 'failed', reason: 'This browser, or a private window of it, stores no apps.' };
      return;
    }
    container.addEventListener('message', ({ data }: MessageEvent<FromServiceWorker>) => {
      if (data.type === 'offline') {
        this.state = data.offline;
      }
    });
    this.#reloadWhenReplaced(container, mayReload);
    try {
      const registration = await container.register(addressInApp(SERVICE_WORKER_FILE), {
        updateViaCache: 'none',
      });
      this.#registration = registration;
      this.#watch(registration, container);
      const { active } = await container.ready;
      this.#tell(active, { type: 'store-all' });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.state = { state: 'failed', reason: `The app could not be stored (${detail}).` };
    }
  }

  /** Restarts with the new version, unless a file is being judged on any page. */
  async takeUpdate(): Promise<UpdateOutcome> {
    return navigator.locks.request(
      ANALYSIS_LOCK,
      { mode: 'exclusive', ifAvailable: true },
      (lock): UpdateOutcome => {
        if (!lock) {
          return 'busy';
        }
        this.#taking = true;
        this.#tell(this.#registration?.waiting, { type: 'take-over' });
        return 'taken';
      },
    );
  }

  #watch(registration: ServiceWorkerRegistration, container: ServiceWorkerContainer): void {
    const look = (): void => {
      // Without a controller the waiting one is the first: nothing is replaced.
      this.updateReady = registration.waiting !== null && container.controller !== null;
    };
    look();
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', look);
    });
  }

  #reloadWhenReplaced(container: ServiceWorkerContainer, mayReload: () => boolean): void {
    let controlled = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      if (controlled && (this.#taking || mayReload())) {
        location.reload();
      } else if (controlled) {
        this.updateReady = false;
        this.replaced = true;
      }
      controlled = true;
    });
  }

  #tell(worker: ServiceWorker | null | undefined, message: ToServiceWorker): void {
    worker?.postMessage(message);
  }
}

/** Keeps every page from replacing the app until the returned function is called. */
export function holdVersion(): () => void {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  void navigator.locks.request(ANALYSIS_LOCK, { mode: 'shared' }, () => held);
  return release;
}

/** The app's own, of which there is one a page. */
export const offline = new Offline();
