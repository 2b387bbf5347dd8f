import { t } from './strings';
import type { Gap } from './types';

/** Why nothing was recorded, in words: what we know the cause as, else the recorder's own word for it. */
export function gapWords(gap: Gap): string {
  const cause = t.gaps.causes[gap.cause] ?? (gap.cause.charAt(0).toUpperCase() + gap.cause.slice(1)).replaceAll(/[_-]/g, ' ');
  return gap.detail && gap.detail !== gap.cause ? `${cause}: ${gap.detail}` : cause;
}
