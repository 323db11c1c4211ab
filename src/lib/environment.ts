import type { BackendChoice } from '../../workers/protocol';

/** What this browser lacks, in words; `blocking` when no file can be judged without it. */
export type Limitation = { blocking: boolean; message: string };

/** Checks what the analysis needs of the browser. */
export function findLimitations(scope: {
  VideoDecoder?: unknown;
  navigator: { gpu?: unknown };
  crossOriginIsolated: boolean;
}): Limitation[] {
  const limitations: Limitation[] = [];
  if (scope.VideoDecoder === undefined) {
    limitations.push({
      blocking: true,
      message:
        'This browser cannot hand single video frames to the analysis (WebCodecs is missing). Open this page in a current Chrome, Edge, Firefox or Safari; it must be served over HTTPS or from localhost.',
    });
  }
  if (scope.navigator.gpu === undefined) {
    limitations.push({
      blocking: false,
      message: 'This browser offers no WebGPU: the analysis runs on the CPU, which is slower.',
    });
  }
  if (!scope.crossOriginIsolated) {
    limitations.push({
      blocking: false,
      message:
        'This page is served without cross-origin isolation: on the CPU the analysis uses one core only.',
    });
  }
  return limitations;
}

/** The backend asked for by `?backend=` in the page's address; anything unknown means `auto`. */
export function backendFromQuery(search: string): BackendChoice {
  const asked = new URLSearchParams(search).get('backend');
  return asked === 'wasm' || asked === 'webgpu' ? asked : 'auto';
}
