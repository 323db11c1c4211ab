/** One row of scores on DeeptraceReward's test split, 0..100. */
export type PublishedRow = {
  model: string;
  overall: number;
  accuracy: number;
  fakeAccuracy: number;
  realAccuracy: number;
  explanation: number;
  boxIou: number;
  boxDistance: number;
  timeDistance: number;
};

/** A row of Table 2, in the order of its columns. */
type Line = [
  model: string,
  overall: number,
  accuracy: number,
  fakeAccuracy: number,
  realAccuracy: number,
  explanation: number,
  boxIou: number,
  boxDistance: number,
  timeDistance: number,
];

const TABLE_2: Line[] = [
  ['GPT-5', 35.5, 90.7, 84.6, 98.8, 40.9, 10.4, 37.0, 100.0],
  ['GPT-4.1', 36.5, 92.9, 89.1, 97.9, 31.3, 21.8, 23.7, 100.0],
  ['Gemini 2.5 Pro', 30.0, 84.3, 75.7, 95.8, 26.8, 8.9, 44.7, 100.0],
  ['Gemini 2.5 Flash', 23.0, 74.5, 56.8, 97.9, 10.3, 6.3, 68.7, 99.0],
  ['Qwen 2.5 VL 7B', 15.7, 51.7, 20.2, 93.4, 10.5, 0.6, 87.9, 99.9],
  ['Qwen 2.5 VL 72B', 17.3, 50.0, 16.6, 94.3, 7.4, 0.1, 90.7, 88.2],
  ['VideoLLaMA 3 7B', 10.0, 38.1, 4.3, 82.8, 1.8, 0.0, 100.0, 100.0],
  ['fine-tuned Qwen 2.5 VL 7B', 38.4, 74.7, 55.7, 100.0, 33.3, 1.7, 63.0, 56.2],
  ['fine-tuned VideoLLaMA 3 7B', 70.2, 99.4, 99.3, 99.4, 70.6, 32.6, 13.6, 21.9],
];

/** Table 2 of arXiv 2509.22646v2: the test split, 332 generated and 332 real videos. */
export const PUBLISHED_ROWS: PublishedRow[] = TABLE_2.map(
  ([model, overall, accuracy, fakeAccuracy, realAccuracy, explanation, iou, boxDistance, timeDistance]) => ({
    model,
    overall,
    accuracy,
    fakeAccuracy,
    realAccuracy,
    explanation,
    boxIou: iou,
    boxDistance,
    timeDistance,
  }),
);
