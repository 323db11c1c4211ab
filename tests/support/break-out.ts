/** Where to break out to. */
export type Target = { host: string; stunPort: number; quicPort: number };

/**
 * Tries every way to reach another server that a page or a worker has, and waits for what may come of it. Runs in the
 * browser and must not use anything from outside itself.
 *
 * @returns the kinds that this scope has the means for, whether or not they were stopped.
 */
async function attemptAll({ host, stunPort, quicPort }: Target): Promise<string[]> {
  const url = (kind: string): string => `http://${host}/${kind}`;
  const scope = globalThis as unknown as Record<string, new (...parts: unknown[]) => Record<string, unknown>>;
  const make = (name: string, ...parts: unknown[]): Record<string, unknown> => new scope[name]!(...parts);
  const attempts: Record<string, () => unknown> = {
    fetch: () => fetch(url('fetch'), { mode: 'no-cors' }),
    'fetch-post': () =>
      fetch(url('fetch-post'), { method: 'POST', mode: 'no-cors', keepalive: true, body: 'x' }),
    xhr: () => {
      const request = new XMLHttpRequest();
      request.open('GET', url('xhr'));
      request.send();
    },
    websocket: () => make('WebSocket', `ws://${host}/websocket`),
    eventsource: () => make('EventSource', url('eventsource')),
    webrtc: async () => {
      const connection = make('RTCPeerConnection', {
        iceServers: [{ urls: `stun:127.0.0.1:${stunPort}` }],
      }) as unknown as RTCPeerConnection;
      connection.createDataChannel('x');
      await connection.setLocalDescription();
    },
    webtransport: () => make('WebTransport', `https://127.0.0.1:${quicPort}/x`),
    import: () => import(/* @vite-ignore */ url('import')),
    worker: () => make('Worker', url('worker')),
    'module-worker': () => make('Worker', url('module-worker'), { type: 'module' }),
    importscripts: () => importScripts(url('importscripts')),
    font: () => (make('FontFace', 'x', `url(${url('font')})`) as unknown as FontFace).load(),
    cache: async () => (await caches.open('break-out')).add(url('cache')),
  };
  if (typeof document !== 'undefined') {
    const add = (tag: string, attributes: Record<string, string>): void => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, value);
      }
      document.body.append(element);
    };
    Object.assign(attempts, {
      beacon: () => navigator.sendBeacon(url('beacon'), 'x'),
      image: () => add('img', { src: url('image') }),
      script: () => add('script', { src: url('script') }),
      css: () => add('link', { rel: 'stylesheet', href: url('css') }),
      'css-image': () => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`body { background-image: url(${url('css-image')}) }`);
        document.adoptedStyleSheets.push(sheet);
      },
      iframe: () => add('iframe', { src: url('iframe') }),
      object: () => add('object', { data: url('object') }),
      video: () => add('video', { src: url('video'), preload: 'auto' }),
      prefetch: () => add('link', { rel: 'prefetch', href: url('prefetch') }),
      form: () => {
        const frame = document.createElement('iframe');
        frame.name = 'form-target';
        document.body.append(frame);
        add('form', { action: url('form'), method: 'post', target: 'form-target' });
        [...document.querySelectorAll('form')].at(-1)?.submit();
      },
    } satisfies typeof attempts);
  }
  const possible: string[] = [];
  await Promise.all(
    Object.entries(attempts).map(async ([kind, attempt]) => {
      try {
        await Promise.race([attempt(), new Promise((resolve) => setTimeout(resolve, 1500))]);
        possible.push(kind);
      } catch {
        // Stopped, or not there: what counts is what arrives.
      }
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return possible;
}

/** The same as a script to evaluate in a page or worker. */
export function breakOutScript(target: Target): string {
  // The test runner puts a function of its own in the place of `import()`.
  const source = attemptAll.toString().replaceAll('__vite_ssr_dynamic_import__', 'import');
  return `(${source})(${JSON.stringify(target)})`;
}
