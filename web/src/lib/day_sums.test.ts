import { describe, expect, it } from 'vitest';
import { daySums } from './day_sums';
import { kHour } from './time';

describe('daySums', () => {
  it('adds up the hours of a day here, longer ones for more', () => {
    const here = (day: number, hour: number): string => new Date(2026, 2, day, hour).toISOString();
    const sums = daySums([
      { start: here(1, 23), recorded_s: 1800, covered: 0.5 },
      { start: here(2, 0), recorded_s: 3600, covered: 0 },
      { start: here(2, 8), recorded_s: 1200, covered: 0.4 },
    ]);
    expect([...sums.keys()]).toEqual([new Date(2026, 2, 1).getTime(), new Date(2026, 2, 2).getTime()]);
    expect(sums.get(new Date(2026, 2, 1).getTime())).toEqual({ recorded: kHour / 2, covered: 0.5 });
    const second = sums.get(new Date(2026, 2, 2).getTime())!;
    expect(second.recorded).toBe((4 / 3) * kHour);
    expect(second.covered).toBeCloseTo(0.1);
  });
});
