#!/usr/bin/env bash
# Makes the clip of the benchmark with ffmpeg (made with 5.1): 10 s, 1280x720, 30 frames/s, H.264 in MP4, a zoom into the
# Mandelbrot set with a test pattern moving over it. Highly compressible, yet no two frames alike. The file is committed.
set -euo pipefail

cd "$(dirname "$0")"
ffmpeg -hide_banner -loglevel error -nostdin -y \
  -f lavfi -i "mandelbrot=size=1280x720:rate=30:maxiter=150:end_scale=0.1" -f lavfi -i "testsrc2=size=320x180:rate=30" \
  -filter_complex "[0][1]overlay=x='480+400*sin(t)':y='270+200*cos(t)',trim=duration=10,format=yuv420p" \
  -c:v libx264 -profile:v high -crf 36 -preset slow -g 60 -threads 1 \
  -fflags +bitexact -flags:v +bitexact -map_metadata -1 -movflags +faststart clip-720p.mp4
ls -l clip-720p.mp4
