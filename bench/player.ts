import type { Page } from 'playwright-core';
import { LONG_CLIP, makeLongClip, type LongClip } from './long-clip';
import { median, milliseconds, onPage, times, type Bench, type Part } from './part';

/** How long the clip is played for one figure, and from where: boxes have come by then. */
const PLAY_SECONDS = 10;
const FROM_SECONDS = 120;
/** Single frames stepped in each direction for one figure. */
const STEPS = 60;
/** A frame of the page later than this after the one before is a long one. */
const LONG_FRAME_MS = 50;

/** What was seen while the clip played. */
type Playing = {
  /** Frames that the page drew, frames of the video that came on screen, and moves of the boxes, per second. */
  pageFrames: number;
  videoFrames: number;
  boxMoves: number;
  /** Pauses of the page over 50 ms. */
  longFrames: number;
  /** Processor time of the page's thread for each frame of the video on screen, in milliseconds. */
  workPerFrame: number;
};

/** Median time from the wish to the frame, in milliseconds. */
type Stepping = { forward: number; back: number };

/**
 * The player on 10 min of 1080p at 60 frames/s with 200 traces: what the overlay costs while the clip plays, beside no
 * overlay at all and beside writing all traces anew as SVG for every frame; and steps of one frame, beside seeking a video
 * element.
 */
export async function measurePlayer(bench: Bench): Promise<Part> {
  const clip = await makeLongClip();
  try {
    const runs: { off: Playing; ours: Playing; rewritten: Playing; step: Stepping; seek: Stepping }[] = [];
    for (let run = 0; run < bench.runs; run++) {
      runs.push(
        await onPage(bench, async (page) => {
          await open(page, clip);
          const ours = await play(page);
          await page.keyboard.press('b');
          const off = await play(page);
          const rewritten = await play(page, traceBoxes());
          await page.keyboard.press('b');
          return { ours, off, rewritten, step: await step(page), seek: await seek(page) };
        }),
      );
    }
    const best = runs.toSorted((a, b) => a.ours.workPerFrame - b.ours.workPerFrame)[0];
    if (!best) {
      throw new Error('Nothing was measured.');
    }
    const { ours, off, rewritten } = best;
    const least = (pick: (run: (typeof runs)[number]) => number): number => Math.min(...runs.map(pick));
    const forward = [least(({ step }) => step.forward), least(({ seek }) => seek.forward)] as const;
    const back = [least(({ step }) => step.back), least(({ seek }) => seek.back)] as const;
    const perSecond = (value: number): string => `${value.toFixed(1)} /s`;
    const { width, height, framesPerSecond, seconds, traces } = LONG_CLIP;
    return {
      title: `The player: ${seconds / 60} min of ${width}x${height} at ${framesPerSecond} frames/s with ${traces} traces, best of ${bench.runs}`,
      rows: [
        ['page frames, overlay on', perSecond(ours.pageFrames)],
        ['moves of the boxes', perSecond(ours.boxMoves)],
        ['video frames on screen, overlay on', perSecond(ours.videoFrames)],
        ['video frames on screen, overlay off', perSecond(off.videoFrames)],
        ['video frames on screen, all traces rewritten as SVG', perSecond(rewritten.videoFrames)],
        [`page frames over ${LONG_FRAME_MS} ms: overlay on`, String(ours.longFrames)],
        ['  overlay off', String(off.longFrames)],
        ['  all traces rewritten', String(rewritten.longFrames)],
        ['processor time of the page’s thread a frame: overlay on', milliseconds(ours.workPerFrame)],
        ['  overlay off', milliseconds(off.workPerFrame)],
        ['  all traces rewritten', milliseconds(rewritten.workPerFrame)],
        ['frames/s that this time leaves room for', perSecond(1000 / ours.workPerFrame)],
        ['overlay is cheaper than rewriting by', times(rewritten.workPerFrame / ours.workPerFrame)],
        ['one frame forward', milliseconds(forward[0])],
        ['  by seeking a <video>', milliseconds(forward[1])],
        ['  faster by', times(forward[1] / forward[0])],
        ['one frame back', milliseconds(back[0])],
        ['  by seeking a <video>', milliseconds(back[1])],
        ['  faster by', times(back[1] / back[0])],
      ],
      result: { clip: LONG_CLIP, runs },
    };
  } finally {
    clip.remove();
  }
}

