import * as Comlink from 'comlink';
import { TellscopeError, toErrorData } from './errors';
import type { JobLog } from './job-log';
import { TraceNet } from './model/session';
import { analyse } from './pipeline';
import { observeRequestsOfWorker } from './observe-requests';
import type { BackendChoice, DetectorApi, LoadedModel, ModelAssets, Outcome, WorkerEvent } from './protocol';
import type { Report } from './report';

let model: TraceNet | undefined;

/** Errors cross the boundary as data: structured clone would drop their code. */
async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

const detector: DetectorApi = {
  holdLock(name: string): Promise<void> {
    return new Promise((held, failed) => {
      // The lock is given back when the worker is gone, however it went: no event tells the page of that.
      const forever = new Promise<never>(() => {});
      navigator.locks
        .request(name, () => {
          held();
          return forever;
        })
        .catch(failed);
    });
  },

  ping(): void {},

  load(
    assets: ModelAssets,
    backend: BackendChoice,
    withoutGpu: string | undefined,
  ): Promise<Outcome<LoadedModel>> {
    return settle(async () => {
      model = await TraceNet.create(assets, backend, withoutGpu);
      return model.loaded;
    });
  },

  analyse(
    file: File,
    onEvent: (event: WorkerEvent) => void,
    log: JobLog | undefined,
  ): Promise<Outcome<Report>> {
    return settle(async () => {
      try {
        if (!model) {
          throw new TellscopeError(
            'internal',
            'The model was not loaded before the analysis. Reload the page.',
          );
        }
        return await Promise.race([analyse(file, model, onEvent, log), model.lost]);
      } finally {
        // A callback lives on in the page until it is released (comlink#590).
        (onEvent as Comlink.Remote<typeof onEvent>)[Comlink.releaseProxy]();
      }
    });
  },
};

observeRequestsOfWorker('analysis');
Comlink.expose(detector);
