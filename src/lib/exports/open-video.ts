import { ALL_FORMATS, BlobSource, HLS, Input, type InputVideoTrack } from 'mediabunny';
import { TellscopeError } from '../../../workers/errors';

/** Playlists name other files, and nothing but the dropped file is opened. */
const FORMATS = ALL_FORMATS.filter((format) => format !== HLS);

/**
 * Opens a video that has been analysed before.
 *
 * @throws {TellscopeError} when it is no longer what it was.
 */
export async function openVideo(file: Blob): Promise<{ input: Input; track: InputVideoTrack }> {
  const input = new Input({ source: new BlobSource(file), formats: FORMATS });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (track && (await track.canDecode())) {
      return { input, track };
    }
    throw new Error('no video that can be decoded');
  } catch (error) {
    input.dispose();
    throw new TellscopeError(
      'unreadable-file',
      'The video can no longer be read: it was changed, moved or removed since it was analysed. Choose it again.',
      { cause: error },
    );
  }
}
