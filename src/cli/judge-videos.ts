import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../../workers/report';
import type { PredictionLine } from '../lib/scoring/prediction-line';
import { toPredictionLine } from '../lib/scoring/prediction-line';
import { jsonLines } from '../lib/scoring/predictions';
import { noAnswer } from '../lib/scoring/report-lines';
import type { RewardVideo } from '../lib/scoring/reward-data';
import { check } from '../lib/scoring/problems';
import { ReportDocumentSchema } from '../lib/imports/report-schema';
import { installedModel } from './installed-model';
import { judgeFiles, type JudgeOptions } from './judge-files';

/**
 * Judges the videos of a data set, those left out that the file of reports has already: of the same name and size, by
 * the installed model. Each new report is appended at once, so that the next call goes on where this one ended.
 *
 * @param work file of reports, one a line; made where there is none.
 * @returns one prediction line a video, or nothing when it was interrupted.
 */
export async function judgeVideos(
  data: string,
  videos: readonly RewardVideo[],
  work: string,
  options: Omit<JudgeOptions, 'browserArgs'> & { threshold: number | undefined },
): Promise<PredictionLine[] | undefined> {
  const model = installedModel();
  const reports = readEarlier(work, model.sha256);
  const files = new Map(videos.map(({ videoId, path: place }) => [path.resolve(data, place), videoId]));
  const errors = new Map<string, string>();
  const waiting = [...files.keys()].filter((file) => !reports.has(keyOf(file)));
  if (waiting.length < files.size) {
    process.stderr.write(
      `${files.size - waiting.length} of ${files.size} videos were judged earlier (${work}).\n`,
    );
  }
  if (waiting.length > 0) {
    // A last line that was cut off by an interruption must not take the next one with it.
    const open = existsSync(work) && !readFileSync(work, 'utf8').endsWith('\n');
    appendFileSync(work, open ? '\n' : '');
    const { interrupted } = await judgeFiles(waiting, { ...options, browserArgs: [] }, (file, outcome) => {
      if (outcome.ok) {
        appendFileSync(work, `${JSON.stringify(outcome.value)}\n`);
        reports.set(keyOf(file), outcome.value);
      } else {
        errors.set(file, `${outcome.error.code}: ${outcome.error.message}`);
      }
      return Promise.resolve();
    });
    if (interrupted) {
      return undefined;
    }
  }
  const threshold = options.threshold ?? model.threshold;
  return [...files].map(([file, videoId]) => {
    const report = reports.get(keyOf(file));
    const line = report
      ? toPredictionLine(report, threshold)
      : { ...noAnswer(path.basename(file), errors.get(file) ?? 'not judged'), model_id: model.name };
    return { ...line, video_id: videoId };
  });
}

function readEarlier(work: string, modelSha256: string): Map<string, Report> {
  const reports = new Map<string, Report>();
  if (existsSync(work)) {
    for (const { value } of jsonLines(readFileSync(work, 'utf8'), [])) {
      const read = check(ReportDocumentSchema, value, '');
      if (read.ok && read.value.model.sha256 === modelSha256) {
        reports.set(`${read.value.file.bytes} ${read.value.file.name}`, read.value);
      }
    }
  }
  return reports;
}

/** Tells files apart as far as a report does without reading them again. */
function keyOf(file: string): string {
  return `${statSync(file, { throwIfNoEntry: false })?.size ?? 0} ${path.basename(file)}`;
}
