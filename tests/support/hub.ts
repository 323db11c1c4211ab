import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fixture } from './detect';
import { hubTree } from './model-server';

const HUB = 'huggingface.co';
/** Where the hub sends requests for large files on to. */
const STORE = 'cas-bridge.xethub.hf.co';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** A request that arrived: its address, and those of its headers that could tell who the visitor is. */
type HubRequest = { url: string; personal: string[] };

/**
 * The Hugging Face hub as far as one download needs it, over TLS and under its own names: the commit, the listing,
 * small files behind a redirect to another path, large ones behind a redirect to another host.
 *
 * Its certificate is its own: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
 * -keyout key.pem -out certificate.pem -subj "/CN=the hub in tests" -addext "basicConstraints=critical,CA:FALSE"
 */
export class Hub {
  readonly requests: HubRequest[] = [];
  readonly #server: Server;
  readonly #repository: string;
  readonly #files: ReadonlyMap<string, Buffer>;

  private constructor(server: Server, repository: string, files: ReadonlyMap<string, Buffer>) {
    this.#server = server;
    this.#repository = repository;
    this.#files = files;
    server.on('request', (request, response) => this.#answer(request, response));
  }

  /** Starts one that has a single repository with these files, on a free port. */
  static async start(repository: string, files: ReadonlyMap<string, Buffer>): Promise<Hub> {
    const server = createServer({
      key: readFileSync(fixture('hub/key.pem')),
      cert: readFileSync(fixture('hub/certificate.pem')),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Hub(server, repository, files);
  }

  /** For a proxy that leads the hub's hosts here. */
  get detour() {
    return {
      hosts: /^(?:huggingface\.co|[\w-]+(?:\.[\w-]+)*\.hf\.co):443$/,
      port: (this.#server.address() as AddressInfo).port,
    };
  }

  /** The hosts that were asked, each once, in order. */
  get hosts(): string[] {
    return [...new Set(this.requests.map(({ url }) => new URL(url).host))];
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { host = '', cookie, referer, authorization } = request.headers;
    const url = new URL(request.url ?? '', `https://${host}`);
    const personal = [cookie, referer, authorization].filter((header) => header !== undefined);
    this.requests.push({ url: url.href, personal });
    const content = host === STORE ? this.#stored(url) : undefined;
    const redirect = host === HUB ? this.#redirect(url) : undefined;
    const listed = host === HUB ? this.#listed(url) : undefined;
    const body = content ?? listed;
    response.writeHead(redirect ? 302 : body ? 200 : 404, {
      // After a redirect to another host the browser no longer tells for which page it asks.
      'Access-Control-Allow-Origin': host === STORE ? '*' : (request.headers.origin ?? `https://${HUB}`),
      ...(redirect && { Location: redirect }),
      ...(body && { 'Content-Length': body.length, 'Accept-Ranges': 'bytes' }),
    });
    response.end(body);
  }

  #redirect({ pathname }: URL): string | undefined {
    const path = below(pathname, `/${this.#repository}/resolve/${COMMIT}/`);
    const content = path === undefined ? undefined : this.#files.get(path);
    if (path === undefined || !content) {
      return undefined;
    }
    return path.startsWith('onnx/')
      ? `https://${STORE}/xet-bridge-us/${sha256(content)}`
      : `/api/resolve-cache/models/${this.#repository}/${COMMIT}/${path}`;
  }

  #listed({ pathname }: URL): Buffer | undefined {
    const models = `/api/models/${this.#repository}`;
    if (pathname === `${models}/revision/main`) {
      return Buffer.from(JSON.stringify({ id: this.#repository, sha: COMMIT }));
    }
    if (pathname === `${models}/tree/${COMMIT}`) {
      return Buffer.from(JSON.stringify(hubTree(this.#files)));
    }
    const small = below(pathname, `/api/resolve-cache/models/${this.#repository}/${COMMIT}/`);
    return small === undefined ? undefined : this.#files.get(small);
  }

  #stored({ pathname }: URL): Buffer | undefined {
    return [...this.#files.values()].find((content) => pathname.endsWith(sha256(content)));
  }
}

function below(pathname: string, folder: string): string | undefined {
  return pathname.startsWith(folder) ? decodeURIComponent(pathname.slice(folder.length)) : undefined;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
