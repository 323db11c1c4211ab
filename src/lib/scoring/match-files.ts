import type { RewardVideo } from './reward-data';

/** A file of a folder that was chosen; the browser says where in it the file lies. */
type FolderFile = { name: string; webkitRelativePath?: string };

/**
 * Finds the files of a data set's videos among those of a folder, or among some that were chosen one by one: by the end
 * of the path, of several with one name the one that shares most of it.
 *
 * @returns files by `video_id`; a video without a file is not in it.
 */
export function matchFiles<F extends FolderFile>(
  videos: readonly Pick<RewardVideo, 'videoId' | 'path'>[],
  files: readonly F[],
): Map<string, F> {
  const byName = new Map<string, F[]>();
  for (const file of files) {
    const same = byName.get(file.name) ?? [];
    same.push(file);
    byName.set(file.name, same);
  }
  const found = new Map<string, F>();
  for (const { videoId, path } of videos) {
    const parts = path.split(/[\\/]/);
    const candidates = byName.get(parts.at(-1) ?? '') ?? [];
    const best = candidates.reduce<F | undefined>(
      (one, other) => (one && sharedEnd(one, parts) >= sharedEnd(other, parts) ? one : other),
      undefined,
    );
    if (best) {
      found.set(videoId, best);
    }
  }
  return found;
}

function sharedEnd({ name, webkitRelativePath }: FolderFile, parts: readonly string[]): number {
  const own = (webkitRelativePath ? webkitRelativePath : name).split('/');
  let shared = 0;
  while (shared < own.length && own.at(-1 - shared) === parts.at(-1 - shared)) {
    shared++;
  }
  return shared;
}
