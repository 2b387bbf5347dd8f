import { dayStart, kSecond } from './time';
import type { RecordedHour } from './types';

/** A day of the browser's zone in short: how long was recorded, and the mean share of the picture that was covered. */
export interface DaySum {
  recorded: number;
  covered: number;
}

/** By midnight. An hour of UTC counts for the day in which it begins here. */
export function daySums(hours: RecordedHour[]): Map<number, DaySum> {
  const sums = new Map<number, DaySum>();
  for (const { start, recorded_s, covered } of hours) {
    const day = dayStart(Date.parse(start));
    const before = sums.get(day) ?? { recorded: 0, covered: 0 };
    const recorded = before.recorded + recorded_s * kSecond;
    sums.set(day, { recorded, covered: (before.covered * before.recorded + covered * recorded_s * kSecond) / recorded });
  }
  return sums;
}
