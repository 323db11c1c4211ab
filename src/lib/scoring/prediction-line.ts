import type { Band, Category, Report } from '../../../workers/report';

/** One line of a prediction file, as the community's tools read it; times in seconds, boxes in pixels. */
export type PredictionLine = {
  video_id: string;
  model_id: string;
  task: 'reasoning';
  predicted_label: 'REAL' | 'FAKE' | null;
  fake_probability: number | null;
  start_time: number | null;
  end_time: number | null;
  bbox: { left: number; top: number; width: number; height: number } | null;
  explanation: string | null;
  latency_seconds: number | null;
  quantization: string | null;
  error: string | null;
};

/** The parts of a report that a prediction is made of. */
export type PredictionSource = {
  file: { name: string };
  model: Pick<Report['model'], 'id' | 'version' | 'precision'>;
  verdict: { band: Band; fakeProbability: number };
  traces: {
    category: Category;
    startSeconds: number;
    endSeconds: number;
    box: Report['traces'][number]['box'];
    explanation: string;
  }[];
  timing: { totalSeconds: number };
};

/** The name RewardData knows a video by: that of its file, without the ending. */
export function videoIdOf(fileName: string): string {
  return fileName.replace(/\.[^.]+$/, '');
}

/** Whether a verdict counts as FAKE where only REAL and FAKE are known: by its band, or from the threshold on. */
export function isFake({ band, fakeProbability }: PredictionSource['verdict'], threshold: number): boolean {
  return band === 'substantial-evidence' || fakeProbability >= threshold;
}

/**
 * DeeptraceReward's answer on one video: the benchmark knows only REAL and FAKE, and one trace. The label is FAKE when
 * the band says so or the probability reaches the threshold; place, time and reason are those of the top trace.
 *
 * @param threshold probability from which a clip is called FAKE, 0..1.
 */
export function toPredictionLine(report: PredictionSource, threshold: number): PredictionLine {
  const { file, model, verdict, traces, timing } = report;
  const fake = isFake(verdict, threshold);
  const trace = fake ? traces[0] : undefined;
  const [x0, y0, x1, y1] = trace?.box ?? [0, 0, 0, 0];
  return {
    video_id: videoIdOf(file.name),
    model_id: `${model.id} ${model.version}`,
    task: 'reasoning',
    predicted_label: fake ? 'FAKE' : 'REAL',
    fake_probability: verdict.fakeProbability,
    start_time: trace?.startSeconds ?? null,
    end_time: trace?.endSeconds ?? null,
    bbox: trace ? { left: x0, top: y0, width: x1 - x0, height: y1 - y0 } : null,
    explanation: trace?.explanation ?? null,
    latency_seconds: timing.totalSeconds,
    quantization: model.precision,
    error: null,
  };
}
