import path from 'node:path';
import type { Report } from '../workers/report';
import { DetectorBrowser } from '../src/cli/detector-browser';
import { ROOT } from '../src/cli/install.mjs';
import { seconds, times, type Bench, type Part } from './part';
import { timeSeeking } from './seeking';

/** The clip that is judged: 10 s of 720p, made by `make-clip.sh`. */
export const CLIP = path.join(ROOT, 'bench', 'clip-720p.mp4');
const SAMPLES_PER_SECOND = 6;

/** One run of the detector. */
type Run = Report['timing'] & { modelLoadSeconds: number };

/**
 * How long it takes to judge a 10 s 720p clip on the processor, by stage, and to get its frames, compared with seeking a
 * video element to the same times.
 */
export async function measureAnalysis({ url, executablePath, runs: runCount }: Bench): Promise<Part> {
  const runs: Run[] = [];
  let seekSeconds = Infinity;
  let last: Report | undefined;
  for (let index = 0; index < runCount; index++) {
    // A fresh browser each time: nothing is compiled or cached yet, as on a first visit.
    const browser = new DetectorBrowser(url, 'wasm', { executablePath, args: [] });
    try {
      const opened = performance.now();
      let modelLoadSeconds = NaN;
      const outcome = await browser.detect(CLIP, (event) => {
        if (event.type === 'model') {
          modelLoadSeconds = (performance.now() - opened) / 1000;
        }
      });
      if (!outcome.ok) {
        throw new Error(outcome.error.message);
      }
      last = outcome.value;
      runs.push({ ...last.timing, modelLoadSeconds });
      const page = await browser.open();
      const taken = await timeSeeking(page, '#files', sampleTimes(last.video.durationSeconds));
      seekSeconds = Math.min(seekSeconds, taken);
    } finally {
      await browser.close();
    }
  }
  const best = runs.toSorted((a, b) => a.totalSeconds - b.totalSeconds)[0];
  if (!last || !best) {
    throw new Error('Nothing was measured.');
  }
  const { model, video } = last;
  return {
    title: `Judging ${video.durationSeconds.toFixed(1)} s of ${video.width}x${video.height} with ${model.id} ${model.version} (${model.backend}, ${model.precision}), best of ${runs.length}`,
    rows: [
      ['model load, golden test included', seconds(best.modelLoadSeconds)],
      ['decode', seconds(best.decodeSeconds)],
      ['preprocess', seconds(best.preprocessSeconds)],
      ['inference', seconds(best.inferenceSeconds)],
      ['hash (beside the rest)', seconds(best.hashSeconds)],
      ['total, without model load', seconds(best.totalSeconds)],
      ['clip seconds per wall second', (video.durationSeconds / best.totalSeconds).toFixed(2)],
      ['same frames by seeking a <video>', seconds(seekSeconds)],
      ['decoding is faster than seeking by', times(seekSeconds / best.decodeSeconds)],
    ],
    result: { model, clip: video, best, runs, seekSeconds },
  };
}

/** The times at which the detector looks at a clip. */
export function sampleTimes(durationSeconds: number): number[] {
  return Array.from(
    { length: Math.floor(durationSeconds * SAMPLES_PER_SECOND) },
    (_, index) => index / SAMPLES_PER_SECOND,
  );
}
