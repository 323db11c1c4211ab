import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { BackendChoice } from '../../workers/protocol';
import type { PredictionLine } from '../lib/scoring/prediction-line';
import { readMarks, readPredictions } from '../lib/scoring/predictions';
import { describeProblem, type Problem } from '../lib/scoring/problems';
import { convertReports, type ConvertedReports } from '../lib/scoring/report-lines';
import { readRewardData, type RewardVideo } from '../lib/scoring/reward-data';
import { scorePredictions } from '../lib/scoring/score';
import { scoreDocument } from '../lib/scoring/score-document';
import { formatScoreCard } from '../lib/scoring/table';
import { readBackend, readThreshold, UsageError } from './arguments';
import { installedModel } from './installed-model';
import { judgeVideos } from './judge-videos';

const HELP = `Usage: npm run --silent score -- --data DIR [--predictions FILE | --reports FILE] [OPTION]...
       npm run --silent score -- --reports FILE [--threshold P]

Scores predictions as DeeptraceReward (arXiv 2509.22646) does: JSON on standard output, and a table beside the published
rows on standard error. Without predictions or reports, the videos of the split are judged here, one after the other;
what has been judged is kept, and the same call goes on where it was interrupted.
Without --data, turns reports into prediction JSON lines on standard output.

Options:
  --data DIR           folder with RewardData's all_data.json
  --split NAME         videos to score (default: test)
  --predictions FILE   prediction JSON lines
  --reports FILE       reports, one a line, as "npm run --silent detect" prints them
  --threshold P        probability from which a report counts as FAKE (default: the model's own threshold)
  --marks FILE         a judge's marks of the explanations: JSON lines {"video_id", "trace", "mark"}, trace counted
                       from 1 in the order of the video's rows, mark 0, 0.5 or 1; without them Overall is partial
  --work FILE          where reports are kept while videos are judged (default: tellscope-reports.jsonl in DIR)
  --backend auto|webgpu|wasm, --browser PATH
                       how videos are judged, as for "npm run --silent detect"
  --json               print the JSON only
  --table              print the table only, on standard output
  --help               print this text

Whatever cannot be read is named on standard error.
Exit status: 0 when all was read, 1 when rows of the data set or lines of the reports had to be left out or a file
cannot be read, 2 when called wrongly, 130 when interrupted. Missing or malformed predictions, and videos that cannot be
judged, are no failure: they score worst.
`;

type Options = {
  data: string | undefined;
  split: string;
  predictions: string | undefined;
  reports: string | undefined;
  threshold: number | undefined;
  marks: string | undefined;
  work: string | undefined;
  backend: BackendChoice;
  browser: string | undefined;
  json: boolean;
  table: boolean;
  help: boolean;
};

function readOptions(argv: readonly string[]): Options {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        split: { type: 'string', default: 'test' },
        predictions: { type: 'string' },
        reports: { type: 'string' },
        threshold: { type: 'string' },
        marks: { type: 'string' },
        work: { type: 'string' },
        backend: { type: 'string', default: 'auto' },
        browser: { type: 'string' },
        json: { type: 'boolean', default: false },
        table: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const { data, split, predictions, reports, marks, work, browser, json, table, help } = values;
  const options: Options = {
    data,
    split,
    predictions,
    reports,
    marks,
    work,
    browser,
    backend: readBackend(values.backend),
    json,
    table,
    help,
    threshold: readThreshold(values.threshold),
  };
  if (!help && predictions !== undefined && reports !== undefined) {
    throw new UsageError('Name either --predictions or --reports.');
  }
  if (!help && data === undefined && reports === undefined) {
    throw new UsageError('Name the data set with --data.');
  }
  if (json && table) {
    throw new UsageError('Name either --json or --table.');
  }
  return options;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = readOptions(argv);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    return await run(options);
  } catch (error) {
    const usage = error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(usage ? `${message}\n\n${HELP}` : `${message}\n`);
    return usage ? 2 : 1;
  }
}

async function run(options: Options): Promise<number> {
  const { data, reports } = options;
  if (data === undefined) {
    const { lines, problems } = convert(reports ?? '', options);
    tell(reports, problems);
    process.stdout.write(toText(lines));
    return problems.length > 0 ? 1 : 0;
  }
  return score(data, options);
}

async function score(data: string, options: Options): Promise<number> {
  const { split, marks, json, table } = options;
  const rewardFile = path.join(data, 'all_data.json');
  const reward = readRewardData(readFileSync(rewardFile, 'utf8'));
  tell(rewardFile, reward.problems);
  const videos = reward.videos.filter((video) => video.split === split);
  if (videos.length === 0) {
    const splits = [...new Set(reward.videos.map((video) => video.split))].join(', ');
    throw new Error(`There are no videos in split "${split}" of ${rewardFile}; it has: ${splits || 'none'}.`);
  }
  const found = await answersOf(data, videos, options);
  if (!found) {
    return 130;
  }
  const answers = readPredictions(found.text);
  tell(options.predictions, answers.problems);
  const judged = marks === undefined ? undefined : readMarks(readFileSync(marks, 'utf8'));
  tell(marks, judged?.problems);
  const card = scorePredictions(videos, answers.byVideo, judged?.byTrace);
  const models = [...new Set([...answers.byVideo.values()].map(({ modelId }) => modelId))];
  const model = models.filter((name) => name !== undefined).join(', ') || 'predictions';
  const leftOut = [...reward.problems, ...found.problems];
  if (!table) {
    process.stdout.write(`${JSON.stringify(scoreDocument(model, split, card, leftOut), null, 2)}\n`);
  }
  if (!json) {
    (table ? process.stdout : process.stderr).write(formatScoreCard(card, model));
  }
  return leftOut.length > 0 ? 1 : 0;
}

/** The prediction lines to score, from a file or by judging the videos; nothing when that was interrupted. */
async function answersOf(
  data: string,
  videos: readonly RewardVideo[],
  options: Options,
): Promise<{ text: string; problems: Problem[] } | undefined> {
  const { predictions, reports } = options;
  if (predictions !== undefined) {
    return { text: readFileSync(predictions, 'utf8'), problems: [] };
  }
  if (reports !== undefined) {
    const { lines, problems } = convert(reports, options);
    tell(reports, problems);
    return { text: toText(lines), problems };
  }
  const work = options.work ?? path.join(data, 'tellscope-reports.jsonl');
  const lines = await judgeVideos(data, videos, work, options);
  return lines && { text: toText(lines), problems: [] };
}

function convert(reports: string, { threshold }: Options): ConvertedReports {
  return convertReports(readFileSync(reports, 'utf8'), threshold ?? installedModel().threshold);
}

function toText(lines: readonly PredictionLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function tell(file: string | undefined, problems: readonly Problem[] | undefined): void {
  for (const problem of problems ?? []) {
    process.stderr.write(`${file ?? 'predictions'}: ${describeProblem(problem)}\n`);
  }
}

process.exitCode = await main(process.argv.slice(2));
