"""TraceNet: find deepfake traces in short windows of video, small enough for a browser."""
