import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Box } from '../../../workers/report';
import {
  fromDisplayBox,
  parseClipAnswer,
  parseRegionAnswer,
  parseRegionCaption,
  toDisplayBox,
  type AnswerContext,
  type AnswerFormat,
  type BoxConvention,
} from './answers';

const BASE: AnswerContext = {
  boxes: 'display-pixels',
  display: { width: 1280, height: 720 },
  input: { width: 448, height: 252 },
  clip: { startSeconds: 0.5, endSeconds: 6 },
};

const CONVENTIONS: BoxConvention[] = [
  'thousandths',
  'unit',
  'input-pixels',
  'display-pixels',
  'location-tokens',
];

function context(boxes: BoxConvention): AnswerContext {
  return { ...BASE, boxes };
}

describe('boxes', () => {
  test.each([
    ['thousandths', [250, 250, 500, 500]],
    ['unit', [0.25, 0.25, 0.5, 0.5]],
    ['input-pixels', [112, 63, 224, 126]],
    ['display-pixels', [320, 180, 640, 360]],
  ] as const)('in %s are mapped to pixels of the display', (boxes, numbers) => {
    expect(toDisplayBox(numbers, context(boxes))).toEqual([320, 180, 640, 360]);
  });

  test.each([
    ['thousandths', [0, 0, 1200, 500]],
    ['unit', [10, 20, 200, 300]],
    ['input-pixels', [0, 0, 1280, 720]],
    ['display-pixels', [-20, 0, 100, 100]],
    ['unit', [0.5, 0.5, 0.5, 0.5]],
    ['unit', [0.5, 0.5, 0.2, 0.7]],
    ['unit', [0, 0, 1]],
    ['unit', [0, 0, NaN, 1]],
  ] as const)('that cannot be of the convention %s are no boxes', (boxes, numbers) => {
    expect(toDisplayBox(numbers, context(boxes))).toBeUndefined();
  });

  test('survive the way there and back in every convention, to its own precision', () => {
    const box = fc
      .tuple(fc.nat(1100), fc.nat(600), fc.integer({ min: 40, max: 170 }), fc.integer({ min: 40, max: 110 }))
      .map(([x, y, width, height]): Box => [x, y, x + width, y + height]);
    fc.assert(
      fc.property(box, fc.constantFrom(...CONVENTIONS), (original, boxes) => {
        const back = toDisplayBox(fromDisplayBox(original, context(boxes)), context(boxes));
        expect(back).toBeDefined();
        for (const [index, value] of back!.entries()) {
          // Half a pixel of the smallest grid is 1.43 pixels of the display.
          expect(Math.abs(value - original[index]!)).toBeLessThanOrEqual(1.5);
        }
      }),
    );
  });
});

describe('the two sentences of DeeptraceReward', () => {
  test('the real one', () => {
    const answer = 'REAL. The video is real. There is no unnatural part.';
    expect(parseClipAnswer(answer, 'sentence', BASE)).toEqual({ label: 'REAL', traces: [], explanation: '' });
  });

  test('the fake one, with the reason and without an end', () => {
    const answer =
      'FAKE. The video is AI-generated. The unnatural part is at [320, 180, 640, 360] starting 1.5 seconds. ' +
      'The reason is because the hand melts into the cup.';
    expect(parseClipAnswer(answer, 'sentence', BASE)).toEqual({
      label: 'FAKE',
      traces: [
        {
          category: null,
          box: [320, 180, 640, 360],
          startSeconds: 1.5,
          endSeconds: null,
          explanation: 'the hand melts into the cup.',
        },
      ],
      explanation: '',
    });
  });
});

const TAGS =
  '<label>FAKE</label><coordinates>[250, 250, 500, 500]</coordinates><start_time>1.5</start_time>' +
  '<end_time>99</end_time><explanation>The hand melts.</explanation>';

describe('tags', () => {
  test('are read in the model’s convention, with times cut to the clip', () => {
    const parsed = parseClipAnswer(TAGS, 'tags', context('thousandths'));
    expect(parsed?.traces).toEqual([
      {
        category: null,
        box: [320, 180, 640, 360],
        startSeconds: 1.5,
        endSeconds: 6,
        explanation: 'The hand melts.',
      },
    ]);
  });

  test('several traces, white space, and what chat models put around an answer do no harm', () => {
    const second = TAGS.slice('<label>FAKE</label>'.length).replace('1.5', '2 s');
    const answer = `<think>\nHm, hands.\n</think>\n\`\`\`xml\n${TAGS}\n\n${second}\n\`\`\`<|im_end|>`;
    expect(parseClipAnswer(answer, 'tags', context('thousandths'))?.traces).toHaveLength(2);
  });

  test.each([
    'The video looks fake to me, the hand is odd.',
    TAGS.replace('<label>FAKE</label>', ''),
    TAGS.replace('FAKE', 'REAL'),
    TAGS.replace('FAKE', 'MAYBE'),
    TAGS.replace('[250, 250, 500, 500]', '[250, 250, 500]'),
    TAGS.replace('[250, 250, 500, 500]', '[250, 250, 1500, 1500]'),
    TAGS.replace('[250, 250, 500, 500]', 'the left hand'),
    TAGS.replace('<start_time>1.5', '<start_time>soon'),
    TAGS.replace('<start_time>1.5', '<start_time>-1'),
    TAGS.replace('<end_time>99', '<end_time>1'),
    TAGS.replace('The hand melts.', ''),
    TAGS.slice(0, -5),
    `${TAGS} I hope this helps!`,
    `Sure! ${TAGS}`,
    '',
  ])('malformed: %s', (answer) => {
    expect(parseClipAnswer(answer, 'tags', context('thousandths'))).toBeNull();
  });
});

