import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchModelAssets } from '../../src/lib/model-assets';
import { ReportDocumentSchema } from '../../src/lib/imports/report-schema';
import type { ErrorCode } from '../../workers/errors';
import { lyingFiles, makeMutant, truncations, type Bytes, type Mutant } from '../corpus/damage';
import { fixture } from '../support/fixture';
import { withTinyModel } from '../support/tiny-model';
import { WatchedDetector, type Ending } from '../support/watched-detector';

/** How each file of the corpus ends in Chromium; two where it depends on what the system decodes. */
const CORPUS: Record<string, Ending['as'] | readonly Ending['as'][]> = {
  '0.01-fps.mp4': 'report',
  '1000-fps.mp4': 'report',
  '1x1.webm': 'report',
  '8192x8192.webm': 'report',
  'audio-only.mp4': 'no-video-track',
  'audio-only.webm': 'no-video-track',
  'av1-10-bit.mp4': 'report',
  'av1.mp4': 'report',
  'av1.webm': 'report',
  'edit-list.mp4': 'report',
  'encrypted.mp4': 'unsupported-codec',
  'flv1.flv': 'not-a-video',
  'gigantic-metadata.mp4': 'report',
  'h264-10-bit.mp4': ['report', 'unsupported-codec'],
  'h264-444.mp4': ['report', 'unsupported-codec'],
  'h264-b-frames.mp4': 'report',
  'h264-faststart.mp4': 'report',
  'h264-fragmented.mp4': 'report',
  'h264-interlaced.mp4': 'report',
  'h264.mkv': 'report',
  'h264.mov': 'report',
  'h264.mp4': 'report',
  'h264.mpegts': 'report',
  'hevc.mp4': ['report', 'unsupported-codec'],
  'markup-in-metadata.mp4': 'report',
  'mjpeg.avi': 'not-a-video',
  'mpeg2.mpegts': 'no-video-track',
  'odd-size.webm': 'report',
  'one-frame.mp4': 'report',
  'rotated-180.mp4': 'report',
  'rotated-270.mp4': 'report',
  'rotated-90.mp4': 'report',
  'size-changes.webm': 'report',
  'subtitles-only.mkv': 'no-video-track',
  'subtitles-only.mp4': 'no-video-track',
  'theora.ogv': 'no-video-track',
  'very-wide.mp4': 'report',
  'vp8.webm': 'report',
  'vp9-10-bit.webm': 'report',
  'vp9-alpha.webm': 'report',
  'vp9-hdr.webm': 'report',
  'vp9.mp4': 'report',
  'vp9.webm': 'report',
  'wide-pixels.mp4': 'report',
  'with-sound.mp4': 'report',
};

/** Files that are damaged further: one a container and codec, all of a few kilobytes. */
const SEEDS = [
  'h264-faststart.mp4',
  'h264.mp4',
  'h264-fragmented.mp4',
  'h264-b-frames.mp4',
  'h264.mkv',
  'h264.mpegts',
  'with-sound.mp4',
  'edit-list.mp4',
  'vp8.webm',
  'vp9.webm',
  'vp9-alpha.webm',
  'av1.mp4',
  'av1.webm',
];

/** Seconds a file has: hundreds of times what it takes on an idle machine. */
const LIMIT = 60;

/** What ends an analysis for the file's sake. Any other code would mean that a file got at the machine. */
const FILE_CODES: readonly Ending['as'][] = [
  'report',
  'empty-file',
  'not-a-video',
  'no-video-track',
  'unsupported-codec',
  'truncated-file',
  'unreadable-file',
  'decode-failed',
] satisfies readonly (ErrorCode | 'report')[];

let detector: WatchedDetector;

async function bytesOf(name: string): Promise<Bytes> {
  return new Uint8Array(await (await fixture(`../corpus/files/${name}`)).arrayBuffer());
}

async function seeds(): Promise<Mutant[]> {
  return Promise.all(SEEDS.map(async (name) => ({ name, bytes: await bytesOf(name) })));
}

function judge({ name, bytes }: Mutant): Promise<Ending> {
  return detector.judge(new File([bytes], `${name} <img src=x onerror=alert(1)>`), LIMIT);
}

