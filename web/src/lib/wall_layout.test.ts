import { describe, expect, it } from 'vitest';
import { wallAspect } from './wall_layout';

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
