import type { Category } from '../../../workers/report';

/** The bright colour of each category on the dark stage (`--tint-bright` of the style sheet), for pictures. */
export const BRIGHT_TINTS: Record<Category, string> = {
  'object-distortion': '#ff9873',
  'sudden-blurring': '#83c8ff',
  'object-trajectory': '#ffd765',
  'redundant-object': '#cfadff',
  'object-merging': '#74e3b4',
  'object-splitting': '#ffa3d3',
  'background-distortion': '#bfe05f',
  'object-disappearance': '#b4c8d6',
  'unexpected-move': '#ffba57',
};

/** The dark colour of each category on paper (`--tint` of the style sheet). */
export const PAPER_TINTS: Record<Category, string> = {
  'object-distortion': '#b03c17',
  'sudden-blurring': '#1a66a8',
  'object-trajectory': '#846000',
  'redundant-object': '#6d3db3',
  'object-merging': '#0c7450',
  'object-splitting': '#a9286e',
  'background-distortion': '#4b6d12',
  'object-disappearance': '#48606f',
  'unexpected-move': '#984a00',
};
