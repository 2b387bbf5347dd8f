import type { Part } from './types';

/** A box in shares of width and height. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const kLeast = 0.01;
const share = (value: number): number => Math.min(1, Math.max(0, value));

/** The box between two corners, within the picture. */
export function boxBetween(a: { x: number; y: number }, b: { x: number; y: number }): Box {
  const [x, y] = [share(Math.min(a.x, b.x)), share(Math.min(a.y, b.y))];
  return { x, y, width: share(Math.max(a.x, b.x)) - x, height: share(Math.max(a.y, b.y)) - y };
}

/** A click is no box. */
export const isDrawn = (box: Box): boolean => box.width >= kLeast && box.height >= kLeast;

export function partOf({ x, y, width, height }: Box): Part {
  const corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
  return corners.map((corner) => corner.map((value) => share(value).toFixed(4)).join(',')).join(' ');
}
