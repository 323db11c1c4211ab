import * as Comlink from 'comlink';
import { TellscopeError, toErrorData } from './errors';
import { TraceNet } from './model/session';
import { analyse } from './pipeline';
import type {
  AnalysisEvent,
  BackendChoice,
  DetectorApi,
  LoadedModel,
  ModelAssets,
  Outcome,
} from './protocol';
import { observeRequestsOfWorker } from './observe-requests';
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
  load(assets: ModelAssets, backend: BackendChoice): Promise<Outcome<LoadedModel>> {
    return settle(async () => {
      model = await TraceNet.create(assets, backend);
      return model.loaded;
    });
  },

  analyse(file: File, onEvent: (event: AnalysisEvent) => void): Promise<Outcome<Report>> {
    return settle(() => {
      if (!model) {
        throw new TellscopeError(
          'internal',
          'The model was not loaded before the analysis. Reload the page.',
        );
      }
      return analyse(file, model, onEvent);
    });
  },
};

observeRequestsOfWorker('analysis');
Comlink.expose(detector);
