import type { Playback } from './playback.svelte';

/** How many times a difference can be amplified. */
export const AMPLIFICATIONS = [1, 2, 4, 8, 16] as const;

/** A frame that was kept, as it was on screen. */
export type KeptFrame = {
  picture: ImageBitmap;
  seconds: number;
  /** Its number from 0, where known. */
  frame: number | undefined;
};

/** A frame that was kept, to hold against the one on screen. */
export class Comparison {
  kept = $state.raw<KeptFrame>();
  view = $state<'side-by-side' | 'difference'>('side-by-side');
  amplification = $state<(typeof AMPLIFICATIONS)[number]>(4);

  /** Keeps the frame on screen. Does nothing while there is none. */
  async keep(playback: Playback): Promise<void> {
    playback.pause();
    const { picture, shownTime: seconds, shownFrame: frame } = playback;
    if (picture) {
      const copy = await createImageBitmap(picture);
      this.end();
      this.kept = { picture: copy, seconds, frame };
    }
  }

  /** Ends the comparison. */
  end(): void {
    this.kept?.picture.close();
    this.kept = undefined;
  }

  /** Shows the frames beside each other, or what differs. */
  toggleView(): void {
    this.view = this.view === 'difference' ? 'side-by-side' : 'difference';
  }
}
