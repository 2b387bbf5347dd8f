import { describe, expect, it } from 'vitest';
import { monthGrid, weekdayNames } from './month_grid';
import { dayKey } from './time';

describe('monthGrid', () => {
  it('puts the first day under its weekday', () => {
    // 1 March 2026 is a Sunday; the clocks change on the 29th.
    const grid = monthGrid(2026, 2);
    expect(grid.slice(0, 6)).toEqual([null, null, null, null, null, null]);
    expect(grid.slice(6).map((day) => dayKey(day!))).toEqual(
      Array.from({ length: 31 }, (_, i) => `2026-03-${String(i + 1).padStart(2, '0')}`),
    );
  });

  it('knows leap years', () => {
    expect(monthGrid(2028, 1).filter((day) => day !== null)).toHaveLength(29);
    expect(monthGrid(2026, 1).filter((day) => day !== null)).toHaveLength(28);
  });

  it('begins on Monday', () => {
    expect(weekdayNames()).toEqual(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']);
  });
});