async function open(page: Page, { video, report }: LongClip): Promise<void> {
  const input = page.locator('input[type=file]').first();
  await input.setInputFiles(report);
  await page.getByRole('heading', { name: 'Details for the record' }).waitFor();
  await page.locator('input[type=file]').first().setInputFiles(video);
  await page.getByText('The video is the one it was made from').waitFor();
  await page.locator('.stage .picture.shown').waitFor();
  await page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('.stage video');
    if (video) {
      video.muted = true;
    }
  });
}

/** Where the boxes of all traces are, for the alternative: `[onset, offset, x, y, width, height]` each. */
function traceBoxes(): number[][] {
  const { seconds, traces } = LONG_CLIP;
  return Array.from({ length: traces }, (_, index) => {
    const start = (index / traces) * seconds;
    return [start, start + 30, (index * 37) % 90, (index * 53) % 80, 8, 14];
  });
}

/** Plays for a while and counts; with `rewrite`, writes those boxes and their names anew for each frame. */
async function play(page: Page, rewrite?: number[][]): Promise<Playing> {
  const session = await page.context().newCDPSession(page);
  // Of its own, not by the clock: what else the machine does is not the page's work.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskSeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
  };
  await page.evaluate(async (from) => {
    const seek = document.querySelector<HTMLInputElement>('.seek');
    const video = document.querySelector<HTMLVideoElement>('.stage video');
    if (!seek || !video) {
      throw new Error('There is no player.');
    }
    seek.value = String(from);
    seek.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await new Promise((resolve) => {
      video.addEventListener('playing', resolve, { once: true });
      document.querySelector<HTMLButtonElement>('.surface')?.click();
    });
    // The first frames are those of a start, not of playing.
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }, FROM_SECONDS);
  const before = await taskSeconds();
  const counted = await page.evaluate(
    async ({ milliseconds: length, long, boxes }) => {
      const video = document.querySelector<HTMLVideoElement>('.stage video');
      const stage = document.querySelector<HTMLElement>('.stage');
      if (!video || !stage) {
        throw new Error('There is no player.');
      }
      const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      svg.setAttribute('viewBox', '0 0 100 100');
      svg.setAttribute('style', 'position: absolute; inset: 0; width: 100%; height: 100%');
      if (boxes) {
        stage.append(svg);
      }
      const found = { pageFrames: 0, videoFrames: 0, boxMoves: 0, longFrames: 0, milliseconds: 0 };
      const started = performance.now();
      let last = started;
      let place = '';
      let running = true;
      const moves = new MutationObserver(() => {
        const now = document.querySelector('.overlay rect.stroke')?.getAttribute('x') ?? '';
        found.boxMoves += now === place ? 0 : 1;
        place = now;
      });
      const overlay = document.querySelector('.overlay');
      if (overlay) {
        moves.observe(overlay, { subtree: true, attributes: true, childList: true });
      }
      const tick = [
        (now: number): void => {
          found.pageFrames += 1;
          found.longFrames += now - last > long ? 1 : 0;
          last = now;
          if (running && tick[0]) {
            requestAnimationFrame(tick[0]);
          }
        },
      ];
      const shown: VideoFrameRequestCallback[] = [
        (_now, { mediaTime }) => {
          found.videoFrames += 1;
          if (boxes) {
            svg.innerHTML = boxes
              .map(([start = 0, end = 0, x = 0, y = 0, width = 0, height = 0], index) => {
                const opacity = start <= mediaTime && mediaTime <= end ? 1 : 0;
                const left = x + Math.sin(mediaTime + index);
                return `<g opacity="${opacity}"><rect x="${left}" y="${y}" width="${width}" height="${height}" fill="none" stroke="#000"/><rect x="${left}" y="${y}" width="${width}" height="${height}" fill="none" stroke="#fc6" stroke-dasharray="3 1" stroke-width=".5"/><text x="${left}" y="${y}" font-size="3">Trace ${index}</text></g>`;
              })
              .join('');
          }
          if (running && shown[0]) {
            video.requestVideoFrameCallback(shown[0]);
          }
        },
      ];
      if (tick[0] && shown[0]) {
        requestAnimationFrame(tick[0]);
        video.requestVideoFrameCallback(shown[0]);
      }
      await new Promise((resolve) => setTimeout(resolve, length));
      running = false;
      found.milliseconds = performance.now() - started;
      moves.disconnect();
      svg.remove();
      return found;
    },
    { milliseconds: PLAY_SECONDS * 1000, long: LONG_FRAME_MS, boxes: rewrite },
  );
  const work = (await taskSeconds()) - before;
  await page.evaluate(() => document.querySelector<HTMLButtonElement>('.surface')?.click());
  await page.locator('.stage .picture.shown').waitFor();
  await session.detach();
  const rate = (count: number): number => count / (counted.milliseconds / 1000);
  return {
    pageFrames: rate(counted.pageFrames),
    videoFrames: rate(counted.videoFrames),
    boxMoves: rate(counted.boxMoves),
    longFrames: counted.longFrames,
    workPerFrame: (work * 1000) / counted.videoFrames,
  };
}

