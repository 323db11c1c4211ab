import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What Chromium asks for of its own accord, with nothing but an empty tab open as well: updates of itself, accounts,
 * names of form fields. The page is watched besides (`AppPage.expectClean`), so nothing of it can hide here.
 */
const BROWSERS_OWN = /^(http:\/\/)?([\w-]+\.googleapis\.com|accounts\.google\.com|[\w-]+\.gvt1\.com)[:/]/;

/** A proxy that all of a browser's traffic goes through: writes it down and passes on what is for this machine. */
export class RecordingProxy {
  /** Addresses that pages and workers asked for; of encrypted and socket connections the host only. */
  readonly requests: string[] = [];
  readonly #server = createServer();

  private constructor() {
    this.#server.on('request', (incoming, outgoing) => {
      const url = incoming.url ?? '';
      this.#note(url);
      if (!/^http:\/\/127\.0\.0\.1[:/]/.test(url)) {
        outgoing.writeHead(502).end();
        return;
      }
      const { method, headers } = incoming;
      const passed = httpRequest(url, { ...(method && { method }), headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
    this.#server.on('connect', (incoming, socket) => {
      this.#note(`${incoming.url ?? ''} (connection)`);
      socket.destroy();
    });
  }

  static async start(): Promise<RecordingProxy> {
    const proxy = new RecordingProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Arguments that send all of a Chromium's traffic here, that for this machine included. */
  get browserArgs(): string[] {
    const { port } = this.#server.address() as AddressInfo;
    return [`--proxy-server=http://127.0.0.1:${port}`, '--proxy-bypass-list=<-loopback>'];
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #note(url: string): void {
    if (!BROWSERS_OWN.test(url)) {
      this.requests.push(url);
    }
  }
}
