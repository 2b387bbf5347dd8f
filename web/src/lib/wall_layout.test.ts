import { describe, expect, it } from 'vitest';
import { fitTiles, wallAspect } from './wall_layout';

const sizes = (...list: ([number, number] | null)[]): { size: [number, number] | null }[] => list.map((size) => ({ size }));

describe('wallAspect', () => {
  it('is what most cameras have', () => {
    expect(wallAspect(sizes([768, 576], [1920, 1080], [640, 480]))).toBeCloseTo(4 / 3, 2);
    expect(wallAspect(sizes([768, 576], [1920, 1080]))).toBeCloseTo(16 / 9, 2);
  });

  it('is 16:9 as long as nothing is known, and never extreme', () => {
    expect(wallAspect([])).toBeCloseTo(16 / 9);
    expect(wallAspect(sizes(null, [0, 5]))).toBeCloseTo(16 / 9);
    expect(wallAspect(sizes([480, 1920]))).toBe(1);
    expect(wallAspect(sizes([7680, 1080]))).toBe(2.4);
  });
});

describe('fitTiles', () => {
  const laptop = { width: 1400, height: 760, gap: 16, foot: 64, least: 320 };
  const wide = 16 / 9;

  it('makes tiles as large as they fit without scrolling', () => {
    expect(fitTiles(1, wide, laptop)).toEqual({ columns: 1, width: 1237 });
    expect(fitTiles(2, wide, laptop)).toEqual({ columns: 2, width: 692 });
    expect(fitTiles(4, wide, laptop)).toEqual({ columns: 2, width: 547 });
    expect(fitTiles(16, wide, { width: 3840, height: 2160, gap: 0, foot: 0, least: 100 })).toEqual({ columns: 4, width: 960 });
  });

  it('scrolls rather than show stamps', () => {
    const { columns, width } = fitTiles(16, wide, laptop);
    expect(columns).toBe(4);
    expect(width).toBeGreaterThanOrEqual(320);
  });

  it('is one column on a phone, as wide as that is', () => {
    expect(fitTiles(5, wide, { width: 366, height: 700, gap: 12, foot: 64, least: 320 })).toEqual({ columns: 1, width: 366 });
    expect(fitTiles(2, wide, { width: 300, height: 100, gap: 12, foot: 64, least: 320 })).toEqual({ columns: 1, width: 300 });
  });
});
