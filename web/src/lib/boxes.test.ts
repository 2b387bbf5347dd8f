import { describe, expect, it } from 'vitest';
import { boxBetween, isDrawn, partOf } from './boxes';

describe('boxes', () => {
  it('lie between two corners, in whatever order, and within the picture', () => {
    const box = boxBetween({ x: 0.75, y: -1 }, { x: 0.25, y: 0.5 });
    expect(box).toEqual({ x: 0.25, y: 0, width: 0.5, height: 0.5 });
    expect(boxBetween({ x: 0.9, y: 0.9 }, { x: 3, y: 3 }).x + boxBetween({ x: 0.9, y: 0.9 }, { x: 3, y: 3 }).width).toBe(1);
  });

  it('are none when nothing was drawn', () => {
    expect(isDrawn(boxBetween({ x: 0.5, y: 0.5 }, { x: 0.5, y: 0.5 }))).toBe(false);
    expect(isDrawn(boxBetween({ x: 0.5, y: 0.5 }, { x: 0.6, y: 0.6 }))).toBe(true);
  });

  it('become polygons as the recorder takes them', () => {
    expect(partOf({ x: 0.25, y: 0, width: 0.5, height: 1 })).toBe('0.2500,0.0000 0.7500,0.0000 0.7500,1.0000 0.2500,1.0000');
  });
});
