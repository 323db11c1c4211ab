/// <reference lib="webworker" />
import { headersFor } from '../security-headers';
import { AlteredFileError, verified, type AppFile } from './files';
import type { Answer, FromServiceWorker, ToServiceWorker } from './messages';

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build: all files of the app, and a name for this set of files. */
declare const TELLSCOPE_FILES: readonly AppFile[];
declare const TELLSCOPE_VERSION: string;

const FILES = new Map(TELLSCOPE_FILES.map((file) => [file.path, file]));
const SHELL_PREFIX = 'tellscope-app-';
const SHELL = `${SHELL_PREFIX}${TELLSCOPE_VERSION}`;
const LARGE = 'tellscope-large';

let forgetting = false;
let storing: Promise<void> | undefined;

self.addEventListener('install', (event) => {
  event.waitUntil(storeFiles(TELLSCOPE_FILES.filter(({ large }) => !large)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      await removeOutdated();
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('message', (event) => {
  const message = event.data as ToServiceWorker;
  switch (message.type) {
    case 'store-all':
      storing ??= storeAll().finally(() => (storing = undefined));
      event.waitUntil(storing);
      break;
    case 'take-over':
      event.waitUntil(self.skipWaiting());
      break;
    case 'forget':
      forgetting = true;
      break;
  }
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) {
    // Left to the browser, so that the policy of whoever asks decides, not ours.
    tell(event, 'network');
    return;
  }
  const navigation = request.mode === 'navigate';
  const file = fileAt(url);
  // The address of a page may carry settings; they are read on the page and go nowhere.
  if (file && request.method === 'GET' && (navigation || url.search === '')) {
    event.respondWith(answer(event, file));
  } else if (navigation) {
    tell(event, 'network');
  } else {
    event.respondWith(answerUnknown(event));
  }
});

/** The app's file at an address; undefined when there is none in this version. */
function fileAt(url: URL): AppFile | undefined {
  const root = new URL(self.registration.scope).pathname;
  if (!url.pathname.startsWith(root)) {
    return undefined;
  }
  const path = decodeURIComponent(url.pathname.slice(root.length));
  return FILES.get(path === '' ? 'index.html' : path) ?? FILES.get(`${path}.html`);
}

async function answer(event: FetchEvent, file: AppFile): Promise<Response> {
  const stored = await readStored(file);
  if (stored) {
    tell(event, 'stored');
    return stored;
  }
  tell(event, 'network');
  try {
    return await fetchFile(file);
  } catch (error) {
    if (error instanceof AlteredFileError) {
      // The server has another version of the app by now; this one must not run with a foreign part.
      void self.registration.update();
    }
    return Response.error();
  }
}

/**
 * A page of the version before this one, still open, may ask for one of its own files. All else is refused: the app
 * asks its server for nothing but the files it is made of, so a request for anything else could only carry data away.
 */
async function answerUnknown(event: FetchEvent): Promise<Response> {
  const earlier = await caches.match(event.request, { ignoreMethod: false });
  tell(event, earlier ? 'stored' : 'refused');
  return earlier ?? Response.error();
}

function cacheOf(file: AppFile): Promise<Cache> {
  return caches.open(file.large ? LARGE : SHELL);
}

/** Large files go by their contents, so that a new version finds those that are the same. */
function keyOf(file: AppFile): string {
  const url = addressOf(file);
  return file.large ? `${url}?sha256=${file.sha256}` : url;
}

function addressOf(file: AppFile): string {
  return new URL(file.path, self.registration.scope).href;
}

/** The stored file, checked at each reading: storage can be damaged, or written to by someone else. */
async function readStored(file: AppFile): Promise<Response | undefined> {
  const cache = await cacheOf(file);
  const stored = await cache.match(keyOf(file));
  if (!stored) {
    return undefined;
  }
  try {
    return await verified(stored, file, headersFor(file.path));
  } catch {
    await cache.delete(keyOf(file));
    return undefined;
  }
}

async function fetchFile(file: AppFile): Promise<Response> {
  const response = await fetch(addressOf(file), { cache: 'no-cache', credentials: 'same-origin' });
  const checked = await verified(response, file, headersFor(file.path));
  if (!forgetting) {
    try {
      await (await cacheOf(file)).put(keyOf(file), checked.clone());
    } catch {
      // Without room to store it the file still serves; `storeAll` says that there is none.
    }
  }
  return checked;
}

async function storeFiles(files: readonly AppFile[]): Promise<void> {
  await Promise.all(
    files.map(async (file) => {
      const cache = await cacheOf(file);
      if (!(await cache.match(keyOf(file)))) {
        tellAll({ type: 'request', request: seen(addressOf(file), 'network', 'offline storage') });
        const response = await fetch(addressOf(file), { cache: 'no-cache', credentials: 'same-origin' });
        await cache.put(keyOf(file), await verified(response, file, headersFor(file.path)));
      }
    }),
  );
}

async function storeAll(): Promise<void> {
  let done = 0;
  try {
    for (const file of TELLSCOPE_FILES) {
      if (forgetting) {
        return;
      }
      await storeFiles([file]);
      done += 1;
      if (file.large) {
        tellAll({ type: 'offline', offline: { state: 'storing', files: TELLSCOPE_FILES.length, done } });
      }
    }
    tellAll({ type: 'offline', offline: { state: 'ready' } });
  } catch (error) {
    tellAll({ type: 'offline', offline: { state: 'failed', reason: reasonOf(error) } });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return 'The browser grants no more room. Free some, or delete stored data of other sites.';
  }
  if (error instanceof AlteredFileError) {
    return `${error.message}. Reload the page.`;
  }
  return 'A file could not be fetched. Reload the page while the server can be reached.';
}

/** Keeps this version and the one before: a page of that may still be open. */
async function removeOutdated(): Promise<void> {
  const shells = (await caches.keys()).filter((name) => name.startsWith(SHELL_PREFIX) && name !== SHELL);
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
  const keys = new Set(TELLSCOPE_FILES.filter(({ large }) => large).map(keyOf));
  const large = await caches.open(LARGE);
  const outdated = (await large.keys()).filter(({ url }) => !keys.has(url));
  await Promise.all(outdated.map((request) => large.delete(request)));
}

function seen(url: string, answer: Answer, by: string) {
  return { time: Date.now(), url, answer, by };
}

/** Tells the page that a request came from; one that came from a worker is told to all, since its page is unknown. */
function tell(event: FetchEvent, answer: Answer): void {
  const url = event.request.url;
  event.waitUntil(
    (async () => {
      const id = event.clientId === '' ? event.resultingClientId : event.clientId;
      const client = await self.clients.get(id);
      if (client?.type === 'window') {
        client.postMessage({
          type: 'request',
          request: seen(url, answer, 'page'),
        } satisfies FromServiceWorker);
      } else {
        tellAll({ type: 'request', request: seen(url, answer, 'worker') });
      }
    })(),
  );
}

function tellAll(message: FromServiceWorker): void {
  void self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((pages) => {
    for (const page of pages) {
      page.postMessage(message);
    }
  });
}
