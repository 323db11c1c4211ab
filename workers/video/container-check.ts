import { checkMatroska } from './matroska-check';
import { checkMp4 } from './mp4-check';

/** What a file lacks by its own account. */
export type ContainerState = {
  /** 0 when the file is whole or does not say how long it is. */
  missingBytes: number;
  /** Whether it is an MP4 file without the table of what is in it. */
  indexMissing: boolean;
  /** The file as the demuxer can read it: without a last part that was cut off. No byte of it is copied. */
  readable: Blob;
};

/**
 * Looks through the outer structure of a file before the demuxer reads it, which trusts it more than a damaged or hostile
 * file deserves.
 *
 * @throws {TellscopeError} `unreadable-file` or `unsupported-codec` when nothing can come of it.
 */
export async function checkContainer(file: Blob): Promise<ContainerState> {
  return (
    (await checkMp4(file)) ??
    (await checkMatroska(file)) ?? { missingBytes: 0, indexMissing: false, readable: file }
  );
}
