import type { Category } from '../../workers/report';

/** How a trace category is named, explained and drawn. */
export type CategoryInfo = {
  name: string;
  /** One sentence for people who meet the term for the first time. */
  description: string;
  /** `stroke-dasharray` of its outline, the same on the video, in the timeline and in the list. */
  dash: string;
  /** Path of its 16 x 16 icon, stroked. */
  icon: string;
};

/** The nine trace categories. Each has its own icon and stroke pattern, so that colour is never the only cue. */
export const CATEGORY_INFO: Record<Category, CategoryInfo> = {
  'object-distortion': {
    name: 'Object distortion',
    description: 'A shape deforms in a way the thing cannot: a kettle melts, an arm bends like rubber.',
    dash: 'none',
    icon: 'M3 8.7C2.6 4.4 5.6 2 7.9 3.9s5.6-1 5.5 3-1.6 6.9-4.6 5.7S3.4 12.9 3 8.7Z',
  },
  'sudden-blurring': {
    name: 'Sudden blurring',
    description:
      'Something loses its definition from one moment to the next: a face or an animal’s fur smears.',
    dash: '2 4',
    icon: 'M2 4.5h7M12 4.5h2M4 8h10M2 11.5h4M9 11.5h4',
  },
  'object-trajectory': {
    name: 'Object trajectory',
    description: 'Motion along a path that nature does not allow: a ball curves in mid-air.',
    dash: '12 5',
    icon: 'M2 12.5C3 3 7.5 2.5 8.5 7s3.5 3.5 5-2.5M10.8 5.6l2.7-1.2 1.2 2.7',
  },
  'redundant-object': {
    name: 'Redundant object',
    description: 'Something appears that should not be there: a third arm, an extra wheel.',
    dash: '7 4',
    icon: 'M2 6h8v8H2zM12.5 2v5M10 4.5h5',
  },
  'object-merging': {
    name: 'Object merging',
    description: 'Separate things fuse: two animals become one shape.',
    dash: '12 4 2 4',
    icon: 'M5.8 4.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6ZM10.2 4.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6Z',
  },
  'object-splitting': {
    name: 'Object splitting',
    description: 'One thing divides: a body comes apart in the middle of a movement.',
    dash: '4 3',
    icon: 'M6.3 3.5a4.5 4.5 0 0 0 0 9ZM9.7 3.5a4.5 4.5 0 0 1 0 9Z',
  },
  'background-distortion': {
    name: 'Background distortion',
    description: 'The surroundings warp: a parked car stretches, a wall ripples.',
    dash: '16 3 2 3 2 3',
    icon: 'M1.5 4.5c2.2-2 4.3 2 6.5 0s4.3 2 6.5 0M1.5 8c2.2-2 4.3 2 6.5 0s4.3 2 6.5 0M1.5 11.5c2.2-2 4.3 2 6.5 0s4.3 2 6.5 0',
  },
  'object-disappearance': {
    name: 'Object disappearance',
    description: 'Something visible vanishes: a person in mid-step, a ball in mid-kick.',
    dash: '3 6',
    icon: 'M6.5 2.7a5.5 5.5 0 0 1 3 0M12.7 5.2a5.5 5.5 0 0 1 .8 3.1M11.7 12a5.5 5.5 0 0 1-2.7 1.5M5.5 12.9a5.5 5.5 0 0 1-2.2-2.2M2.6 7.3a5.5 5.5 0 0 1 1.2-2.8',
  },
  'unexpected-move': {
    name: 'Unexpected move',
    description: 'A thing that stands still by nature moves: a glass slides by itself.',
    dash: '9 3 2 3 9 6',
    icon: 'M2 8.5h5.5V14H2zM8.5 7.5l5-5M9.5 2.5h4v4',
  },
};
