import type { Page } from 'playwright-core';

/**
 * Measures the usual way to get frames out of a video in a browser: seek a video element, draw it on a canvas, read
 * the pixels. Takes the file that is in one of the page's file inputs.
 *
 * @param input selector of that input.
 * @returns seconds for all the frames.
 */
export function timeSeeking(page: Page, input: string, times: readonly number[]): Promise<number> {
  // No function in here may have a name: the compiler would wrap it in a helper that the page does not have.
  return page.evaluate(
    async ({ selector, seekTimes }) => {
      const file = document.querySelector<HTMLInputElement>(selector)?.files?.[0];
      const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      if (!file || !context) {
        throw new Error('There is no file, or no canvas.');
      }
      const video = document.createElement('video');
      video.muted = true;
      const started = performance.now();
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = reject;
        video.src = URL.createObjectURL(file);
      });
      context.canvas.width = video.videoWidth;
      context.canvas.height = video.videoHeight;
      for (const time of seekTimes) {
        await new Promise((resolve, reject) => {
          video.onseeked = resolve;
          video.onerror = reject;
          video.currentTime = time;
        });
        context.drawImage(video, 0, 0);
        context.getImageData(0, 0, video.videoWidth, video.videoHeight);
      }
      return (performance.now() - started) / 1000;
    },
    { selector: input, seekTimes: times },
  );
}
