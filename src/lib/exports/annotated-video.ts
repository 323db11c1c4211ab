import { Quality } from 'mediabunny';
import type { Report } from '../../../workers/report';
import { drawTraces } from './draw';
import { openVideo } from './open-video';
import { redrawVideo } from './redraw-video';
import type { OnProgress } from './stills';

/** A copy of the video with its traces burnt in. */
export type AnnotatedVideo = {
  blob: Blob;
  extension: 'mp4' | 'webm';
  /** What is not as in the original, in sentences. */
  notes: string[];
};

/** Letters and thin lines are the first that an encoder wears away. */
const QUALITY = new Quality('very-high');

/**
 * Encodes the video again with boxes, categories and time burnt in; times stay those of the original, sound is copied
 * where the container takes it and encoded anew where the browser can.
 *
 * @throws {TellscopeError} when the file can no longer be read, or the browser encodes no video.
 */
export async function renderAnnotatedVideo(
  file: Blob,
  { video, traces }: Report,
  onProgress: OnProgress,
): Promise<AnnotatedVideo> {
  const { input } = await openVideo(file);
  try {
    // Encoders of 4:2:0 video take even sizes only.
    const width = Math.ceil(video.width / 2) * 2;
    const height = Math.ceil(video.height / 2) * 2;
    const { blob, extension, hasSound } = await redrawVideo(
      input,
      {
        width,
        height,
        quality: QUALITY,
        draw: (context, sample) => {
          sample.draw(context, 0, 0, width, height);
          const { timestamp: timeSeconds, duration: durationSeconds } = sample;
          drawTraces(context, { traces, frame: video, timeSeconds, durationSeconds });
        },
        withoutCodec:
          'so it cannot write an annotated copy. Try another browser; the report in HTML has pictures of all traces.',
        purpose: 'write an annotated copy of this video',
      },
      onProgress,
    );
    const hadSound = (await input.getAudioTracks()).length > 0;
    return {
      blob,
      extension,
      notes: hadSound && !hasSound ? ['The sound is left out: this browser cannot encode it.'] : [],
    };
  } finally {
    input.dispose();
  }
}
