import { t } from './strings';

export const kSecond = 1000;
export const kMinute = 60 * kSecond;
export const kHour = 60 * kMinute;
export const kDay = 24 * kHour;

const two = (n: number): string => String(n).padStart(2, '0');

/** `14:03:09` in the browser's zone. */
export function clock(ms: number, seconds = true): string {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}${seconds ? `:${two(d.getSeconds())}` : ''}`;
}

/** `2026-03-01 12:34:56 UTC`, for tooltips. */
export function utc(ms: number): string {
  const iso = new Date(ms).toISOString();
  return t.utc(iso.slice(0, 10), iso.slice(11, 19));
}

/** Made when first used: the language is loaded after this module (lib/strings.ts). */
function format(options: Intl.DateTimeFormatOptions): (ms: number) => string {
  let made: Intl.DateTimeFormat | undefined;
  return (ms) => (made ??= new Intl.DateTimeFormat(t.locale, options)).format(ms);
}

export const dayName = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
const yearlessName = format({ weekday: 'short', day: 'numeric', month: 'short' });
const shortDay = format({ day: 'numeric', month: 'short' });
/** Without the year, when that is this one. */
export const dayNameNear = (ms: number, now: number): string =>
  (new Date(ms).getFullYear() === new Date(now).getFullYear() ? yearlessName : dayName)(ms);
export const monthName = format({ month: 'long', year: 'numeric' });
/** `2026-03-01`, in numbers and in the browser's zone. */
export const dayNumbers = (ms: number): string => t.date(dayKey(ms));

/** `14:03`, with the day before it when that is not today. */
export function clockOrDay(ms: number, now: number): string {
  const time = clock(ms, false);
  return dayKey(ms) === dayKey(now) ? time : `${shortDay(ms)}, ${time}`;
}

/** `45 s`, `12 min`, `1 h 05 min`, `3 d 4 h`. With `exact`, minutes keep their seconds. */
export function duration(ms: number, exact = false): string {
  if (ms > 0 && ms < kSecond) return t.duration.underSecond;
  const s = Math.max(0, Math.round(ms / kSecond));
  if (s < 60) return t.duration.s(s);
  const m = Math.floor(s / 60);
  if (m < 60) return exact && s % 60 ? t.duration.minS(m, two(s % 60)) : t.duration.min(m);
  const h = Math.floor(m / 60);
  if (h < 24) return m % 60 || exact ? t.duration.hMin(h, two(m % 60)) : t.duration.h(h);
  const d = Math.floor(h / 24);
  return h % 24 ? t.duration.dH(d, h % 24) : t.duration.d(d);
}

/** `12.3 MB`, in powers of 1000 as disks and browsers count. */
export function byteSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  const value = bytes / 1000 ** power;
  return t.bytes(value.toFixed(power === 0 || value >= 100 ? 0 : 1), units[power] ?? '');
}

/** Midnight, in the browser's zone, of the day that holds `ms`. */
export function dayStart(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** The midnight after `start`: 23 to 25 hours later where clocks change. */
export function dayEnd(start: number): number {
  const d = new Date(start);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1).getTime();
}

/** `2026-03-01` in the browser's zone. */
export function dayKey(ms: number): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/**
 * The local days, as midnights, oldest first, that may hold recordings, given the UTC days that do. A UTC day spans two
 * local ones; `first` and `last` (the span of all recordings) trim the ends.
 */
export function localDays(utcDays: string[], first: number | null, last: number | null): number[] {
  const days = new Set<number>();
  for (const day of utcDays) {
    const from = Math.max(Date.parse(`${day}T00:00:00Z`), first ?? -Infinity);
    const to = Math.min(Date.parse(`${day}T23:59:59Z`), last ?? Infinity);
    if (!(from <= to)) continue;
    for (let at = dayStart(from); at <= to; at = dayEnd(at)) days.add(at);
  }
  return [...days].sort((a, b) => a - b);
}

/** The value of an `<input type="datetime-local" step="1">`, and back (null when it is incomplete). */
export const toInput = (ms: number): string => `${dayKey(ms)}T${clock(ms)}`;

export function fromInput(value: string): number | null {
  const ms = new Date(value).getTime();
  return Number.isNaN(ms) ? null : ms;
}
