import type { ModelSource } from '../../../workers/opinion/store';
import type { SecondOpinion } from '../../../workers/report';
import {
  parseClipAnswer,
  parseRegionAnswer,
  parseRegionCaption,
  type AnswerContext,
  type ParsedAnswer,
} from './answers';
import type { Question } from './questions';
import type { ModelEntry, ModelVariant } from './registry';

/** An answer as the worker gave it, or what was left of it when it was stopped. */
export type Answered = Pick<SecondOpinion, 'question' | 'tokens' | 'seconds'> & {
  text: string;
  timesSeconds: number[];
  input: AnswerContext['input'];
  stopped: boolean;
};

/**
 * Reads an answer and makes the entry of the report from it. An answer that was stopped is not read: it is not whole,
 * and that is no fault of the model's. The report has a place for what is said of the clip only.
 *
 * @param source where the model's files came from, in words.
 */
export function makeRecord(
  model: ModelEntry,
  variant: ModelVariant,
  source: string,
  question: Question,
  answer: Answered,
  context: AnswerContext,
): { record: SecondOpinion; parsed: ParsedAnswer | null } {
  const parsed = answer.stopped ? null : read(model, question, answer.text, context);
  const label = parsed?.label;
  const record: SecondOpinion = {
    model: {
      id: model.hub?.repository ?? model.id,
      name: model.name,
      dtype: describeDtype(variant),
      source,
    },
    question: answer.question,
    answerText: answer.text,
    parsed: parsed && (label === 'FAKE' || label === 'REAL') ? { label, traces: parsed.traces } : null,
    malformed: parsed === null && !answer.stopped,
    tokens: answer.tokens,
    seconds: answer.seconds,
    createdAt: new Date().toISOString(),
  };
  return { record, parsed };
}

function read(
  model: ModelEntry,
  question: Question,
  text: string,
  context: AnswerContext,
): ParsedAnswer | null {
  if (question.kind === 'clip') {
    return parseClipAnswer(text, model.answer.format, context);
  }
  return model.prompt.style === 'florence' ? parseRegionCaption(text) : parseRegionAnswer(text);
}

/** For example `q4f16`, or `embed_tokens fp16, vision_encoder fp16, decoder_model_merged q4`. */
function describeDtype({ dtype }: ModelVariant): string {
  const [only, ...others] = new Set(Object.values(dtype));
  return only !== undefined && others.length === 0
    ? only
    : Object.entries(dtype)
        .map(([session, name]) => `${session} ${name}`)
        .join(', ');
}

/** The host a model was fetched from. */
export function hostOf({ base }: Pick<ModelSource, 'base'>): string {
  return new URL(base).host;
}
