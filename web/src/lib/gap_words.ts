import { t } from './strings';
import type { Gap } from './types';

/** Why nothing was recorded, in words: what we know the cause as, else the recorder's own word for it. */
export function gapWords(gap: Gap): string {
  return t.gaps.causes[gap.cause] ?? (gap.cause.charAt(0).toUpperCase() + gap.cause.slice(1)).replaceAll(/[_-]/g, ' ');
}

/** What the recorder adds to that, which is English, or "". */
export const gapDetail = (gap: Gap): string => (gap.detail === gap.cause ? '' : gap.detail);
