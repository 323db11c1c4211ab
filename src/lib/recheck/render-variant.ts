import { BufferTarget, Conversion, Mp4OutputFormat, Output, Quality, WebMOutputFormat } from 'mediabunny';
import { TellscopeError } from '../../../workers/errors';
import type { VideoInfo } from '../../../workers/report';
import { chooseTarget } from '../exports/annotated-video';
import { openVideo } from '../exports/open-video';
import { createCanvas, type OnProgress } from '../exports/stills';
import { geometryOf, type VariantId } from './variants';

/** A copy must differ in the one thing it is made for, so that it is encoded well unless it is not to be. */
const GOOD = new Quality('very-high');
const POOR = new Quality('very-low');

/**
 * Encodes a copy of the video for a re-check: without sound, with the times of the original.
 *
 * @throws {TellscopeError} when the file can no longer be read, or the browser cannot encode such a copy.
 */
export async function renderVariant(
  file: Blob,
  video: VideoInfo,
  id: VariantId,
  onProgress: OnProgress,
): Promise<Blob> {
  const { input } = await openVideo(file);
  try {
    const { kept, size, mirrored } = geometryOf(id, video);
    const { width, height } = size;
    const quality = id === 'recompressed' ? POOR : GOOD;
    const target = await chooseTarget(width, height, quality, 'so it cannot make the copies of a re-check.');
    const format = target.extension === 'mp4' ? new Mp4OutputFormat() : new WebMOutputFormat();
    const output = new Output({ format, target: new BufferTarget() });
    const { canvas, context } = createCanvas(width, height);
    const conversion = await Conversion.init({
      input,
      output,
      tracks: 'primary',
      // Zero of the copy is zero of the original, also where the video begins late.
      trim: { start: 0 },
      showWarnings: false,
      audio: { discard: true },
      video: {
        codec: target.codec,
        quality,
        forceTranscode: true,
        allowTransformationMetadata: false,
        processedWidth: width,
        processedHeight: height,
        process: (sample) => {
          context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? width : 0, 0);
          context.fillStyle = '#000000';
          context.fillRect(0, 0, width, height);
          const [scaleX, scaleY] = [width / kept.width, height / kept.height];
          context.imageSmoothingQuality = 'high';
          sample.draw(
            context,
            -kept.left * scaleX,
            -kept.top * scaleY,
            video.width * scaleX,
            video.height * scaleY,
          );
          return canvas;
        },
      },
    });
    if (!conversion.isValid || !conversion.utilizedTracks.some((track) => track.isVideoTrack())) {
      const reasons = conversion.discardedTracks.map(({ reason }) => reason).join(', ');
      throw new TellscopeError(
        'internal',
        `This browser cannot make the copies of a re-check (${reasons}). Try another browser.`,
      );
    }
    conversion.onProgress = (share) => onProgress(share);
    await conversion.execute();
    const { buffer } = output.target;
    if (!buffer) {
      throw new Error('the encoder wrote nothing');
    }
    return new Blob([buffer], { type: target.mimeType });
  } finally {
    input.dispose();
  }
}
