import { kDay, kHour, kMinute, kSecond } from './time';
import type { Gap, Sealed, Segment } from './types';

/** What part of time a timeline shows, in milliseconds since 1970. */
export interface View {
  from: number;
  to: number;
}

export const kShortestView = kMinute;

export const xOf = (view: View, width: number, time: number): number => ((time - view.from) / (view.to - view.from)) * width;
export const timeAt = (view: View, width: number, x: number): number => view.from + (x / width) * (view.to - view.from);

/** `span` long, with its beginning as near to `from` as `bounds` allow. */
function fit(from: number, span: number, bounds: View): View {
  const length = Math.min(span, bounds.to - bounds.from);
  const start = Math.min(Math.max(from, bounds.from), bounds.to - length);
  return { from: start, to: start + length };
}

/** Shows `factor` times as much (less, below 1), with `anchor` where it is. */
export function zoom(view: View, factor: number, anchor: number, bounds: View): View {
  const span = Math.max(kShortestView, (view.to - view.from) * factor);
  const share = (anchor - view.from) / (view.to - view.from);
  return fit(anchor - share * span, span, bounds);
}

export const pan = (view: View, by: number, bounds: View): View => fit(view.from + by, view.to - view.from, bounds);

export const centre = (time: number, span: number, bounds: View): View => fit(time - span / 2, span, bounds);

/** What the zoom buttons offer; the last stands for the whole day. */
export const kSpans = [10 * kMinute, kHour, 6 * kHour, kDay];
/** How much of a first view recordings may fill. */
const kFill = 0.85;

/** What to show at first: the day, or less of it when so little of today was recorded that it would hardly be seen. */
export function firstView(segments: Segment[], now: number, bounds: View): View {
  const start = segments[0]?.start;
  if (start === undefined || now < bounds.from || now >= bounds.to) return bounds;
  const span = kSpans.find((s) => now - Math.max(start, bounds.from) <= s * kFill) ?? kDay;
  return span === kDay ? bounds : fit(now - span * kFill, span, bounds);
}

const kSteps = [
  kSecond, 2 * kSecond, 5 * kSecond, 10 * kSecond, 30 * kSecond,
  kMinute, 2 * kMinute, 5 * kMinute, 10 * kMinute, 30 * kMinute,
  kHour, 2 * kHour, 3 * kHour, 6 * kHour, 12 * kHour, kDay,
]; // prettier-ignore

export interface Ticks {
  step: number;
  times: number[];
}

/** Round times, counted from `origin` (a midnight), at least `apart` pixels from each other. */
export function ticks(view: View, width: number, apart: number, origin: number): Ticks {
  const least = (apart / width) * (view.to - view.from);
  const step = kSteps.find((s) => s >= least) ?? kDay;
  const times: number[] = [];
  for (let at = origin + Math.ceil((view.from - origin) / step) * step; at <= view.to; at += step) times.push(at);
  return { step, times };
}

export interface Bar {
  x: number;
  width: number;
  covered: number;
}

/** Pixels below which neighbours are drawn as one. */
const kFinest = 1.5;

/**
 * The bars to draw for `segments` (in order of time). Where a segment is too thin to be seen, neighbours that touch are
 * drawn as one, with the mean of what was covered. What lies apart stays apart: a gap must be seen.
 */
export function bars(segments: Segment[], view: View, width: number): Bar[] {
  const out: Bar[] = [];
  let weight = 0;
  for (const segment of segments) {
    if (segment.end <= view.from || segment.start >= view.to) continue;
    const x = Math.max(0, xOf(view, width, segment.start));
    const end = Math.min(width, xOf(view, width, segment.end));
    const length = end - x;
    const last = out.at(-1);
    if (last && last.width < kFinest && x - (last.x + last.width) < 0.5) {
      last.covered = (last.covered * weight + segment.covered * length) / (weight + length || 1);
      last.width = end - last.x;
      weight += length;
    } else {
      out.push({ x, width: length, covered: segment.covered });
      weight = length;
    }
  }
  return out;
}

/** Where a span lies on the screen, never so thin that it is not seen; null where it is out of sight. */
export function spanBar(start: number, end: number, view: View, width: number): { x: number; width: number } | null {
  if (end <= view.from || start >= view.to) return null;
  const x = Math.max(0, xOf(view, width, start));
  return { x, width: Math.max(2, Math.min(width, xOf(view, width, end)) - x) };
}

/** The same for a gap; an open one reaches to `now`. */
export const gapBar = (gap: Gap, view: View, width: number, now: number): { x: number; width: number } | null =>
  spanBar(gap.start, gap.end ?? now, view, width);

/** The index of the last segment that begins at or before `time`, or -1. */
function lastBefore(segments: Segment[], time: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]!.start <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function segmentAt(segments: Segment[], time: number): Segment | null {
  const segment = segments[lastBefore(segments, time)];
  return segment && time < segment.end ? segment : null;
}

export function gapAt(gaps: Gap[], time: number, now: number): Gap | null {
  return gaps.find((gap) => gap.start <= time && time < (gap.end ?? now)) ?? null;
}

/** Whether something is sealed of that moment. */
export const isSealedAt = (sealed: Sealed[], time: number): boolean => sealed.some((s) => s.start <= time && time < s.end);

/** Whether something is sealed of any of this span. */
export const isAnySealed = (sealed: Sealed[], { from, to }: View): boolean => sealed.some((s) => s.start < to && s.end > from);

/** `time` if it was recorded, else when the next recording begins, else null. */
export function nextRecorded(segments: Segment[], time: number): number | null {
  if (segmentAt(segments, time)) return time;
  return segments[lastBefore(segments, time) + 1]?.start ?? null;
}

/** Where recording went on without a break longer than `slack`, for a rough picture of a whole day. */
export function runs(segments: Segment[], slack: number): View[] {
  const out: View[] = [];
  for (const { start, end } of segments) {
    const last = out.at(-1);
    if (last && start - last.to <= slack) last.to = Math.max(last.to, end);
    else out.push({ from: start, to: end });
  }
  return out;
}
