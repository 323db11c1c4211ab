import type { RgbImage } from './resize';

/** What a clip's pixels allow to be judged at all. Never an input to the probability, only a ground to withhold it. */
export type Quality = {
  /** Short side of the displayed frame in pixels. */
  shortSide: number;
  /** Samples looked at. */
  samples: number;
  /** Mean luma, 0..255. */
  brightness: number;
  /** Mean absolute difference of neighbouring pixels, 0..255: near 0 for a flat or badly blurred picture. */
  detail: number;
};

/** Mean luma and mean difference of neighbours of one picture, as in {@link Quality}. */
export type PictureQuality = Pick<Quality, 'brightness' | 'detail'>;

/** Measures a canonical frame; the green channel carries most of the luma and needs no conversion. */
export function measurePicture({ data, width, height }: RgbImage): PictureQuality {
  let luma = 0;
  let change = 0;
  for (let y = 1; y < height; y += 2) {
    for (let x = 1; x < width; x += 2) {
      const i = (y * width + x) * 3 + 1;
      const value = data[i]!;
      luma += value;
      change += Math.abs(value - data[i - 3]!) + Math.abs(value - data[i - width * 3]!);
    }
  }
  const count = Math.max(1, Math.floor(width / 2) * Math.floor(height / 2));
  return { brightness: luma / count, detail: change / (2 * count) };
}

/** Sums of a {@link QualityMeter}. */
export type QualityState = { samples: number; brightness: number; detail: number };

/** Gathers {@link Quality} over the sampled frames of a clip. */
export class QualityMeter {
  #samples: number;
  #brightness: number;
  #detail: number;

  /** @param state sums to go on from. */
  constructor({ samples, brightness, detail }: QualityState = { samples: 0, brightness: 0, detail: 0 }) {
    this.#samples = samples;
    this.#brightness = brightness;
    this.#detail = detail;
  }

  /** The sums so far. */
  get state(): QualityState {
    return { samples: this.#samples, brightness: this.#brightness, detail: this.#detail };
  }

  /** Takes what was measured of a frame. */
  push({ brightness, detail }: PictureQuality): void {
    this.#samples++;
    this.#brightness += brightness;
    this.#detail += detail;
  }

  /** The clip's quality so far. */
  summary(shortSide: number): Quality {
    const n = Math.max(1, this.#samples);
    return {
      shortSide,
      samples: this.#samples,
      brightness: this.#brightness / n,
      detail: this.#detail / n,
    };
  }
}

/** Below this short side, in pixels, little that the model learned from is left. */
const MIN_SHORT_SIDE = 120;
/** Two thirds of a second: less shows no motion to judge. */
const MIN_SAMPLES = 4;
const MIN_BRIGHTNESS = 12;
const MIN_DETAIL = 0.6;

/** Why no judgement should be given, in sentences; empty when the quality allows one. */
export function reasonsToAbstain(quality: Quality): string[] {
  const reasons: string[] = [];
  if (quality.samples < MIN_SAMPLES) {
    reasons.push('Not judged: the clip is too short to see anything move. Find a longer version.');
  }
  if (quality.shortSide < MIN_SHORT_SIDE) {
    reasons.push(
      `Not judged: the picture is too small (${quality.shortSide} px on its short side; ${MIN_SHORT_SIDE} px are needed). ` +
        'Find a larger version.',
    );
  }
  if (quality.brightness < MIN_BRIGHTNESS) {
    reasons.push('Not judged: the picture is almost black throughout.');
  } else if (quality.detail < MIN_DETAIL) {
    reasons.push(
      'Not judged: the picture is almost without detail (flat or badly blurred). Find a sharper version.',
    );
  }
  return reasons;
}
