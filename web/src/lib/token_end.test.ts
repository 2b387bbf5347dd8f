import { describe, expect, it } from 'vitest';
import { endDays, endOf } from './token_end';
import { kDay, kSecond } from './time';

// 00:30 in Berlin, of a day that has 25 hours.
const now = Date.parse('2026-10-24T22:30:00Z');

describe('the end of a token', () => {
  it('is between today and a year from now', () => {
    expect(endDays(now)).toEqual({ first: '2026-10-25', last: '2027-10-25', usual: '2027-01-22' });
  });

  it('is the last second of the day, in the browser’s zone', () => {
    expect(endOf('2026-10-25', now)).toBe(Date.parse('2026-10-25T22:59:59Z'));
    expect(endOf('2026-11-01', now)).toBe(Date.parse('2026-11-01T22:59:59Z'));
  });

  it('is to come, and not later than the recorder allows', () => {
    expect(endOf('2026-10-24', now)).toBeNull();
    expect(endOf('', now)).toBeNull();
    expect(endOf('2027-11-30', now)).toBe(now + 366 * kDay - kSecond);
    expect(endOf(endDays(now).last, now)).toBeLessThan(now + 366 * kDay);
  });
});
