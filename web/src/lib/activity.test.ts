import { describe, expect, it } from 'vitest';
import { axisEnd, barsOf, edgesOf, sumOf, varianceOf } from './activity';
import { kHour, kMinute } from './time';
import type { ActivityNumber } from './types';

const kNoon = Date.parse('2026-03-10T12:00:00Z');
const number = (place: number, minutes: number, long: number, entered: number): ActivityNumber => ({
  place,
  from: new Date(kNoon + minutes * kMinute).toISOString(),
  to: new Date(kNoon + (minutes + long) * kMinute).toISOString(),
  persons: { in: entered, out: -1 },
  vehicles: { in: 0, out: 2 },
  scale: 4,
  error: 12,
});

describe('barsOf', () => {
  const edges = [kNoon, kNoon + kHour, kNoon + 2 * kHour];

  it('adds what belongs together, and its noise as noise adds', () => {
    const numbers = [number(1, 0, 30, 5), number(1, 30, 30, 7), number(1, 60, 60, -3), number(2, 0, 60, 99)];
    const [first, second] = barsOf(numbers, 1, 'persons', edges);
    expect(first).toMatchObject({ in: 12, out: -2, told: 1 });
    expect(first!.error).toBe(Math.ceil(1.96 * Math.sqrt(2 * varianceOf(4))));
    expect(second).toMatchObject({ in: -3, out: -1, error: 12, told: 1 });
    expect(barsOf(numbers, 1, 'vehicles', edges)[0]).toMatchObject({ in: 0, out: 4 });
  });

  it('says of how much of the time there are numbers', () => {
    const [first, second] = barsOf([number(1, 10, 15, 5)], 1, 'persons', edges);
    expect(first!.told).toBe(0.25);
    expect(second).toMatchObject({ told: 0, error: 0 });
  });

  it('leaves out what is of another time', () => {
    expect(barsOf([number(1, -60, 60, 5), number(1, 120, 60, 5)], 1, 'persons', edges).every((bar) => bar.told === 0)).toBe(true);
  });
});

it('the noise of scale 4 has a variance of nearly 32', () => expect(varianceOf(4)).toBeCloseTo(31.83, 2));

describe('edgesOf', () => {
  it('is a day by the hour, a week by six, four weeks by the day', () => {
    expect(edgesOf('day', kNoon)).toHaveLength(25);
    expect(edgesOf('week', kNoon)).toHaveLength(29);
    expect(edgesOf('month', kNoon)).toHaveLength(29);
    expect(edgesOf('week', kNoon).at(-1)).toBe(edgesOf('day', kNoon).at(-1));
  });

  it('keeps to the clock when that is changed', () => {
    // In Berlin, the last Sunday of March has 23 hours, that of October 25.
    const spring = edgesOf('day', Date.parse('2026-03-29T10:00:00Z'));
    expect(spring).toHaveLength(24);
    const autumn = edgesOf('day', Date.parse('2026-10-25T10:00:00Z'));
    expect(autumn.at(-1)! - autumn[0]!).toBe(25 * kHour);
    for (const edges of [spring, autumn]) edges.slice(1).forEach((edge, i) => expect(edge).toBeGreaterThan(edges[i]!));
  });
});

it('sums are of what was told', () => {
  const bar = { from: 0, to: 1, in: 3, out: 4, error: 3, told: 1 };
  expect(sumOf([bar, { ...bar, error: 4 }, { ...bar, told: 0, in: 0, out: 0, error: 0 }])).toEqual({ in: 6, out: 8, error: 5 });
});

it('axes end at round numbers', () => {
  expect([0, 1, 3, 12, 49, 51, 100, 101].map(axisEnd)).toEqual([1, 1, 5, 20, 50, 100, 100, 200]);
});
