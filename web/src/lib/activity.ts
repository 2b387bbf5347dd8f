import type { ActivityNumber, Ways } from './types';

export const kinds = ['persons', 'vehicles'] as const;
export type Kind = (typeof kinds)[number];
export type Way = keyof Ways;

/** What was told of one stretch of time, and how far the noise may have moved it, 95 times of 100. */
export interface Bar {
  from: number;
  to: number;
  in: number;
  out: number;
  error: number;
  /** Of the stretch, how much there are numbers of, 0–1. */
  told: number;
}

const kUsual = 1.96;

/** Of the noise on one number: the variance of the two-sided geometric law. */
export function varianceOf(scale: number): number {
  const a = Math.exp(-1 / scale);
  return (2 * a) / (1 - a) ** 2;
}

/** The numbers of one place in stretches between `edges`. A number belongs to the stretch that its middle is in. */
export function barsOf(numbers: ActivityNumber[], place: number, kind: Kind, edges: number[]): Bar[] {
  const bars = edges.slice(0, -1).map((from, i) => ({ from, to: edges[i + 1]!, in: 0, out: 0, error: 0, told: 0 }));
  const counts = bars.map(() => 0);
  const variances = bars.map(() => 0);
  for (const number of numbers) {
    if (number.place !== place) continue;
    const [from, to] = [Date.parse(number.from), Date.parse(number.to)];
    const at = bars.findIndex((bar) => (from + to) / 2 >= bar.from && (from + to) / 2 < bar.to);
    const bar = bars[at];
    if (!bar) continue;
    bar.in += number[kind].in;
    bar.out += number[kind].out;
    bar.told += (to - from) / (bar.to - bar.from);
    bar.error = number.error;
    counts[at]! += 1;
    variances[at]! += varianceOf(number.scale);
  }
  bars.forEach((bar, i) => {
    // The sum of several is near a normal law.
    if (counts[i]! > 1) bar.error = Math.ceil(kUsual * Math.sqrt(variances[i]!));
    bar.told = Math.min(1, bar.told);
  });
  return bars;
}

export const periods = ['day', 'week', 'month'] as const;
export type Period = (typeof periods)[number];

/** Midnights and hours of the browser's zone: a day by the hour, a week by six hours, four weeks by the day. Ends with the day of `at`. */
export function edgesOf(period: Period, at: number): number[] {
  const days = { day: 1, week: 7, month: 28 }[period];
  const hours = { day: 1, week: 6, month: 24 }[period];
  const first = new Date(at);
  first.setHours(0, 0, 0, 0);
  first.setDate(first.getDate() - (days - 1));
  const edges: number[] = [];
  for (let day = 0; day < days; ++day)
    for (let hour = 0; hour < 24; hour += hours)
      edges.push(new Date(first.getFullYear(), first.getMonth(), first.getDate() + day, hour).getTime());
  edges.push(new Date(first.getFullYear(), first.getMonth(), first.getDate() + days).getTime());
  // An hour that the clock leaves out has no length.
  return edges.filter((edge, i) => i === 0 || edge > edges[i - 1]!);
}

/** All bars together. */
export function sumOf(bars: Bar[]): { in: number; out: number; error: number } {
  const told = bars.filter((bar) => bar.told > 0);
  const error = Math.ceil(Math.sqrt(told.reduce((sum, bar) => sum + bar.error ** 2, 0)));
  return { in: told.reduce((sum, bar) => sum + bar.in, 0), out: told.reduce((sum, bar) => sum + bar.out, 0), error };
}

/** A round number of at least `most`, for the end of an axis. */
export function axisEnd(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 5, 10].map((n) => n * power).find((end) => end >= most) ?? 10 * power;
}
