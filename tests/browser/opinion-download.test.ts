import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { DownloadClient, startWorker } from '../../src/lib/opinion/download-client';
import { InferenceClient } from '../../src/lib/opinion/inference-client';
import type { DownloadEvent, DownloadRequest } from '../../workers/opinion/download-protocol';
import { listModels, openModel, removeModel, type ModelSource } from '../../workers/opinion/store';
import { fixture } from '../support/fixture';
import type { LoggedRequest } from '../support/model-server';
import { TINY_MODELS, tinyAskRequest, tinyDtype, tinyLoadRequest } from '../support/opinion';

const MODEL = 'qwen2.5-vl';
const LARGE = 'onnx/decoder_model_merged.onnx_data';
// The policy of the hub's own worker names the hub, and our model server is another one; a test below holds it to that.
const client = new DownloadClient(() => startWorker('mirror'));
let name = '';
let count = 0;

// Each download starts a worker, and the machine may do other things as well.
vi.setConfig({ testTimeout: 240_000 });

beforeEach(() => {
  name = `test-${Date.now()}-${count++}`;
});

afterEach(async () => {
  client.abandon();
  for (const { model } of await listModels()) {
    await removeModel(model.key);
  }
});

function mirror(behaviour: string): ModelSource {
  return { kind: 'mirror', base: `${inject('modelServer')}/${name}/${behaviour}/${MODEL}/` };
}

function hub(): ModelSource {
  const base = `${inject('modelServer')}/${name}/hub`;
  return { kind: 'hub', base, repository: `tiny/${MODEL}`, revision: 'main' };
}

function request(source: ModelSource, changes: Partial<DownloadRequest> = {}): DownloadRequest {
  return {
    key: name,
    entry: { id: MODEL },
    variant: 'fp32',
    dtype: tinyDtype(MODEL),
    source,
    known: [],
    agreedBytes: 1_000_000,
    ...changes,
  };
}

async function requests(): Promise<LoggedRequest[]> {
  const response = await fetch(`${inject('modelServer')}/${name}/log`);
  return (await response.json()) as LoggedRequest[];
}

async function largeFileRequests(): Promise<LoggedRequest[]> {
  return (await requests()).filter(({ method, path }) => method === 'GET' && path.endsWith(LARGE));
}

/** What was stored, byte for byte as it is in the fixture. */
async function expectStoredRight(): Promise<void> {
  const [listing] = await listModels();
  expect(listing?.model.complete).toBe(true);
  const { files, hashes } = await openModel(listing!.model);
  expect(Object.keys(files).sort()).toEqual([...TINY_MODELS[MODEL]].sort());
  expect(Object.keys(hashes).sort()).toEqual(Object.keys(files).sort());
  for (const [path, file] of Object.entries(files)) {
    const original = await fetch(`/tests/fixtures/opinion/${MODEL}/${path}`);
    const [stored, wanted] = await Promise.all([file.arrayBuffer(), original.arrayBuffer()]);
    expect(new Uint8Array(stored), path).toEqual(new Uint8Array(wanted));
  }
}

/** Starts a download and waits until a good part of the large file is stored. */
async function untilHalf(source: ModelSource): Promise<{ result: Promise<unknown> }> {
  let halfway: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    halfway = resolve;
  });
  const result = client.download(request(source), (event) => {
    if (event.type === 'progress' && event.path === LARGE) {
      halfway();
    }
  });
  result.catch(() => {});
  await reached;
  return { result };
}

