/** `42 %`, with a space that does not break: English and German as we write them agree. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return '<1\u00a0%';
  // Rounding up to 100 would claim more than is true.
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100}\u00a0%`;
}
