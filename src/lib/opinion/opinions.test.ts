import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Analysis } from '../analyses.svelte';
import { makeReport } from '../report.fixture';
import { readModel } from '../../../tests/support/model-server';
import type { Answer, AskEvent, AskRequest, LoadEvent, LoadRequest } from '../../../workers/opinion/protocol';
import { InferenceClient } from './inference-client';
import { OpinionManager } from './opinions.svelte';

vi.mock('../model-assets', () => ({
  fetchRuntime: () => Promise.resolve({ runtimeBinary: new Blob(), runtimeModule: new Blob() }),
}));

/** Answers at once, and tells of it when the test lets it. */
class LateInference extends InferenceClient {
  readonly loads: LoadRequest[] = [];
  tellLate: () => void = () => {};
  #active = false;

  override get active(): boolean {
    return this.#active;
  }

  override load(request: LoadRequest, onEvent: (event: LoadEvent) => void): Promise<void> {
    this.loads.push(request);
    this.#active = true;
    onEvent({ type: 'building' });
    return Promise.resolve();
  }

  override ask({ text }: AskRequest, onEvent: (event: AskEvent) => void): Promise<Answer> {
    this.tellLate = () => onEvent({ type: 'text', text: 'REAL', tokens: 3 });
    const input = { width: 112, height: 56 };
    return Promise.resolve({
      ...{ text: '<label>REAL</label>', question: text, tokens: 3, promptTokens: 10, seconds: 1 },
      ...{ timesSeconds: [0], input, stopped: false },
    });
  }

  override unload(): void {
    this.#active = false;
  }
}

let inference: LateInference;
let manager: OpinionManager;
let subject: Analysis;

beforeEach(() => {
  vi.stubGlobal('navigator', { hardwareConcurrency: 2 });
  inference = new LateInference();
  manager = new OpinionManager(inference);
  manager.device = { webgpu: 'none', shaderF16: false, bufferBytes: 0, memoryBytes: null, ios: false };
  subject = new Analysis('analysis-1', new File([], 'clip.mp4'));
  subject.finish(makeReport());
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function tinyModel(): File[] {
  return [...readModel('smolvlm-scripted')].map(
    ([path, content]) => new File([new Uint8Array(content)], path.split('/').at(-1) ?? path),
  );
}

test('a word that comes after its answer does not keep the page busy', async () => {
  await manager.useFolder(tinyModel());
  await manager.ask(subject, { kind: 'clip' });
  expect(manager.of(subject.id)).toMatchObject([{ record: { parsed: { label: 'REAL' } } }]);
  expect(subject.report?.secondOpinions).toHaveLength(1);
  inference.tellLate();
  expect(manager.activity).toEqual({ kind: 'idle' });
});

test('a model that stays in memory is not taken for another one of its name from other files', async () => {
  await manager.useFolder(tinyModel());
  await manager.ask(subject, { kind: 'clip' });
  await manager.ask(subject, { kind: 'clip' });
  expect(inference.loads).toHaveLength(1);
  const others = tinyModel();
  await manager.useFolder(others);
  await manager.ask(subject, { kind: 'clip' });
  expect(inference.loads).toHaveLength(2);
  expect(inference.loads[1]?.files['config.json']).toBe(others.find(({ name }) => name === 'config.json'));
});
