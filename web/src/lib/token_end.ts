import { dayEnd, dayKey, fromInput, kDay, kSecond } from './time';

/** The recorder's limit (doc/api.md). */
const kLongest = 366 * kDay;
const kUsual = 90 * kDay;

/** The days, for `<input type="date">`, on which a token that is made now can end, and the one that is offered. */
export const endDays = (now: number): { first: string; last: string; usual: string } => ({
  first: dayKey(now),
  last: dayKey(now + kLongest - kDay),
  usual: dayKey(now + kUsual),
});

/** The end of that day in the browser's zone, or null where it is no day or not to come. */
export function endOf(day: string, now: number): number | null {
  const start = fromInput(`${day}T00:00:00`);
  if (start === null) return null;
  const end = dayEnd(start) - kSecond;
  // A day of 25 hours may end a little later than what the recorder allows.
  return end > now ? Math.min(end, now + kLongest - kSecond) : null;
}
