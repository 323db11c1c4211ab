import { expect, test } from 'vitest';
import { matchFiles } from './match-files';

const file = (webkitRelativePath: string) => ({
  name: webkitRelativePath.split('/').at(-1) ?? '',
  webkitRelativePath,
});

test('files are found by the end of their path', () => {
  const files = [
    file('RewardData/videos/1.mp4'),
    file('RewardData/real_videos/1.mp4'),
    file('RewardData/videos/2.mp4'),
  ];
  const videos = [
    { videoId: 'r1', path: 'real_videos/1.mp4' },
    { videoId: 'f1', path: 'videos/1.mp4' },
    { videoId: 'f2', path: '/somewhere/else/2.mp4' },
    { videoId: 'f3', path: 'videos/3.mp4' },
  ];
  const found = matchFiles(videos, files);
  expect([...found].map(([id, { webkitRelativePath }]) => [id, webkitRelativePath])).toEqual([
    ['r1', 'RewardData/real_videos/1.mp4'],
    ['f1', 'RewardData/videos/1.mp4'],
    ['f2', 'RewardData/videos/2.mp4'],
  ]);
});
