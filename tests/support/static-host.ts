import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { DIST } from '../../src/cli/build';
import type { AppServer } from '../../src/cli/server';
import { headersFor } from '../../src/security-headers';

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** A static host of the built app that writes down every request and can change what it serves. */
export class StaticHost implements AppServer {
  readonly url: string;
  /** Paths and queries of all requests. */
  readonly requests: string[] = [];
  /** Contents to serve in place of a file of the build, by its path. */
  readonly changed = new Map<string, string>();
  readonly #server: Server;

  private constructor(server: Server, headersOf: (file: string) => Record<string, string>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    server.on('request', (request, response) => {
      this.requests.push(request.url ?? '');
      const name = new URL(request.url ?? '/', this.url).pathname.slice(1) || 'index.html';
      const file = path.join(DIST, name);
      const found = file.startsWith(DIST) && existsSync(file) && statSync(file).isFile();
      const content = this.changed.get(name) ?? (found ? readFileSync(file) : undefined);
      response.writeHead(content === undefined ? 404 : 200, {
        ...headersOf(name),
        'Content-Type': TYPES[path.extname(name)] ?? 'text/plain',
      });
      response.end(content);
    });
  }

  /** Starts one on a free port; `headersOf` says what headers it sends, by default those the app is to have. */
  static async start(headersOf: (file: string) => Record<string, string> = headersFor): Promise<StaticHost> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StaticHost(server, headersOf);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
