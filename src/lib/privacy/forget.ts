/** One thing that this app has stored in the browser. */
export type StoredThing = {
  kind: 'cache' | 'database' | 'file' | 'setting' | 'service worker';
  name: string;
  /** What is in it, in words; '' where that is not known. */
  contents: string;
};

/** Name of the service worker's message that ends its storing; see `service-worker/messages.ts`. */
const FORGET = { type: 'forget' } as const;

/**
 * Everything that is stored for this app's origin, found by asking the browser for it: whoever stores something has to
 * report it nowhere.
 */
export async function listStored(): Promise<StoredThing[]> {
  const [caches, databases, files, workers] = await Promise.all([
    listCaches(),
    listDatabases(),
    listFiles(),
    listServiceWorkers(),
  ]);
  return [...workers, ...caches, ...databases, ...files, ...listSettings()];
}

/**
 * Deletes everything that {@link listStored} finds.
 *
 * @returns a sentence for each thing that could not be deleted.
 */
export async function forgetEverything(): Promise<string[]> {
  for (const registration of await registrations()) {
    registration.active?.postMessage(FORGET);
  }
  const problems = await Promise.all([
    forget(await cacheNames(), 'cache', (name) => caches.delete(name)),
    forget(await databaseNames(), 'database', deleteDatabase),
    forget(await rootEntries(), 'file', async (name) => {
      await (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true });
    }),
  ]);
  localStorage.clear();
  sessionStorage.clear();
  for (const registration of await registrations()) {
    await registration.unregister();
  }
  return problems.flat();
}

async function forget(
  names: readonly string[],
  kind: string,
  remove: (name: string) => Promise<unknown>,
): Promise<string[]> {
  const outcomes = await Promise.allSettled(names.map(remove));
  return outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [`The ${kind} ${names[index] ?? ''}: ${messageOf(outcome.reason)}`] : [],
  );
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new Error('the browser refused.'));
    request.onblocked = () =>
      reject(new Error('another page of Tellscope has it open. Close that page first.'));
  });
}

async function listCaches(): Promise<StoredThing[]> {
  return Promise.all(
    (await cacheNames()).map(async (name): Promise<StoredThing> => {
      const entries = await (await caches.open(name)).keys();
      return { kind: 'cache', name, contents: `${entries.length} files` };
    }),
  );
}

async function cacheNames(): Promise<string[]> {
  return 'caches' in globalThis ? caches.keys() : [];
}

async function listDatabases(): Promise<StoredThing[]> {
  return (await databaseNames()).map((name) => ({ kind: 'database', name, contents: '' }));
}

async function databaseNames(): Promise<string[]> {
  return (await indexedDB.databases()).flatMap(({ name }) => (name === undefined ? [] : [name]));
}

async function listFiles(): Promise<StoredThing[]> {
  return (await rootEntries()).map((name) => ({ kind: 'file', name, contents: '' }));
}

/** Names in the origin's private file system; none where it is closed, as in private windows of some browsers. */
async function rootEntries(): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) {
      names.push(name);
    }
    return names;
  } catch {
    return [];
  }
}

function listSettings(): StoredThing[] {
  return [localStorage, sessionStorage].flatMap((storage) =>
    Object.keys(storage).map((name): StoredThing => ({ kind: 'setting', name, contents: '' })),
  );
}

async function listServiceWorkers(): Promise<StoredThing[]> {
  return (await registrations()).map(({ scope }) => ({
    kind: 'service worker',
    name: new URL(scope).pathname,
    contents: 'makes the app work without a network',
  }));
}

async function registrations(): Promise<readonly ServiceWorkerRegistration[]> {
  return 'serviceWorker' in navigator ? navigator.serviceWorker.getRegistrations() : [];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
