import { Quality } from 'mediabunny';
import type { VideoInfo } from '../../../workers/report';
import { openVideo } from '../exports/open-video';
import { redrawVideo } from '../exports/redraw-video';
import type { OnProgress } from '../exports/stills';
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
    const { blob } = await redrawVideo(
      input,
      {
        width,
        height,
        quality: id === 'recompressed' ? POOR : GOOD,
        audio: { discard: true },
        draw: (context, sample) => {
          context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? width : 0, 0);
          const [scaleX, scaleY] = [width / kept.width, height / kept.height];
          context.imageSmoothingQuality = 'high';
          sample.draw(
            context,
            -kept.left * scaleX,
            -kept.top * scaleY,
            video.width * scaleX,
            video.height * scaleY,
          );
        },
        withoutCodec: 'so it cannot make the copies of a re-check.',
        purpose: 'make the copies of a re-check',
      },
      onProgress,
    );
    return blob;
  } finally {
    input.dispose();
  }
}
