import { createSocket, type Socket } from 'node:dgram';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands for the rest of the internet: another origin that answers everything and counts what arrives. */
export class Listener {
  readonly #server: Server;
  readonly #sockets: { webrtc: Socket; webtransport: Socket };
  /** Kinds of attempts that arrived: the first part of the path, or the socket's name. */
  readonly arrived = new Set<string>();
  /** TCP connections, whether or not a request came over them. */
  connections = 0;

  private constructor(server: Server, sockets: { webrtc: Socket; webtransport: Socket }) {
    this.#server = server;
    this.#sockets = sockets;
    const note = (request: IncomingMessage): void => {
      this.arrived.add((request.url ?? '').split(/[/?]/)[1] ?? '');
    };
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => {
      note(request);
      response.writeHead(200, {
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
        'Content-Type': 'text/html',
      });
      response.end(' ');
    });
    server.on('upgrade', (request, socket) => {
      note(request);
      socket.destroy();
    });
    for (const [kind, socket] of Object.entries(sockets)) {
      socket.on('message', () => this.arrived.add(kind));
    }
  }

  static async start(): Promise<Listener> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const [webrtc, webtransport] = await Promise.all([bind(), bind()]);
    return new Listener(server, { webrtc, webtransport });
  }

  /** What {@link attemptAll} needs to know of it. */
  get target() {
    return {
      host: `127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      stunPort: this.#sockets.webrtc.address().port,
      quicPort: this.#sockets.webtransport.address().port,
    };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#sockets.webrtc.close();
    this.#sockets.webtransport.close();
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}