describe('from a mirror', () => {
  test('a model is fetched, held against its hashes, stored and run', async () => {
    const events: DownloadEvent[] = [];
    const model = await client.download(request(mirror('plain')), (event) => events.push(event));
    await expectStoredRight();
    expect(model.files.every(({ expected }) => expected?.algorithm === 'sha256')).toBe(true);
    const last = events.at(-1);
    expect(last).toMatchObject({ type: 'checking', path: LARGE });
    expect(last?.type !== 'listing' && last?.bytesDone).toBeGreaterThan(40_000);
    const inference = new InferenceClient();
    await inference.load(
      { ...(await tinyLoadRequest(MODEL, 'wasm')), ...(await openModel(model)) },
      () => {},
    );
    const video = await fixture('good/plain-h264.mp4');
    expect((await inference.ask(tinyAskRequest(MODEL, video), () => {})).tokens).toBeGreaterThan(0);
    inference.unload();
  });

  test('without hashes, ranges or tags the sizes are what is checked', async () => {
    const model = await client.download(request(mirror('simple')), () => {});
    await expectStoredRight();
    expect(model.files.every(({ expected }) => expected === null)).toBe(true);
    expect(model.files.find(({ path }) => path === LARGE)?.bytes).toBeGreaterThan(0);
  });

  test('a connection that breaks is taken up where it broke', async () => {
    await client.download(request(mirror('cut')), () => {});
    await expectStoredRight();
    const asked = await largeFileRequests();
    expect(asked.map(({ status }) => status)).toEqual([200, 206]);
    expect(asked[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test('a changed byte is found, the file thrown away, and fetched again on the next try', async () => {
    const flipped = request(mirror('flipped'));
    await expect(client.download(flipped, () => {})).rejects.toMatchObject({
      data: { code: 'file-altered', message: expect.stringContaining(LARGE) as string },
    });
    const [listing] = await listModels();
    expect(listing?.model.complete).toBe(false);
    expect(listing?.model.files.filter(({ sha256 }) => sha256 === null).map(({ path }) => path)).toEqual([
      LARGE,
    ]);
    await client.download(request(mirror('plain')), () => {});
    await expectStoredRight();
  });

  test('an address without a model says so', async () => {
    await expect(client.download(request(mirror('plain/nothing')), () => {})).rejects.toMatchObject({
      data: { code: 'file-missing' },
    });
  });

  test('a host that does not answer is named', async () => {
    const nobody: ModelSource = { kind: 'mirror', base: 'http://127.0.0.1:9/' };
    await expect(client.download(request(nobody), () => {})).rejects.toMatchObject({
      data: { code: 'source-unreachable', message: expect.stringContaining('127.0.0.1:9') as string },
    });
  });
});

describe('from the hub', () => {
  test('nobody but the hub can be reached', async () => {
    const client = new DownloadClient();
    await expect(client.download(request(hub()), () => {})).rejects.toMatchObject({
      data: { code: 'source-unreachable' },
    });
    expect(await requests()).toEqual([]);
  });

  test('a model is fixed to one commit and held against the hub’s own hashes', async () => {
    const model = await client.download(request(hub()), () => {});
    await expectStoredRight();
    expect(model.source).toMatchObject({ kind: 'hub', revision: 'abc123' });
    expect(model.files.map(({ expected }) => expected?.algorithm)).toEqual([
      ...Array.from({ length: 4 }, () => 'git-blob'),
      ...Array.from({ length: 4 }, () => 'sha256'),
    ]);
  });

  test('more than was agreed to is not fetched', async () => {
    const small = request(hub(), { agreedBytes: 50_000 });
    await expect(client.download(small, () => {})).rejects.toMatchObject({
      data: { code: 'larger-than-agreed', bytes: expect.any(Number) as number },
    });
    expect((await requests()).filter(({ path }) => path.includes('.onnx'))).toEqual([]);
    expect(await listModels()).toEqual([]);
  });

  test('a hash in the registry outweighs the source’s', async () => {
    const known = [{ path: LARGE, bytes: null, sha256: 'f'.repeat(64) }];
    await expect(client.download(request(hub(), { known }), () => {})).rejects.toMatchObject({
      data: { code: 'file-altered' },
    });
  });
});

describe('broken off', () => {
  test('by a pause, a download keeps what it has and goes on there', async () => {
    const source = mirror('stuck');
    const { result } = await untilHalf(source);
    client.pause();
    await expect(result).rejects.toMatchObject({ data: { code: 'cancelled' } });
    const [listing] = await listModels();
    expect(listing?.model.complete).toBe(false);
    expect(listing?.bytesStored).toBeGreaterThan(0);
    await client.download(request(source), () => {});
    await expectStoredRight();
    expect((await largeFileRequests()).map(({ status }) => status)).toEqual([200, 206]);
  });

  test('by a page that is gone, a download goes on in the next one', async () => {
    const source = mirror('stuck');
    await untilHalf(source);
    client.abandon();
    const next = new DownloadClient();
    await next.download(request(source), () => {});
    await expectStoredRight();
    const asked = await requests();
    expect((await largeFileRequests()).map(({ status }) => status)).toEqual([200, 206]);
    // Nothing that was complete is fetched a second time.
    expect(
      asked.filter(({ method, path }) => method === 'GET' && path.endsWith('tokenizer.json')),
    ).toHaveLength(1);
  });

  test('without a hash it goes on only under the condition that the file is still the same', async () => {
    const source = mirror('stuck-bare');
    await untilHalf(source);
    client.abandon();
    await client.download(request(source), () => {});
    await expectStoredRight();
    const [first, second] = await largeFileRequests();
    expect([first?.status, second?.status]).toEqual([200, 206]);
    expect(second?.ifRange).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test('and a file that has changed since is fetched whole: two versions are never mixed', async () => {
    const source = mirror('changing');
    await untilHalf(source);
    client.abandon();
    const model = await client.download(request(source), () => {});
    expect((await largeFileRequests()).map(({ status }) => status)).toEqual([200, 200]);
    const { files } = await openModel(model);
    const original = await fetch(`/tests/fixtures/opinion/${MODEL}/${LARGE}`);
    const wanted = new Uint8Array(await original.arrayBuffer());
    wanted[1000]! ^= 1;
    expect(new Uint8Array(await files[LARGE]!.arrayBuffer())).toEqual(wanted);
  });
});

describe('room on the disk', () => {
  afterEach(async () => {
    await limitStorage();
  });

  async function limitStorage(quotaSize?: number): Promise<void> {
    await cdp().send(
      'Storage.overrideQuotaForOrigin' as never,
      {
        origin: location.origin,
        ...(quotaSize !== undefined && { quotaSize }),
      } as never,
    );
  }

  test('that runs out on the way is said too, and what is stored stays', async () => {
    await limitStorage(20_000);
    await expect(client.download(request(mirror('unsized')), () => {})).rejects.toMatchObject({
      data: { code: 'storage-full' },
    });
    await limitStorage();
    await client.download(request(mirror('unsized')), () => {});
    await expectStoredRight();
  });
});
