import type { ReportDocument } from '../report-document';
import { CATEGORY_INFO } from '../categories';
import { isFake, videoIdOf } from '../scoring/prediction-line';
import { standingTraces } from './listed-traces';

const MIME_TYPES: Record<string, string> = {
  MP4: 'video/mp4',
  'QuickTime File Format': 'video/quicktime',
  WebM: 'video/webm',
  Matroska: 'video/x-matroska',
};

/**
 * A report as rows of RewardData (`all_data.json` of DeeptraceReward): for a clip that is called generated one row a
 * trace, for any other one row without a trace. A clip counts as generated from the threshold on, or when a person
 * confirmed, corrected or added a trace. Fields beyond the layout: `annotator` (`model` or `human`) and `file_sha256`.
 *
 * @param threshold probability from which a clip is called generated, 0..1.
 * @returns no row for a clip that is called generated although it has no trace: the layout has none for it.
 */
export function toRewardRows(document: ReportDocument, threshold: number): Record<string, unknown>[] {
  const { file, video } = document;
  const traces = standingTraces(document);
  const byHuman = traces.some(({ madeBy, decision }) => madeBy === 'human' || decision === 'confirmed');
  const fake = byHuman || isFake(document.verdict, threshold);
  const clip = {
    video_id: videoIdOf(file.name),
    video_path: file.name,
    video_type: fake ? 'fake_video' : 'real_video',
    video_source: 'unknown',
    split: 'unassigned',
    video_prompt: '',
    video_mime_type: MIME_TYPES[video.container] ?? '',
    video_width: video.width,
    video_height: video.height,
    video_frame_rate: video.averageFrameRate,
    video_frame_count: video.frameCount,
    video_duration: video.durationSeconds,
    file_sha256: file.sha256,
  };
  if (!fake) {
    return [{ ...clip, annotator: 'model' }];
  }
  return traces.map((trace) => {
    const [x0, y0, x1, y1] = trace.box;
    const frame = (seconds: number): number =>
      Math.min(video.frameCount, Math.max(0, Math.round(seconds * video.averageFrameRate)));
    return {
      ...clip,
      annotator: trace.madeBy,
      faketrace_bbox: { left: x0, top: y0, width: x1 - x0, height: y1 - y0 },
      faketrace_first_frame: frame(trace.startSeconds),
      faketrace_last_frame: frame(trace.endSeconds),
      faketrace_duration: trace.endSeconds - trace.startSeconds,
      faketrace_explanations: trace.explanation,
      faketrace_check_applies: [CATEGORY_INFO[trace.category].name],
    };
  });
}
