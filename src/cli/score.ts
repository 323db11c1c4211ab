import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseManifest } from '../../workers/model/manifest';
import { PUBLISHED_ROWS } from '../lib/scoring/published';
import { readMarks, readPredictions } from '../lib/scoring/predictions';
import { describeProblem, type Problem } from '../lib/scoring/problems';
import { convertReports } from '../lib/scoring/report-lines';
import { readRewardData } from '../lib/scoring/reward-data';
import { scorePredictions } from '../lib/scoring/score';
import { formatScoreCard } from '../lib/scoring/table';
import { UsageError } from './arguments';
import { ROOT } from './install.mjs';

const HELP = `Usage: npm run --silent score -- --data DIR (--predictions FILE | --reports FILE) [OPTION]...
       npm run --silent score -- --reports FILE [--threshold P]

Scores predictions as DeeptraceReward (arXiv 2509.22646) does and prints a table beside the published rows.
Without --data, turns reports into prediction JSON lines on standard output.

Options:
  --data DIR           folder with RewardData's all_data.json
  --split NAME         videos to score (default: test)
  --predictions FILE   prediction JSON lines
  --reports FILE       reports, one a line, as "npm run --silent detect" prints them
  --threshold P        probability from which a report counts as FAKE (default: the model's own threshold)
  --marks FILE         a judge's marks of the explanations: JSON lines {"video_id", "trace", "mark"}, trace counted
                       from 1 in the order of the video's rows, mark 0, 0.5 or 1; without them Overall is partial
  --json               print JSON in place of the table
  --help               print this text

Whatever cannot be read is named on standard error.
Exit status: 0 when all was read, 1 when rows of the data set or lines of the reports had to be left out or a file
cannot be read, 2 when called wrongly. Missing or malformed predictions are no failure: they score worst.
`;

type Options = {
  data: string | undefined;
  split: string;
  predictions: string | undefined;
  reports: string | undefined;
  threshold: number | undefined;
  marks: string | undefined;
  json: boolean;
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
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const { data, split, predictions, reports, marks, json, help } = values;
  const options: Options = {
    data,
    split,
    predictions,
    reports,
    marks,
    json,
    help,
    threshold: readThreshold(values.threshold),
  };
  if (!help && (predictions === undefined) === (reports === undefined)) {
    throw new UsageError('Name either --predictions or --reports.');
  }
  if (!help && data === undefined && predictions !== undefined) {
    throw new UsageError('Name the data set with --data.');
  }
  return options;
}

function readThreshold(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value <= 1)) {
    throw new UsageError(`--threshold is a number from 0 to 1, not "${text}".`);
  }
  return value;
}

/** The probability from which the installed model gives its band of substantial evidence. */
function installedThreshold(): number {
  const file = path.join(ROOT, 'public/models/tracenet/model.json');
  return parseManifest(readFileSync(file, 'utf8')).verdict.bands.substantialEvidence;
}

function main(argv: readonly string[]): number {
  try {
    const options = readOptions(argv);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    return run(options);
  } catch (error) {
    const usage = error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(usage ? `${message}\n\n${HELP}` : `${message}\n`);
    return usage ? 2 : 1;
  }
}

function run({ data, split, predictions, reports, threshold, marks, json }: Options): number {
  const converted =
    reports === undefined
      ? undefined
      : convertReports(readFileSync(reports, 'utf8'), threshold ?? installedThreshold());
  const lines = converted?.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  tell(reports, converted?.problems);
  if (data === undefined) {
    process.stdout.write(lines ?? '');
    return converted && converted.problems.length > 0 ? 1 : 0;
  }
  const rewardFile = path.join(data, 'all_data.json');
  const reward = readRewardData(readFileSync(rewardFile, 'utf8'));
  tell(rewardFile, reward.problems);
  const answers = readPredictions(lines ?? readFileSync(predictions ?? '', 'utf8'));
  tell(predictions, answers.problems);
  const judged = marks === undefined ? undefined : readMarks(readFileSync(marks, 'utf8'));
  tell(marks, judged?.problems);
  const videos = reward.videos.filter((video) => video.split === split);
  if (videos.length === 0) {
    const splits = [...new Set(reward.videos.map((video) => video.split))].join(', ');
    throw new Error(`There are no videos in split "${split}" of ${rewardFile}; it has: ${splits || 'none'}.`);
  }
  const card = scorePredictions(videos, answers.byVideo, judged?.byTrace);
  const models = [...new Set([...answers.byVideo.values()].map(({ modelId }) => modelId))];
  const model = models.filter((name) => name !== undefined).join(', ') || 'predictions';
  const leftOut = [...reward.problems, ...(converted?.problems ?? [])];
  process.stdout.write(
    json
      ? `${JSON.stringify({ model, split, ...card, leftOut, published: PUBLISHED_ROWS }, null, 2)}\n`
      : formatScoreCard(card, model),
  );
  return leftOut.length > 0 ? 1 : 0;
}

function tell(file: string | undefined, problems: readonly Problem[] | undefined): void {
  for (const problem of problems ?? []) {
    process.stderr.write(`${file ?? 'predictions'}: ${describeProblem(problem)}\n`);
  }
}

process.exitCode = main(process.argv.slice(2));
