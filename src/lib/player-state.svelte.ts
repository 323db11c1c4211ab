import { Comparison } from './comparison.svelte';
import { Layers } from './layers.svelte';
import { Magnifier } from './magnifier.svelte';
import { Playback } from './playback.svelte';

/** The panels that open under the player's controls, one at a time. */
export type Tray = 'layers' | 'look' | 'marks';

/** All that one clip's player remembers. */
export class PlayerState {
  readonly playback = new Playback();
  readonly layers = new Layers();
  readonly magnifier = new Magnifier();
  readonly comparison = new Comparison();
  tray = $state<Tray>();

  #figure: HTMLElement | undefined;

  /** Attachment for the element that fills the screen. */
  frameBy = (figure: HTMLElement): (() => void) => {
    this.#figure = figure;
    return () => {
      this.#figure = undefined;
      this.comparison.end();
    };
  };

  /** Opens a tray, or closes it. */
  toggleTray(tray: Tray): void {
    this.tray = this.tray === tray ? undefined : tray;
  }

  /** Fills the screen with the player, or gives it back. */
  toggleFullScreen(): void {
    // A browser may refuse; nothing is lost then.
    if (document.fullscreenElement) {
      document.exitFullscreen().catch(() => {});
    } else {
      this.#figure?.requestFullscreen().catch(() => {});
    }
  }
}
