import * as ort from 'onnxruntime-web/webgpu';
import type { ModelAssets } from '../protocol';
import type { DecoderStep } from '../traces/explain-check';
import type { ExplainerSpec, Manifest } from './manifest';
import { failedRun, messageOf, mismatchOf, output, runSession, verifiedBytes } from './runtime';
import { parseVocabulary, type Vocabulary } from './vocabulary';

/** The text decoder: features and slots of a trace in, one word after another out. */
export class Explainer {
  readonly spec: ExplainerSpec;
  readonly vocabulary: Vocabulary;
  readonly #session: ort.InferenceSession;

  private constructor(spec: ExplainerSpec, vocabulary: Vocabulary, session: ort.InferenceSession) {
    this.spec = spec;
    this.vocabulary = vocabulary;
    this.#session = session;
  }

  /**
   * Builds the decoder of a manifest that has one and uses it. It always runs on WebAssembly: a word is less than a
   * million multiplications, and reading each one back from a GPU would take longer than computing it.
   *
   * @returns `undefined` where there is none, or where it does not reproduce its golden output here: sentences are
   * then built from measured slots, and every report says of every sentence which of the two it is.
   * @throws {TellscopeError} `model-altered` when a file does not have its hash.
   */
  static async create(assets: ModelAssets, manifest: Manifest): Promise<Explainer | undefined> {
    const spec = manifest.explainer;
    if (!spec?.enabled || !manifest.sessions.trace.outputs['context']) {
      return undefined;
    }
    const [bytes, words] = await Promise.all([
      verifiedBytes(assets, spec),
      verifiedBytes(assets, spec.vocabulary),
    ]);
    const vocabulary = parseVocabulary(new TextDecoder().decode(words));
    try {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      if ((await mismatchOf(session, spec)) === undefined) {
        return new Explainer(spec, vocabulary, session);
      }
      await session.release();
    } catch (error) {
      console.warn(`The explainer cannot run here: ${messageOf(error)}`);
    }
    return undefined;
  }

  /**
   * Begins a sentence.
   *
   * @param features `[features]` of the trace. @param slots `[slots]`: category, subject and geometry.
   * @returns a function that takes the word said last and gives the logits of the next one.
   */
  begin(features: Float32Array, slots: Float32Array): DecoderStep {
    const { input } = this.spec;
    const data = new Float32Array(input.shape[3]);
    data.set(features, 0);
    data.set(slots, input.features);
    const stateAt = input.features + input.slots;
    const tokenAt = stateAt + input.state;
    return async (token) => {
      data.fill(0, tokenAt);
      data[tokenAt + token] = 1;
      try {
        const outputs = await runSession(this.#session, this.spec, data);
        data.set(output(outputs, 'state'), stateAt);
        return output(outputs, 'logits');
      } catch (error) {
        throw failedRun('explainer', error);
      }
    };
  }
}
