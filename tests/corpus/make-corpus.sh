#!/usr/bin/env bash
# Makes the corpus of odd files with ffmpeg (made with 5.1, with libx264, libvpx, libaom, libx265, libtheora).
# The files are committed, so that tests need no ffmpeg; run this again only to change them:
#   tests/corpus/make-corpus.sh
# Everything is synthetic and tiny. What no encoder makes (lying headers, damage) is made of these by damage.ts.
set -euo pipefail

cd "$(dirname "$0")"
rm -rf files
mkdir files
cd files
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Same bytes on every run: no dates, no encoder version.
ff() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }
exact=(-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1)
h264=(-c:v libx264 -preset slow -crf 35 -threads 1 -pix_fmt yuv420p)
vp9=(-c:v libvpx-vp9 -b:v 0 -crf 50 -threads 1)
av1=(-c:v libaom-av1 -crf 50 -cpu-used 8 -threads 1)
picture() { echo "testsrc2=size=$1:rate=$2:duration=$3"; }
small=(-f lavfi -i "$(picture 96x64 10 1.2)")
tone=(-f lavfi -i "sine=frequency=330:duration=1")

# --- containers and codecs ----------------------------------------------------------------------------------------
ff "${small[@]}" "${h264[@]}" "${exact[@]}" h264.mp4
ff "${small[@]}" "${h264[@]}" "${exact[@]}" -movflags +faststart h264-faststart.mp4
ff "${small[@]}" "${h264[@]}" "${exact[@]}" h264.mov
ff "${small[@]}" "${h264[@]}" "${exact[@]}" h264.mkv
ff "${small[@]}" "${h264[@]}" "${exact[@]}" -f mpegts h264.mpegts
ff "${small[@]}" "${h264[@]}" -g 4 "${exact[@]}" -movflags +frag_keyframe+empty_moov+default_base_moof h264-fragmented.mp4
ff "${small[@]}" "${h264[@]}" -bf 3 -g 12 "${exact[@]}" h264-b-frames.mp4
ff "${small[@]}" "${h264[@]}" -flags +ilme+ildct -x264opts tff=1 "${exact[@]}" h264-interlaced.mp4
ff "${small[@]}" -c:v libx264 -profile:v high10 -pix_fmt yuv420p10le -crf 35 -threads 1 "${exact[@]}" h264-10-bit.mp4
ff "${small[@]}" -c:v libx264 -profile:v high444 -pix_fmt yuv444p -crf 35 -threads 1 "${exact[@]}" h264-444.mp4
ff "${small[@]}" -c:v libvpx -b:v 40k -threads 1 "${exact[@]}" vp8.webm
ff "${small[@]}" "${vp9[@]}" -pix_fmt yuv420p "${exact[@]}" vp9.webm
ff "${small[@]}" "${vp9[@]}" -pix_fmt yuv420p "${exact[@]}" vp9.mp4
ff "${small[@]}" "${vp9[@]}" -pix_fmt yuv420p10le -profile:v 2 "${exact[@]}" vp9-10-bit.webm
ff "${small[@]}" "${vp9[@]}" -pix_fmt yuv420p10le -profile:v 2 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc "${exact[@]}" vp9-hdr.webm
ff "${small[@]}" -vf format=yuva420p "${vp9[@]}" -pix_fmt yuva420p "${exact[@]}" vp9-alpha.webm
ff "${small[@]}" "${av1[@]}" -pix_fmt yuv420p "${exact[@]}" av1.mp4
ff "${small[@]}" "${av1[@]}" -pix_fmt yuv420p "${exact[@]}" av1.webm
ff "${small[@]}" "${av1[@]}" -pix_fmt yuv420p10le "${exact[@]}" av1-10-bit.mp4
ff "${small[@]}" -c:v libx265 -crf 40 -tag:v hvc1 -x265-params log-level=none:pools=1:frame-threads=1:info=0 "${exact[@]}" hevc.mp4
ff "${small[@]}" -c:v libtheora -q:v 3 "${exact[@]}" theora.ogv
ff "${small[@]}" -c:v mjpeg -q:v 20 "${exact[@]}" mjpeg.avi
ff "${small[@]}" -c:v mpeg2video -q:v 20 "${exact[@]}" -f mpegts mpeg2.mpegts
ff "${small[@]}" -c:v flv1 -q:v 20 "${exact[@]}" flv1.flv
ff "${small[@]}" "${tone[@]}" "${h264[@]}" -c:a aac -b:a 24k "${exact[@]}" with-sound.mp4

