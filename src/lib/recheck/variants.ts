import type { Box } from '../../../workers/report';
import type { Size } from '../geometry';

/** The copies of a clip that a re-check looks at. */
export const VARIANT_IDS = ['rescaled', 'recompressed', 'cropped', 'mirrored'] as const;

/** One of the copies. */
export type VariantId = (typeof VARIANT_IDS)[number];

/** Share of the picture that the cropped copy leaves out on each side. */
const CROP_SHARE = 0.1;
/** Short side of the rescaled copy, in pixels; a smaller picture is scaled to three quarters. */
const RESCALED_SIDE = 240;
const RESCALED_SHARE = 0.75;

/** How a copy is named and described. */
export const VARIANT_WORDS: Record<VariantId, { name: string; description: string }> = {
  rescaled: {
    name: 'Rescaled',
    description: `Scaled down to ${RESCALED_SIDE} pixels on the short side (three quarters of a smaller picture).`,
  },
  recompressed: {
    name: 'Recompressed',
    description: 'Encoded again with few bits, as messengers do.',
  },
  cropped: { name: 'Cropped', description: `${CROP_SHARE * 100} % cut off on each side.` },
  mirrored: { name: 'Mirrored', description: 'Left and right exchanged.' },
};

/** What is done to the picture to make a copy of it. */
export type VariantGeometry = {
  /** The part of the displayed frame that is kept, in its pixels. */
  kept: { left: number; top: number; width: number; height: number };
  /** Size of the copy in pixels; even, as encoders of 4:2:0 video ask for. */
  size: Size;
  mirrored: boolean;
};

/** The geometry of a copy of a clip whose displayed frame has this size. */
export function geometryOf(id: VariantId, { width, height }: Size): VariantGeometry {
  const whole = { left: 0, top: 0, width, height };
  switch (id) {
    case 'rescaled': {
      const shortSide = Math.min(width, height);
      const scale = shortSide > RESCALED_SIDE ? RESCALED_SIDE / shortSide : RESCALED_SHARE;
      return { kept: whole, size: evenSize(width * scale, height * scale), mirrored: false };
    }
    case 'recompressed':
      return { kept: whole, size: evenSize(width, height), mirrored: false };
    case 'cropped': {
      const [left, top] = [Math.round(width * CROP_SHARE), Math.round(height * CROP_SHARE)];
      const kept = { left, top, width: width - 2 * left, height: height - 2 * top };
      return { kept, size: evenSize(kept.width, kept.height), mirrored: false };
    }
    case 'mirrored':
      return { kept: whole, size: evenSize(width, height), mirrored: true };
  }
}

/** A box of the copy as a box of the original, both in pixels of their frames. */
export function toOriginal([x0, y0, x1, y1]: Box, { kept, size, mirrored }: VariantGeometry): Box {
  const [scaleX, scaleY] = [kept.width / size.width, kept.height / size.height];
  const [left, right] = mirrored ? [size.width - x1, size.width - x0] : [x0, x1];
  return [
    kept.left + left * scaleX,
    kept.top + y0 * scaleY,
    kept.left + right * scaleX,
    kept.top + y1 * scaleY,
  ];
}

function evenSize(width: number, height: number): Size {
  const even = (value: number): number => Math.max(2, Math.round(value / 2) * 2);
  return { width: even(width), height: even(height) };
}