describe('JSON', () => {
  const json = (trace: object): string => JSON.stringify({ label: 'FAKE', traces: [trace] });
  const good = { bbox_2d: [112, 63, 224, 126], start_time: 1, explanation: 'A third arm.' };

  test('is read strictly', () => {
    expect(parseClipAnswer(json(good), 'json', context('input-pixels'))?.traces).toEqual([
      {
        category: null,
        box: [320, 180, 640, 360],
        startSeconds: 1,
        endSeconds: null,
        explanation: 'A third arm.',
      },
    ]);
    for (const bad of [
      { ...good, confidence: 1 },
      { ...good, bbox_2d: ['112', 63, 224, 126] },
      { ...good, start_time: '1' },
      { ...good, explanation: ' ' },
    ]) {
      expect(parseClipAnswer(json(bad), 'json', context('input-pixels'))).toBeNull();
    }
  });
});

describe('answers about a region', () => {
  test('say natural or unnatural, and why', () => {
    expect(parseRegionAnswer('UNNATURAL: the fingers merge.')).toEqual({
      label: 'UNNATURAL',
      traces: [],
      explanation: 'the fingers merge.',
    });
    expect(parseRegionAnswer('Natural: a hand.')?.label).toBe('NATURAL');
    expect(parseRegionAnswer('It is unnatural: fingers')).toBeNull();
    expect(parseRegionAnswer('UNNATURAL:')).toBeNull();
  });

  test('Florence describes, and judges nothing', () => {
    expect(parseRegionCaption('</s><s>human hand<loc_250><loc_250><loc_500><loc_500></s>')).toEqual({
      label: null,
      traces: [],
      explanation: 'human hand',
    });
    expect(parseRegionCaption('</s><s><loc_1><loc_2></s>')).toBeNull();
    expect(parseRegionCaption('a<loc_1>b<loc_2>')).toBeNull();
  });
});

test('whatever a model says, reading it never throws, and never leaves the frame or the clip', () => {
  const number = fc.oneof(
    fc.integer({ min: -50, max: 2000 }),
    fc.double({ min: -1, max: 1, noNaN: true }).map((value) => Number(value.toFixed(3))),
  );
  const piece = fc.oneof(
    fc.constantFrom(
      '<label>FAKE</label>',
      '<label>REAL</label>',
      '```',
      '<think>',
      '</think>',
      ' ',
      '{',
      '}',
    ),
    fc
      .array(number, { minLength: 3, maxLength: 5 })
      .map((box) => `<coordinates>[${box.join(', ')}]</coordinates>`),
    number.map((value) => `<start_time>${value}</start_time>`),
    number.map((value) => `<end_time>${value}</end_time>`),
    fc.string().map((text) => `<explanation>${text}</explanation>`),
    fc.string(),
  );
  const trace = fc
    .tuple(fc.tuple(number, number, number, number), number, fc.option(number), fc.string({ minLength: 1 }))
    .map(
      ([box, start, end, text]) =>
        `<coordinates>[${box.join(',')}]</coordinates><start_time>${start}</start_time>` +
        `${end === null ? '' : `<end_time>${end}</end_time>`}<explanation>x${text.replaceAll(/[<>]/g, '')}</explanation>`,
    );
  const answer = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.array(trace).map((traces) => `<label>FAKE</label>${traces.join('\n')}`),
    fc.json(),
  );
  const format = fc.constantFrom<AnswerFormat>('tags', 'sentence', 'json', 'none');
  fc.assert(
    fc.property(answer, format, fc.constantFrom(...CONVENTIONS), (text, asked, boxes) => {
      const parsed = parseClipAnswer(text, asked, context(boxes));
      for (const { box, startSeconds, endSeconds } of parsed?.traces ?? []) {
        const [x0, y0, x1, y1] = box!;
        expect(x0 >= 0 && x0 < x1 && x1 <= 1280).toBe(true);
        expect(y0 >= 0 && y0 < y1 && y1 <= 720).toBe(true);
        expect(startSeconds! >= 0.5 && startSeconds! <= (endSeconds ?? 6)).toBe(true);
      }
      parseRegionAnswer(text);
      parseRegionCaption(text);
    }),
    { numRuns: 500 },
  );
});