/** What is wrong with the way a file ended, if anything: a report must be a valid one, an error must say what to do. */
function objection({ as, message, report }: Ending): string | undefined {
  if (!FILE_CODES.includes(as)) {
    return `${as} ${message ?? ''}`;
  }
  if (report) {
    const written: unknown = JSON.parse(JSON.stringify(report));
    const { issues } = v.safeParse(ReportDocumentSchema, written, { abortEarly: true });
    return issues && `report with ${v.getDotPath(issues[0]) ?? ''}: ${issues[0].message}`;
  }
  return /^[A-Z].{20,}[.:;] .{10,}\.$/s.test(message ?? '') ? undefined : `no advice in “${message ?? ''}”`;
}

/** Judges damaged files one after the other, fails on any that ends otherwise than a file may, and tells the sums. */
async function judgeAll(title: string, files: Iterable<Mutant>): Promise<void> {
  const endings = new Map<string, number>();
  const wrong: string[] = [];
  let slowest = { name: '', seconds: 0 };
  for (const file of files) {
    const ending = await judge(file);
    const { as, seconds } = ending;
    endings.set(as, (endings.get(as) ?? 0) + 1);
    const fault = objection(ending);
    if (fault !== undefined) {
      wrong.push(`${file.name}: ${fault}`);
    }
    if (seconds > slowest.seconds) {
      slowest = { name: file.name, seconds };
    }
  }
  const sums = [...endings].sort((a, b) => b[1] - a[1]).map(([as, count]) => `${count} ${as}`);
  console.info(`${title}: ${sums.join(', ')}; slowest ${slowest.seconds.toFixed(1)} s (${slowest.name})`);
  expect(wrong).toEqual([]);
  await detector.expectNothingLeft();
  await expectGoodFileWorks();
}

async function expectGoodFileWorks(): Promise<void> {
  expect(await judge({ name: 'good', bytes: await bytesOf('h264.mp4') })).toMatchObject({ as: 'report' });
  expect(detector.workers, 'workers needed').toBe(1);
}

beforeAll(async () => {
  detector = new WatchedDetector(await withTinyModel(await fetchModelAssets()));
});

afterAll(() => {
  detector.dispose();
});

describe('the corpus', () => {
  test.each(Object.entries(CORPUS))('%s ends as %s', async (name, expected) => {
    const ending = await judge({ name, bytes: await bytesOf(name) });
    expect([expected].flat(), ending.message).toContain(ending.as);
    expect(objection(ending)).toBeUndefined();
    await detector.expectNothingLeft();
  });

  test('is judged in one worker, which a good file finds as it was', async () => {
    await expectGoodFileWorks();
    // Were nothing watched, nothing would ever be found left open.
    expect((await detector.count()).framesDecoded).toBeGreaterThan(100);
  });
});

describe('damage', () => {
  test('headers that lie', async () => {
    const lies = lyingFiles(
      await bytesOf('h264.mp4'),
      await bytesOf('h264-b-frames.mp4'),
      await bytesOf('h264-fragmented.mp4'),
    );
    await judgeAll(
      'lying headers',
      Object.entries(lies).map(([name, bytes]) => ({ name, bytes })),
    );
  }, 600_000);

  test.each([
    ['h264-faststart.mp4', /breaks off at second 0\.\d of 1\.2: only the 0\.\d s before were judged/],
    ['h264-fragmented.mp4', /breaks off at second 1\.0: only the 0\.\d s before were judged/],
    ['vp9.webm', /breaks off at second 0\.\d of 1\.2: only the 0\.\d s before were judged/],
    ['h264.mkv', /breaks off at second 0\.\d of 1\.2: only the 0\.\d s before were judged/],
  ])('%s cut off in its data is judged up to there, and says so', async (name, words) => {
    const bytes = await bytesOf(name);
    const { report, message } = await judge({ name, bytes: bytes.slice(0, bytes.length * 0.7) });
    expect(message).toBeUndefined();
    expect(report!.warnings.join(' ')).toMatch(words);
    expect(report!.video.durationSeconds).toBeLessThan(1.2);
    expect(report!.video.frameCount).toBeGreaterThan(1);
  });

  test('files cut off anywhere', async () => {
    await judgeAll(
      'cut off',
      (await seeds()).flatMap((seed) => truncations(seed, 8)),
    );
  }, 600_000);

  test('hundreds of mutated files', async () => {
    const env = import.meta.env as Record<string, string | undefined>;
    const seed = Number(env['VITE_FUZZ_SEED'] ?? 1);
    const count = Number(env['VITE_FUZZ_FILES'] ?? 500);
    const files = await seeds();
    const mutants = Array.from({ length: count }, (_, n) => makeMutant(files, seed, n));
    await judgeAll(`${count} mutated files of seed ${seed}`, mutants);
  }, 1_800_000);
});
