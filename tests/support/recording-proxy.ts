import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/**
 * What Chromium asks for of its own accord, with nothing but an empty tab open as well: updates of itself, accounts, its
 * registration for push messages, names of form fields. The page is watched besides (`AppPage.expectClean`), so nothing
 * of it can hide here.
 */
const BROWSERS_OWN =
  /^(http:\/\/)?([\w-]+\.googleapis\.com|(accounts|android\.clients)\.google\.com|[\w-]+\.gvt1\.com)[:/]/;

/** Encrypted connections to some hosts that are led to a port of this machine. */
type Detour = { hosts: RegExp; port: number };

/** A proxy that all of a browser's traffic goes through: writes it down and passes on what is for this machine. */
export class RecordingProxy {
  /** Addresses that pages and workers asked for; of encrypted and socket connections the host only. */
  readonly requests: string[] = [];
  readonly #server = createServer();

  private constructor(detour: Detour | undefined) {
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
    this.#server.on('connect', (incoming, socket, head) => {
      const address = incoming.url ?? '';
      this.#note(`${address} (connection)`);
      if (!detour?.hosts.test(address)) {
        socket.destroy();
        return;
      }
      const far = connect(detour.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        far.write(head);
        far.pipe(socket).pipe(far);
      });
      far.on('error', () => socket.destroy());
      socket.on('error', () => far.destroy());
    });
  }

  /** Starts one on a free port. What `detour` does not name is refused, unless it is for this machine. */
  static async start(detour?: Detour): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(detour);
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
