import { describe, expect, it } from 'vitest';
import { LatencyControl, retryDelay } from './live_latency';

describe('LatencyControl', () => {
  it('leaves a stream alone that is about on time', () => {
    const control = new LatencyControl(0);
    for (const slack of [0, 0.1, 0.2, 0.45]) expect(control.arrival(10 + slack, 10, 1)).toEqual({ seekTo: null, rate: 1 });
  });

  it('hurries when late, until the slack is as wanted', () => {
    const control = new LatencyControl(0);
    expect(control.arrival(10.8, 10, 1).rate).toBe(1.1);
    expect(control.arrival(10.4, 10, 2).rate).toBe(1.1);
    expect(control.arrival(10.2, 10, 3).rate).toBe(1);
    expect(control.arrival(10.4, 10, 4).rate).toBe(1);
  });

  it('jumps when far behind', () => {
    const { seekTo, rate } = new LatencyControl(0).arrival(30, 10, 1);
    expect(seekTo).toBeCloseTo(29.8);
    expect(rate).toBe(1);
  });

  it('allows more slack after stalls, but not without end', () => {
    const control = new LatencyControl(0);
    for (const now of [5, 10, 15]) control.stalled(now);
    expect(control.arrival(10.8, 10, 16).rate).toBe(1);
    for (let now = 20; now < 200; now += 5) control.stalled(now);
    expect(control.arrival(12.5, 10, 200).seekTo).toBeCloseTo(11.3);
  });

  it('takes a burst of stalls for one, and the start for none', () => {
    const control = new LatencyControl(100);
    for (let i = 0; i < 20; ++i) control.stalled(100 + i / 10);
    expect(control.arrival(10.55, 10, 102).rate).toBe(1.1);
    for (let i = 0; i < 20; ++i) control.stalled(110 + i / 10);
    expect(control.arrival(10.55, 10, 112).seekTo).toBeNull();
    expect(control.arrival(12, 10, 112).seekTo).toBeCloseTo(11.65);
  });

  it('tries for less when all is calm', () => {
    const control = new LatencyControl(0);
    control.stalled(10);
    for (let now = 10; now < 100; now += 1) control.arrival(10, 10, now);
    expect(control.arrival(12, 10, 100).seekTo).toBeCloseTo(11.8);
  });
});

describe('retryDelay', () => {
  it('doubles up to ten seconds', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map(retryDelay)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });
});
