import * as Comlink from 'comlink';
import { observeRequestsOfWorker } from '../observe-requests';
import { OpinionError, settleOpinion } from './errors';
import type { OpinionApi } from './protocol';
import { VisionLanguageModel } from './vision-language-model';

let model: VisionLanguageModel | undefined;

const api: OpinionApi = {
  load: (request, onEvent) =>
    settleOpinion(async () => {
      model = await VisionLanguageModel.load(request, onEvent);
    }),

  ask: (request, onEvent) =>
    settleOpinion(() => {
      if (!model) {
        throw new OpinionError('internal', 'The model was not loaded before the question.');
      }
      return model.ask(request, onEvent);
    }),

  stop() {
    model?.stop();
  },
};

observeRequestsOfWorker('second opinion');
Comlink.expose(api);