# --- shapes and times ----------------------------------------------------------------------------------------------
ff -f lavfi -i "color=red:size=2x2:rate=10:duration=1,scale=1:1" -c:v libvpx -b:v 10k -threads 1 "${exact[@]}" 1x1.webm
ff -f lavfi -i "color=gray:size=8192x8192:rate=1:duration=1" "${vp9[@]}" -deadline realtime -cpu-used 8 -pix_fmt yuv420p "${exact[@]}" 8192x8192.webm
ff -f lavfi -i "$(picture 98x66 10 1),crop=97:65:0:0:exact=1" "${vp9[@]}" -pix_fmt yuv420p "${exact[@]}" odd-size.webm
ff -f lavfi -i "$(picture 1024x16 10 1)" "${h264[@]}" "${exact[@]}" very-wide.mp4
ff -f lavfi -i "$(picture 96x64 10 1)" -vf setsar=3/1 "${h264[@]}" "${exact[@]}" wide-pixels.mp4
ff -f lavfi -i "$(picture 96x64 10 0.1)" "${h264[@]}" "${exact[@]}" one-frame.mp4
ff -f lavfi -i "$(picture 96x64 0.01 300)" "${h264[@]}" "${exact[@]}" 0.01-fps.mp4
ff -f lavfi -i "$(picture 96x64 1000 0.3)" "${h264[@]}" -g 60 "${exact[@]}" -video_track_timescale 90000 1000-fps.mp4
# The frames change their size half-way, as recordings of calls do.
ff -f lavfi -i "$(picture 96x64 10 0.6)" -c:v libvpx -b:v 40k -threads 1 "${exact[@]}" "$work/wide.webm"
ff -f lavfi -i "$(picture 64x112 10 0.6)" -c:v libvpx -b:v 40k -threads 1 "${exact[@]}" "$work/tall.webm"
printf "file '%s'\n" "$work/wide.webm" "$work/tall.webm" > "$work/list.txt"
ff -f concat -safe 0 -i "$work/list.txt" -c copy "${exact[@]}" size-changes.webm
for turn in 90 180 270; do
  ff -i h264.mp4 -c copy "${exact[@]}" -metadata:s:v:0 rotate=$turn rotated-$turn.mp4
done
ff -f lavfi -i "$(picture 96x64 10 3)" "${h264[@]}" -bf 2 -g 30 "${exact[@]}" "$work/long.mp4"
ff -ss 1.1 -i "$work/long.mp4" -t 1 -c copy "${exact[@]}" edit-list.mp4

# --- no pictures, or none to be had ----------------------------------------------------------------------------------
ff "${tone[@]}" -c:a aac -b:a 24k "${exact[@]}" audio-only.mp4
ff "${tone[@]}" -c:a libopus -b:a 24k "${exact[@]}" audio-only.webm
printf '1\n00:00:00,000 --> 00:00:01,000\n<b>Subtitle</b>\n' > "$work/subtitle.srt"
ff -i "$work/subtitle.srt" -c:s srt "${exact[@]}" subtitles-only.mkv
ff -i "$work/subtitle.srt" -c:s mov_text "${exact[@]}" subtitles-only.mp4
ff "${small[@]}" "${h264[@]}" "${exact[@]}" -encryption_scheme cenc-aes-ctr \
  -encryption_key 00112233445566778899aabbccddeeff -encryption_kid 00112233445566778899aabbccddeeff encrypted.mp4

# --- words that are markup, and far too many of them ------------------------------------------------------------------
payload='<img src=x onerror=alert(1)><script>alert(2)</script>'
ff "${small[@]}" "${h264[@]}" -fflags +bitexact -flags:v +bitexact -metadata title="$payload" -metadata comment="$payload" -metadata:s:v:0 handler_name="$payload" markup-in-metadata.mp4
{ printf ';FFMETADATA1\ncomment='; head -c 100000 /dev/zero | tr '\0' 'x'; } > "$work/long.txt"
ff "${small[@]}" -f ffmetadata -i "$work/long.txt" -map_metadata 1 "${h264[@]}" -fflags +bitexact -flags:v +bitexact gigantic-metadata.mp4

du -ch ./* | sort -h | tail -n 5
