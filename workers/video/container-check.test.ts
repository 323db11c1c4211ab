import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkContainer } from './container-check';

function corpus(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(`../../tests/corpus/files/${name}`, import.meta.url)));
}

/** Writes a number behind a box's name. */
function patched(bytes: Uint8Array<ArrayBuffer>, box: string, offset: number, value: number): Blob {
  const at = Buffer.from(bytes.buffer).indexOf(box) + offset;
  new DataView(bytes.buffer).setUint32(at, value);
  return new Blob([bytes]);
}

describe('checkContainer', () => {
  it.each(['h264.mp4', 'h264-faststart.mp4', 'h264-fragmented.mp4', 'vp9.webm', 'h264.mkv', 'h264.mpegts'])(
    'takes %s as it is',
    async (name) => {
      const file = new Blob([corpus(name)]);
      expect(await checkContainer(file)).toEqual({ missingBytes: 0, indexMissing: false, readable: file });
    },
  );

  it.each([
    ['h264-faststart.mp4', false],
    ['h264.mp4', true],
  ])('tells how much of %s is missing, and whether its index is', async (name, indexMissing) => {
    const bytes = corpus(name);
    const file = new Blob([bytes.slice(0, bytes.length - 500)]);
    expect(await checkContainer(file)).toMatchObject({ missingBytes: 500, indexMissing, readable: file });
  });

  it('ends the last cluster of a WebM file where its data ends', async () => {
    const bytes = corpus('vp9.webm');
    const file = new Blob([bytes.slice(0, 2500)]);
    const { missingBytes, readable } = await checkContainer(file);
    expect(missingBytes).toBe(bytes.length - 2500);
    const whole = Buffer.from(await readable.arrayBuffer());
    // The last block is cut off, and everything before its cluster's length is as it was.
    expect(whole.length).toBeLessThan(2500);
    const cluster = whole.indexOf(Buffer.from('1f43b675', 'hex'));
    expect(whole.subarray(0, cluster + 4).equals(Buffer.from(bytes.slice(0, cluster + 4)))).toBe(true);
    expect(await checkContainer(readable)).toMatchObject({ readable });
  });

  it.each([
    ['h264-b-frames.mp4', 'stts', 12],
    ['h264-b-frames.mp4', 'ctts', 12],
    ['h264-b-frames.mp4', 'stsc', 16],
    ['h264-fragmented.mp4', 'trun', 8],
  ])('refuses %s when its %s counts to four billion', async (name, box, offset) => {
    await expect(checkContainer(patched(corpus(name), box, offset, 0xfffffff0))).rejects.toMatchObject({
      code: 'unreadable-file',
    });
  });

  it('says of encrypted video that it is encrypted', async () => {
    await expect(checkContainer(new Blob([corpus('encrypted.mp4')]))).rejects.toMatchObject({
      code: 'unsupported-codec',
      message: expect.stringMatching(/encrypted/) as string,
    });
  });
});
