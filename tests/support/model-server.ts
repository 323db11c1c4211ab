import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { ROOT } from '../../src/cli/install.mjs';

const MODELS = path.join(ROOT, 'tests', 'fixtures', 'opinion');

/** What the server was asked for, in order. */
export type LoggedRequest = {
  method: string;
  path: string;
  range: string | null;
  ifRange: string | null;
  status: number;
};

/** The file whose way is disturbed: the largest of the model. */
const DISTURBED = /\.onnx_data$/;

/** Behaviours with a list of hashes. */
const LISTED = new Set(['plain', 'cut', 'stuck', 'flipped']);

/** Bytes after which a disturbed answer breaks off or begins to wait. */
const HALF = 8192;

/**
 * A server of the tiny models for tests, on another origin than the page. The address says how it behaves:
 * `/{test}/{behaviour}/{model}/{file}`, with a log of the requests of each test under `/{test}/log`.
 *
 * - `plain`: ranges, tags, and a list of hashes; `simple`: none of these; `unsized`: like `simple`, and no lengths
 * - `cut`: the first answer with the large file breaks off half-way; `stuck`: it stands still half-way
 * - `stuck-bare`: like `stuck`, without a list of hashes; `changing`: and the large file is another one afterwards
 * - `flipped`: like `plain`, with one byte of the large file changed
 * - `hub`: the same as the Hugging Face hub answers, below `/api` and `/{owner}/{name}/resolve`
 */
export async function startModelServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const logs = new Map<string, LoggedRequest[]>();
  const server = createServer((request, response) => {
    try {
      answer(request, response, logs);
    } catch {
      response.writeHead(404, HEADERS).end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

/** Starts the server for a project's browser tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await startModelServer();
  project.provide('modelServer', url);
  return close;
}

declare module 'vitest' {
  // The only way to type what is handed from the server's side to the tests.
  export interface ProvidedContext {
    modelServer: string;
  }
}

const HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Expose-Headers': 'ETag, Content-Range',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  logs: Map<string, LoggedRequest[]>,
): void {
  const [, test = '', behaviour = '', ...rest] = decodeURIComponent(request.url ?? '').split('/');
  const log = logs.get(test) ?? [];
  logs.set(test, log);
  if (behaviour === 'log') {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(log));
    return;
  }
  if (request.method === 'OPTIONS') {
    response.writeHead(204, HEADERS).end();
    return;
  }
  const { range, 'if-range': ifRange } = request.headers;
  const earlier = log.filter(
    ({ path: asked, method }) => asked === rest.join('/') && method === 'GET',
  ).length;
  const entry: LoggedRequest = {
    method: request.method ?? '',
    path: rest.join('/'),
    range: range ?? null,
    ifRange: typeof ifRange === 'string' ? ifRange : null,
    status: 200,
  };
  log.push(entry);
  const content = behaviour === 'hub' ? fromHub(rest) : fromMirror(rest, behaviour, earlier);
  if (content === undefined) {
    entry.status = 404;
    response.writeHead(404, HEADERS).end();
    return;
  }
  const simple = behaviour === 'simple' || behaviour === 'unsized';
  const tag = simple ? undefined : `"${createHash('md5').update(content).digest('hex')}"`;
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? NaN);
  const partial = !simple && from < content.length && (!ifRange || ifRange === tag);
  const body = partial ? content.subarray(from) : content;
  entry.status = partial ? 206 : 200;
  response.writeHead(entry.status, {
    ...HEADERS,
    ...(behaviour !== 'unsized' && { 'Content-Length': body.length }),
    ...(tag && { ETag: tag, 'Accept-Ranges': 'bytes' }),
    ...(partial && { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const disturbed = DISTURBED.test(entry.path) && earlier === 0;
  if (disturbed && behaviour === 'cut') {
    response.write(body.subarray(0, HALF), () => setTimeout(() => response.destroy(), 200));
  } else if (disturbed && /^(stuck|changing)/.test(behaviour)) {
    response.write(body.subarray(0, HALF));
  } else {
    response.end(body);
  }
}

function fromMirror([model = '', ...file]: string[], behaviour: string, earlier: number): Buffer | undefined {
  const name = file.join('/');
  if (name === 'SHA256SUMS') {
    return !LISTED.has(behaviour) ? undefined : Buffer.from(sums(model));
  }
  const content = read(model, name);
  const altered = behaviour === 'flipped' || (behaviour === 'changing' && earlier > 0);
  if (content && altered && DISTURBED.test(name)) {
    content[1000]! ^= 1;
  }
  return content;
}

function fromHub(parts: string[]): Buffer | undefined {
  if (parts[0] === 'api') {
    const [, , , model = '', what] = parts;
    const value = what === 'revision' ? { sha: 'abc123' } : hubTree(readModel(model));
    return Buffer.from(JSON.stringify(value));
  }
  const [, model = '', resolve, revision, ...file] = parts;
  return resolve === 'resolve' && revision === 'abc123' ? read(model, file.join('/')) : undefined;
}

function read(model: string, name: string): Buffer | undefined {
  const file = path.join(MODELS, model, name);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
}

/** All files of a tiny model by their path in its folder. */
export function readModel(model: string): Map<string, Buffer> {
  const folder = path.join(MODELS, model);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    names.flatMap((name) => {
      const content = read(model, name);
      return content ? [[name.replaceAll(path.sep, '/'), content]] : [];
    }),
  );
}

function sums(model: string): string {
  const lines = [...readModel(model)].map(
    ([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ./${name}\n`,
  );
  return lines.join('');
}

/** The listing of files as the hub gives it: large files by their SHA-256 and small ones by git's hash. */
export function hubTree(files: ReadonlyMap<string, Buffer>): unknown {
  return [...files].map(([name, content]) => {
    const size = content.length;
    const oid = createHash('sha1').update(`blob ${size}\0`).update(content).digest('hex');
    const lfs = { oid: createHash('sha256').update(content).digest('hex'), size, pointerSize: 130 };
    return { type: 'file', path: name, size, oid, ...(name.startsWith('onnx/') && { lfs }) };
  });
}
