import { SvelteSet } from 'svelte/reactivity';
import type { Category, Trace } from '../../workers/report';

/** What is drawn over the picture. */
export class Layers {
  boxes = $state(true);
  heat = $state(false);
  /** While held, nothing is drawn. */
  held = $state(false);
  /** Traces below this score are left out, 0..1. */
  minScore = $state(0);
  /** Categories that are left out. */
  readonly hidden = new SvelteSet<Category>();

  /** Where only some traces may be seen, their ids. */
  only = $state.raw<readonly string[]>();

  /** Shows a category's boxes, or leaves them out. */
  toggleCategory(category: Category): void {
    if (!this.hidden.delete(category)) {
      this.hidden.add(category);
    }
  }

  /** Whether a trace is neither too weak nor of a category that is left out, and may be seen. */
  admits({ id, category, score }: Trace): boolean {
    return score >= this.minScore && !this.hidden.has(category) && (this.only?.includes(id) ?? true);
  }

  /** Whether boxes are to be drawn. */
  get showsBoxes(): boolean {
    return this.boxes && !this.held;
  }

  /** Whether the heat map is to be drawn. */
  get showsHeat(): boolean {
    return this.heat && !this.held;
  }
}
