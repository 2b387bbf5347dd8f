import { describe, expect, it } from 'vitest';
import { kDay, kHour, kMinute } from './time';
import { bars, centre, firstView, gapAt, gapBar, isAnySealed, isSealedAt, nextRecorded, pan, runs, segmentAt, ticks, timeAt, xOf, zoom, type View } from './timeline_layout';
import type { Gap, Segment } from './types';

const day: View = { from: 0, to: kDay };
const minutes = (from: number, n: number, covered = 0.1): Segment[] =>
  Array.from({ length: n }, (_, i) => {
    const start = from + i * kMinute;
    return { id: i, start, end: start + kMinute, covered };
  });

describe('view', () => {
  it('maps time to pixels and back', () => {
    expect(xOf(day, 1200, 6 * kHour)).toBe(300);
    expect(timeAt(day, 1200, 300)).toBe(6 * kHour);
  });

  it('zooms about the anchor and stays in its bounds', () => {
    const view = zoom(day, 0.5, 6 * kHour, day);
    expect(view).toEqual({ from: 3 * kHour, to: 15 * kHour });
    expect(xOf(view, 100, 6 * kHour)).toBe(25);
    expect(zoom(view, 100, 6 * kHour, day)).toEqual(day);
    expect(zoom(day, 1e-9, 0, day)).toEqual({ from: 0, to: kMinute });
  });

  it('pans up to the edges', () => {
    const view = { from: kHour, to: 2 * kHour };
    expect(pan(view, kHour, day)).toEqual({ from: 2 * kHour, to: 3 * kHour });
    expect(pan(view, -5 * kHour, day)).toEqual({ from: 0, to: kHour });
    expect(pan(view, 50 * kHour, day)).toEqual({ from: 23 * kHour, to: kDay });
    expect(centre(23.9 * kHour, kHour, day)).toEqual({ from: 23 * kHour, to: kDay });
  });
});

describe('first view', () => {
  it('is as short as what was recorded today asks for', () => {
    const noon = 12 * kHour;
    const view = firstView(minutes(noon - 5 * kMinute, 5), noon, day);
    expect(view.to - view.from).toBe(10 * kMinute);
    expect(view.from).toBeLessThan(noon - 5 * kMinute);
    expect(view.to).toBeGreaterThan(noon);
    const hours = firstView(minutes(noon - 3 * kHour, 180), noon, day);
    expect(hours.to - hours.from).toBe(6 * kHour);
  });

  it('is the day when there is much of it, nothing, or when it is another day', () => {
    expect(firstView(minutes(0, 720), 12 * kHour, day)).toEqual(day);
    expect(firstView([], 12 * kHour, day)).toEqual(day);
    expect(firstView(minutes(0, 5), 30 * kHour, day)).toEqual(day);
  });

  it('stays within the day', () => {
    expect(firstView(minutes(0, 5), 5 * kMinute, day)).toEqual({ from: 0, to: 10 * kMinute });
  });
});

describe('ticks', () => {
  it('chooses a round step that leaves room for labels', () => {
    expect(ticks(day, 1200, 60, 0).step).toBe(2 * kHour);
    expect(ticks(day, 360, 60, 0).step).toBe(6 * kHour);
    expect(ticks({ from: 0, to: 10 * kMinute }, 1200, 60, 0).step).toBe(30_000);
  });

  it('counts from midnight, not from the edge', () => {
    const { times } = ticks({ from: kHour + 1, to: 5 * kHour }, 300, 60, 0);
    expect(times).toEqual([2 * kHour, 3 * kHour, 4 * kHour, 5 * kHour]);
  });
});

describe('bars', () => {
  it('draws wide segments one by one', () => {
    const out = bars(minutes(0, 3, 0.2), { from: 0, to: 3 * kMinute }, 300);
    expect(out).toEqual([0, 100, 200].map((x) => ({ x, width: 100, covered: 0.2 })));
  });

  it('joins what is too thin, keeping the mean and the total', () => {
    const out = bars([...minutes(0, 720, 0), ...minutes(12 * kHour, 720, 1)], day, 720);
    expect(out.length).toBeLessThan(725);
    expect(out.reduce((sum, bar) => sum + bar.width, 0)).toBeCloseTo(720);
    expect(out.reduce((sum, bar) => sum + bar.width * bar.covered, 0)).toBeCloseTo(360);
  });

  it('never joins across a gap, and cuts at the edges', () => {
    const out = bars([...minutes(0, 2), ...minutes(10 * kMinute, 2)], day, 720);
    expect(out).toHaveLength(2);
    const cut = bars(minutes(0, 3), { from: 0.5 * kMinute, to: 2.5 * kMinute }, 200);
    expect(cut.map((bar) => [bar.x, bar.width])).toEqual([[0, 50], [50, 100], [150, 50]]); // prettier-ignore
    expect(bars(minutes(0, 3), { from: kHour, to: 2 * kHour }, 200)).toEqual([]);
  });
});

describe('gaps and look-up', () => {
  const segments = [...minutes(0, 2), ...minutes(10 * kMinute, 2)];
  const open: Gap = { start: 12 * kMinute, end: null, cause: 'unreachable', detail: '' };
  const closed: Gap = { start: 2 * kMinute, end: 10 * kMinute, cause: 'restart', detail: '' };

  it('draws a gap, an open one up to now, a short one wide enough to see', () => {
    const view = { from: 0, to: 20 * kMinute };
    expect(gapBar(closed, view, 200, 0)).toEqual({ x: 20, width: 80 });
    expect(gapBar(open, view, 200, 15 * kMinute)).toEqual({ x: 120, width: 30 });
    expect(gapBar({ ...closed, end: closed.start + 10 }, view, 200, 0)?.width).toBe(2);
    expect(gapBar(open, { from: 0, to: kMinute }, 200, 15 * kMinute)).toBeNull();
  });

  it('finds what is at a time', () => {
    expect(segmentAt(segments, 90_000)?.start).toBe(kMinute);
    expect(segmentAt(segments, 5 * kMinute)).toBeNull();
    expect(gapAt([closed, open], 5 * kMinute, kHour)).toBe(closed);
    expect(gapAt([closed, open], 30 * kMinute, kHour)).toBe(open);
    expect(gapAt([closed, open], 30 * kMinute, 20 * kMinute)).toBeNull();
  });

  it('goes on to the next recording', () => {
    expect(nextRecorded(segments, 90_000)).toBe(90_000);
    expect(nextRecorded(segments, 5 * kMinute)).toBe(10 * kMinute);
    expect(nextRecorded(segments, -5)).toBe(0);
    expect(nextRecorded(segments, 12 * kMinute)).toBeNull();
  });

  it('sums up a day as runs', () => {
    expect(runs(segments, 1000)).toEqual([
      { from: 0, to: 2 * kMinute },
      { from: 10 * kMinute, to: 12 * kMinute },
    ]);
    expect(runs(segments, 8 * kMinute)).toEqual([{ from: 0, to: 12 * kMinute }]);
    expect(runs([], 1000)).toEqual([]);
  });
});

describe('what is sealed', () => {
  const sealed = [{ start: 100, end: 200 }, { start: 300, end: 400 }]; // prettier-ignore

  it('is known by moment and by span', () => {
    expect([99, 100, 199, 200, 250, 300].map((at) => isSealedAt(sealed, at))).toEqual([false, true, true, false, false, true]);
    expect([[0, 100], [0, 101], [200, 300], [199, 250], [0, 500]].map(([from = 0, to = 0]) => isAnySealed(sealed, { from, to }))).toEqual([
      false, true, false, true, true,
    ]); // prettier-ignore
  });
});
