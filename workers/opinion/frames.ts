import { FrameSource, type SourceFrame } from '../video/frame-source';
import { resizeRgb, rotateRgb, type RgbImage } from '../video/resize';
import { OpinionError, messageOf } from './errors';
import type { AskRequest } from './protocol';

/** Packet timestamps and asked times are compared with this slack, in seconds: containers round to their own clock. */
const SLACK = 1e-3;

/**
 * Picks frames from the middles of equal stretches of time: for each the one on screen then. A frame on screen for
 * several stretches is taken once.
 *
 * @param timestamps presentation times of all frames in seconds, ascending, not empty.
 * @param even whether an odd number of several frames loses its last one.
 * @returns timestamps, ascending; at least one.
 */
export function pickFrames(
  timestamps: Float64Array,
  { count, startSeconds, endSeconds }: Pick<AskRequest['frames'], 'count' | 'startSeconds' | 'endSeconds'>,
  even: boolean,
): number[] {
  const picked: number[] = [];
  let frame = 0;
  for (let index = 0; index < count; index++) {
    const time = startSeconds + ((endSeconds - startSeconds) * (index + 0.5)) / count;
    while (frame + 1 < timestamps.length && timestamps[frame + 1]! <= time + SLACK) {
      frame++;
    }
    if (picked.at(-1) !== timestamps[frame]!) {
      picked.push(timestamps[frame]!);
    }
  }
  return even && picked.length > 1 && picked.length % 2 === 1 ? picked.slice(0, -1) : picked;
}

/**
 * Decodes the frames of a question, upright and all of one size. Memory holds these frames and one decoded one.
 *
 * @throws {OpinionError} `video-unreadable` when the clip cannot be decoded.
 */
export async function sampleFrames(
  request: Pick<AskRequest, 'video' | 'frames' | 'placeholders'>,
): Promise<{ timesSeconds: number[]; images: RgbImage[] }> {
  let source: FrameSource | undefined;
  try {
    source = await FrameSource.open(request.video);
    const wanted = pickFrames(source.timestamps, request.frames, request.placeholders === 'stack');
    const images: RgbImage[] = [];
    for await (const frame of source.framesAt(wanted)) {
      images.push(upright(frame, request.frames.width, request.frames.height));
    }
    return { timesSeconds: wanted, images };
  } catch (error) {
    throw new OpinionError('video-unreadable', messageOf(error), { cause: error });
  } finally {
    source?.dispose();
  }
}

function upright(frame: SourceFrame, width: number, height: number): RgbImage {
  const turned = frame.rotation % 180 !== 0;
  const [codedWidth, codedHeight] = turned ? [height, width] : [width, height];
  const scaled = resizeRgb(frame.rgbx, 4, frame.width, frame.height, codedWidth, codedHeight);
  return rotateRgb(scaled, frame.rotation);
}
