import { describe, expect, it } from 'vitest';
import { byteSize, clock, dayEnd, dayKey, dayStart, duration, fromInput, kDay, kHour, localDays, toInput, utc } from './time';

// The tests run in Europe/Berlin (vite.config.js): one hour ahead of UTC in winter, two in summer.
const at = (time: string): number => Date.parse(time);

describe('display', () => {
  it('shows the browser’s zone, and UTC for tooltips', () => {
    expect(clock(at('2026-03-01T12:34:56Z'))).toBe('13:34:56');
    expect(clock(at('2026-03-01T12:34:56Z'), false)).toBe('13:34');
    expect(utc(at('2026-03-01T12:34:56.789Z'))).toBe('2026-03-01 12:34:56 UTC');
  });

  it('writes durations', () => {
    const cases: [number, string][] = [
      [0, '0 s'], [220, '<1 s'], [59_400, '59 s'], [61_000, '1 min'], [kHour, '1 h'], [kHour + 300_000, '1 h 05 min'],
      [kDay, '1 d'], [3 * kDay + 4 * kHour, '3 d 4 h'], [-5, '0 s'],
    ]; // prettier-ignore
    for (const [ms, text] of cases) expect(duration(ms)).toBe(text);
    expect(duration(61_000, true)).toBe('1 min 01 s');
    expect(duration(kHour, true)).toBe('1 h 00 min');
  });

  it('writes sizes', () => {
    expect([0, 999, 1000, 12_345_678, 5e11].map(byteSize)).toEqual(['0 B', '999 B', '1.0 kB', '12.3 MB', '500 GB']);
  });
});

describe('days', () => {
  it('begin at midnight here, and last 23 or 25 hours where clocks change', () => {
    const start = dayStart(at('2026-02-28T23:30:00Z'));
    expect(dayKey(start)).toBe('2026-03-01');
    expect(start).toBe(at('2026-02-28T23:00:00Z'));
    expect(dayEnd(start) - start).toBe(kDay);
    const spring = dayStart(at('2026-03-29T12:00:00Z'));
    expect(dayEnd(spring) - spring).toBe(23 * kHour);
    const autumn = dayStart(at('2026-10-25T12:00:00Z'));
    expect(dayEnd(autumn) - autumn).toBe(25 * kHour);
  });

  it('of UTC become days here, trimmed to what exists', () => {
    const keys = (...args: Parameters<typeof localDays>): string[] => localDays(...args).map(dayKey);
    expect(keys(['2026-03-02', '2026-03-01'], null, null)).toEqual(['2026-03-01', '2026-03-02', '2026-03-03']);
    expect(keys(['2026-03-01'], at('2026-03-01T10:00:00Z'), at('2026-03-01T11:00:00Z'))).toEqual(['2026-03-01']);
    expect(keys(['2026-03-01'], at('2026-03-01T23:30:00Z'), null)).toEqual(['2026-03-02']);
    expect(keys(['nonsense'], null, null)).toEqual([]);
  });
});

describe('time inputs', () => {
  it('round-trip', () => {
    const ms = at('2026-07-01T12:34:56Z');
    expect(toInput(ms)).toBe('2026-07-01T14:34:56');
    expect(fromInput(toInput(ms))).toBe(ms);
    expect(fromInput('')).toBeNull();
  });
});
