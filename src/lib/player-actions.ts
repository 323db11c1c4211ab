import type { Trace } from '../../workers/report';
import type { Analysis } from './analyses.svelte';
import type { PlayerState } from './player-state.svelte';
import type { ShortcutHandlers } from './shortcut-keys';

/** Onsets and offsets of traces, in seconds. */
export function edgesOf(traces: readonly Trace[]): number[] {
  return traces.flatMap((trace) => [trace.startSeconds, trace.endSeconds]);
}

/** Chooses the next (1) or previous (-1) trace by onset, going round, and goes to its onset. */
function chooseNeighbour(
  analysis: Pick<Analysis, 'traces' | 'selectedTraceId'>,
  player: PlayerState,
  direction: 1 | -1,
): void {
  const inOrder = analysis.traces
    .filter((trace) => player.layers.admits(trace))
    .sort((a, b) => a.startSeconds - b.startSeconds || b.score - a.score);
  const current = inOrder.findIndex((trace) => trace.id === analysis.selectedTraceId);
  const start = current === -1 && direction === -1 ? 0 : current;
  const next = inOrder[(start + direction + inOrder.length) % inOrder.length];
  if (next) {
    analysis.selectedTraceId = next.id;
    player.playback.seek(next.startSeconds);
  }
}

/** What the player's shortcuts do. */
export function playerActions(analysis: Analysis, player: PlayerState): ShortcutHandlers {
  const { playback, layers, magnifier, comparison } = player;
  /** A held key waits for each frame, so that none is passed over. */
  const step =
    (count: number) =>
    ({ repeated }: { repeated: boolean }): void => {
      if (!repeated || !playback.pending) {
        playback.step(count);
      }
    };
  const seekBy = (seconds: number) => (): void => {
    playback.seek(playback.time + seconds);
  };
  const edge = (direction: 1 | -1) => (): void => {
    playback.stepTo(edgesOf(analysis.traces.filter((trace) => layers.admits(trace))), direction);
  };
  const moveLens = (right: number, down: number) => (): void => {
    if (magnifier.on) {
      magnifier.move(right, down);
    }
  };
  const toggle = (): void => playback.toggle();
  return {
    'play-pause': toggle,
    'play-pause-anywhere': toggle,
    slower: () => playback.changeRate(-1),
    faster: () => playback.changeRate(1),
    mute: () => playback.toggleMuted(),
    'full-screen': () => player.toggleFullScreen(),
    'frame-forward': step(1),
    'frame-back': step(-1),
    'second-forward': seekBy(1),
    'second-back': seekBy(-1),
    'next-edge': edge(1),
    'previous-edge': edge(-1),
    'next-trace': () => chooseNeighbour(analysis, player, 1),
    'previous-trace': () => chooseNeighbour(analysis, player, -1),
    'first-frame': () => playback.seek(0),
    'last-frame': () => playback.seek(playback.duration),
    'mark-in': () => playback.markIn(),
    'mark-out': () => playback.markOut(),
    'clear-marks': () => playback.clearMarks(),
    'loop-marks': () => playback.toggleMarksLoop(),
    'loop-trace': () => playback.toggleLoop(analysis.selectedTrace),
    boxes: () => (layers.boxes = !layers.boxes),
    'heat-map': () => (layers.heat = !layers.heat),
    'hide-all': ({ ended }) => (layers.held = !ended),
    magnifier: () => (magnifier.on = !magnifier.on),
    'magnify-more': () => magnifier.change(1),
    'magnify-less': () => magnifier.change(-1),
    'magnifier-up': moveLens(0, -1),
    'magnifier-down': moveLens(0, 1),
    'magnifier-left': moveLens(-1, 0),
    'magnifier-right': moveLens(1, 0),
    compare: () => void comparison.keep(playback),
    'compare-view': () => comparison.toggleView(),
  };
}