/** Steps with the arrow keys of the player, each as soon as the frame before it is on screen. */
async function step(page: Page): Promise<Stepping> {
  const taken = await page.evaluate(async (steps) => {
    const readout = document.querySelector('.time .frame');
    const surface = document.querySelector<HTMLElement>('.surface');
    if (!readout || !surface) {
      throw new Error('There is no player.');
    }
    const found: Record<string, number[]> = { ArrowRight: [], ArrowLeft: [] };
    for (const [key, list] of Object.entries(found)) {
      // The first step in a direction is one like the others: what it has to decode counts.
      for (let index = 0; index < steps; index++) {
        const started = performance.now();
        await new Promise<void>((resolve) => {
          const seen = new MutationObserver(() => {
            seen.disconnect();
            resolve();
          });
          seen.observe(readout, { subtree: true, childList: true, characterData: true });
          surface.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        });
        list.push(performance.now() - started);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    }
    return found;
  }, STEPS);
  return { forward: median(taken['ArrowRight'] ?? []), back: median(taken['ArrowLeft'] ?? []) };
}

/** Seeks a video element of its own to the middle of the next frame, as often and as soon as it can. */
async function seek(page: Page): Promise<Stepping> {
  const taken = await page.evaluate(
    async ({ steps, rate, from }) => {
      const address = document.querySelector<HTMLVideoElement>('.stage video')?.src;
      const video = document.createElement('video');
      video.muted = true;
      video.preload = 'auto';
      video.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 480px';
      video.src = address ?? '';
      document.body.append(video);
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = reject;
      });
      const found: Record<string, number[]> = { forward: [], back: [] };
      let frame = Math.round(from * rate);
      for (const [direction, list] of Object.entries(found)) {
        for (let index = 0; index < steps; index++) {
          frame += direction === 'forward' ? 1 : -1;
          const started = performance.now();
          await new Promise((resolve, reject) => {
            video.onseeked = resolve;
            video.onerror = reject;
            video.currentTime = (frame + 0.5) / rate;
          });
          list.push(performance.now() - started);
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      }
      video.remove();
      return found;
    },
    { steps: STEPS, rate: LONG_CLIP.framesPerSecond, from: FROM_SECONDS },
  );
  return { forward: median(taken['forward'] ?? []), back: median(taken['back'] ?? []) };
}
