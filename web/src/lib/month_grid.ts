import { t } from './strings';

/** The midnights of a month (0–11) for a grid that begins on Monday; null where the first week has none of its days. */
export function monthGrid(year: number, month: number): (number | null)[] {
  const before = (new Date(year, month, 1).getDay() + 6) % 7;
  const length = new Date(year, month + 1, 0).getDate();
  const days = Array.from({ length }, (_, i) => new Date(year, month, i + 1).getTime());
  return [...Array<null>(before).fill(null), ...days];
}

/** Monday to Sunday, short. */
export function weekdayNames(): string[] {
  const format = new Intl.DateTimeFormat(t.locale, { weekday: 'short' });
  // 1 January 2024 was a Monday.
  return Array.from({ length: 7 }, (_, i) => format.format(new Date(2024, 0, i + 1)));
}
