import {
  BufferSource,
  BufferTarget,
  type EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MP4,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';

/**
 * A longer clip made of a short one, by playing it again and again: the same encoded packets at later times.
 *
 * @param clip an MP4 file that begins with a key frame.
 * @param seconds the result lasts at least so long.
 * @param slower how much longer each frame stays on screen.
 */
export async function longClip(
  clip: Uint8Array<ArrayBuffer>,
  seconds: number,
  slower = 1,
): Promise<Uint8Array<ArrayBuffer>> {
  const input = new Input({ source: new BufferSource(clip), formats: [MP4] });
  const track = await input.getPrimaryVideoTrack();
  const codec = await track?.getCodec();
  const decoderConfig = await track?.getDecoderConfig();
  if (!track || !codec || !decoderConfig) {
    throw new Error('The clip has no video track.');
  }
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    packets.push(packet);
  }
  const length = slower * Math.max(...packets.map(({ timestamp, duration }) => timestamp + duration));
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat(), target });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  await output.start();
  for (let start = 0; start < seconds; start += length) {
    for (const packet of packets) {
      const timestamp = start + slower * packet.timestamp;
      await source.add(packet.clone({ timestamp, duration: slower * packet.duration }), { decoderConfig });
    }
  }
  await output.finalize();
  return new Uint8Array(target.buffer!);
}
