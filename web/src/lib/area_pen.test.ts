import { describe, expect, it } from 'vitest';
import { areaFrom, AreaPen, arrowOf, placeFrom } from './area_pen';

const click = (pen: AreaPen, x: number, y: number) => {
  pen.press({ x, y });
  return pen.release({ x, y });
};

describe('AreaPen', () => {
  it('makes a box of a drag', () => {
    const pen = new AreaPen();
    pen.press({ x: 0.5, y: 0.5 });
    pen.move({ x: 0.25, y: 0.75 });
    expect(pen.sketch).toBe('0.2500,0.5000 0.5000,0.5000 0.5000,0.7500 0.2500,0.7500');
    expect(pen.release({ x: 0.25, y: 0.75 })).toBe('0.2500,0.5000 0.5000,0.5000 0.5000,0.7500 0.2500,0.7500');
    expect(pen.corners).toEqual([]);
  });

  it('makes an area of clicks, closed by one on the first corner', () => {
    const pen = new AreaPen();
    expect(click(pen, 0.1, 0.1)).toBeNull();
    expect(click(pen, 0.9, 0.1)).toBeNull();
    expect(click(pen, 0.101, 0.1)).toBeNull(); // two corners are no area yet: this is the third
    expect(click(pen, 0.5, 0.9)).toBeNull();
    expect(click(pen, 0.1, 0.105)).toBe('0.1000,0.1000 0.9000,0.1000 0.1010,0.1000 0.5000,0.9000');
    expect(pen.sketch).toBeNull();
  });

  it('makes nothing of two corners', () => {
    const pen = new AreaPen();
    click(pen, 0.1, 0.1);
    click(pen, 0.9, 0.1);
    expect(pen.close()).toBeNull();
    expect(pen.corners).toEqual([]);
  });

  it('stays within the picture', () => {
    const pen = new AreaPen();
    click(pen, -0.1, 0.1);
    click(pen, 1.4, 0.1);
    click(pen, 0.5, 2);
    expect(pen.close()).toBe('0.0000,0.1000 1.0000,0.1000 0.5000,1.0000');
  });
});

describe('areaFrom', () => {
  it('takes polygons and nothing else', () => {
    expect(areaFrom(' 0,0 1,0  0.5,1 ')).toBe('0.0000,0.0000 1.0000,0.0000 0.5000,1.0000');
    for (const bad of ['', '0,0 1,0', '0,0 1,0 2,1', '0,0 1 1,1', 'a,b c,d e,f', '0,0,0 1,0 1,1']) expect(areaFrom(bad)).toBeNull();
  });
});

describe('lines', () => {
  it('are drawn by dragging, or by two clicks', () => {
    const pen = new AreaPen(true);
    pen.press({ x: 0.1, y: 0.5 });
    pen.move({ x: 0.5, y: 0.5 });
    expect(pen.sketch).toBe('0.1000,0.5000 0.5000,0.5000');
    expect(pen.release({ x: 0.9, y: 0.5 })).toBe('0.1000,0.5000 0.9000,0.5000');
    expect(pen.corners).toEqual([]);
    const click = (x: number, y: number) => (pen.press({ x, y }), pen.release({ x, y }));
    expect(click(0.2, 0.2)).toBeNull();
    expect(click(0.2, 0.8)).toBe('0.2000,0.2000 0.2000,0.8000');
  });

  it('have two ends, and areas more', () => {
    expect(placeFrom('0.1,0.5 0.9,0.5')).toBe('0.1000,0.5000 0.9000,0.5000');
    expect(placeFrom('0,0 1,0 1,1')).toBe('0.0000,0.0000 1.0000,0.0000 1.0000,1.0000');
    for (const bad of ['', '0,0', '0.5,0.5 0.5,0.5', '0,0 2,0', '0,0 1,x']) expect(placeFrom(bad), bad).toBeNull();
  });

  it('have an arrow to their right, as one sees it', () => {
    // From the bottom up: right is where x is large.
    const tip = arrowOf('0.5,0.9 0.5,0.1', 2)!.split(' ')[1]!;
    expect(tip).toBe('0.5350,0.5000');
    expect(arrowOf('0,0 1,0 1,1', 2)).toBeNull();
  });
});
