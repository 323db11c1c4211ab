import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CATEGORIES, type Box, type Report, type Trace } from '../workers/report';
import { makeReport } from '../src/lib/report.fixture';

const run = promisify(execFile);

/** The clip of the player's benchmark: 10 min of 1080p. */
export const LONG_CLIP = { width: 1920, height: 1080, framesPerSecond: 60, seconds: 600, traces: 200 };
/** So much is encoded; the rest repeats it. */
const PERIOD_SECONDS = 10;
/** How long a trace lasts: of 200 in 10 min, ten are to be seen at any time. */
const TRACE_SECONDS = 30;
const TUBE_POINTS_PER_SECOND = 6;

/** A clip and a report about it, as files. */
export type LongClip = { video: string; report: string; remove: () => void };

/**
 * Makes the clip with ffmpeg, and a report as if the model had found 200 traces in it.
 *
 * @throws {Error} when there is no ffmpeg.
 */
export async function makeLongClip(): Promise<LongClip> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tellscope-bench-'));
  const [period, video, report] = ['period.mp4', 'long.mp4', 'long.report.json'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const { width, height, framesPerSecond, seconds } = LONG_CLIP;
  const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];
  try {
    await run('ffmpeg', [
      ...quiet,
      ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${framesPerSecond}`],
      ...['-t', String(PERIOD_SECONDS), '-pix_fmt', 'yuv420p'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '26', '-g', String(framesPerSecond), period],
    ]);
    const repeats = String(seconds / PERIOD_SECONDS - 1);
    await run('ffmpeg', [...quiet, '-stream_loop', repeats, '-i', period, '-c', 'copy', video]);
    writeFileSync(report, JSON.stringify(await reportOn(video)));
    return { video, report, remove };
  } catch (error) {
    remove();
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw missing ? new Error('The clip of this part is made with ffmpeg, which is not installed.') : error;
  }
}

async function reportOn(video: string): Promise<Report> {
  const { width, height, framesPerSecond, seconds, traces } = LONG_CLIP;
  const hash = createHash('sha256');
  for await (const part of createReadStream(video)) {
    hash.update(part as Buffer);
  }
  const windowCount = Math.floor((seconds - 2) / 1.5);
  return makeReport({
    file: { name: path.basename(video), bytes: statSync(video).size, sha256: hash.digest('hex') },
    video: {
      ...makeReport().video,
      ...{ width, height, durationSeconds: seconds, frameCount: seconds * framesPerSecond },
      averageFrameRate: framesPerSecond,
    },
    traces: Array.from({ length: traces }, (_, index) => traceNumber(index)),
    windows: Array.from({ length: windowCount }, (_, index) => ({
      startSeconds: index * 1.5,
      endSeconds: index * 1.5 + 2,
      fakeProbability: 0.5 + 0.4 * Math.sin(index / 7),
      interval: { low: 0.1, high: 0.95 },
      quality: { brightness: 100, detail: 4 + 3 * Math.sin(index / 5), blockiness: 1.1 },
    })),
  });
}

/** A trace whose box goes round in a circle, in another place than its neighbours'. */
function traceNumber(index: number): Trace {
  const { width, height, seconds, traces } = LONG_CLIP;
  const startSeconds = (index / traces) * (seconds - TRACE_SECONDS);
  const side = 120 + (index % 7) * 30;
  const boxAt = (turn: number): Box => {
    const x = (width - side) * (0.5 + 0.35 * Math.cos(index * 2.4) + 0.15 * Math.cos(turn));
    const y = (height - side) * (0.5 + 0.35 * Math.sin(index * 2.4) + 0.15 * Math.sin(turn));
    return [x, y, x + side, y + side];
  };
  const points = TRACE_SECONDS * TUBE_POINTS_PER_SECOND;
  return {
    id: `trace-${index + 1}`,
    category: CATEGORIES[index % CATEGORIES.length] ?? CATEGORIES[0],
    score: 0.95 - (index / traces) * 0.6,
    startSeconds,
    endSeconds: startSeconds + TRACE_SECONDS,
    box: boxAt(0),
    track: Array.from({ length: points + 1 }, (_, point) => ({
      timeSeconds: startSeconds + point / TUBE_POINTS_PER_SECOND,
      box: boxAt(point / 9),
    })),
    explanation: `Trace ${index + 1}, made up for the benchmark.`,
    explanationSource: 'grammar',
  };
}
