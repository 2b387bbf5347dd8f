import { boxBetween, isDrawn, partOf } from './boxes';
import type { Part } from './types';

export interface Point {
  x: number;
  y: number;
}

/** So near to its first corner a click closes an area; shares of the picture's width. */
const kClose = 0.02;
const share = (value: number): number => Math.min(1, Math.max(0, value));
const apart = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

export const areaOf = (corners: Point[]): Part => corners.map((p) => `${share(p.x).toFixed(4)},${share(p.y).toFixed(4)}`).join(' ');

/** What a text says is an area: at least three corners, each within the picture. */
export function areaFrom(text: string): Part | null {
  const corners = text.trim().split(/\s+/).map((corner) => corner.split(',').map(Number));
  if (corners.length < 3) return null;
  const good = corners.every((c) => c.length === 2 && c.every((v) => Number.isFinite(v) && v >= 0 && v <= 1));
  return good ? areaOf(corners.map(([x, y]) => ({ x: x ?? 0, y: y ?? 0 }))) : null;
}

/**
 * Draws areas: dragging makes a box, clicks make corners, and a click on the first corner (or `close`) makes an area of
 * them. Each of the four gives the area that is done by it, or null.
 */
export class AreaPen {
  corners: Point[] = [];
  /** Where the pointer is, for the line that follows it. */
  tip: Point | null = null;
  private pressed: Point | null = null;

  /** Of what is being drawn; nothing: no more than a point. */
  get sketch(): Part | null {
    if (this.pressed && this.tip && isDrawn(boxBetween(this.pressed, this.tip))) return partOf(boxBetween(this.pressed, this.tip));
    const line = this.tip && this.corners.length ? [...this.corners, this.tip] : this.corners;
    return line.length > 1 ? areaOf(line) : null;
  }

  press(at: Point): void {
    this.pressed = this.tip = at;
  }

  move(at: Point): void {
    this.tip = at;
  }

  release(at: Point): Part | null {
    const from = this.pressed;
    this.pressed = null;
    if (!from) return null;
    const box = boxBetween(from, at);
    if (this.corners.length === 0 && isDrawn(box)) return partOf(box);
    const first = this.corners[0];
    if (first && this.corners.length > 2 && apart(first, at) < kClose) return this.close();
    this.corners = [...this.corners, at];
    return null;
  }

  close(): Part | null {
    const area = this.corners.length > 2 ? areaOf(this.corners) : null;
    this.drop();
    return area;
  }

  drop(): void {
    this.corners = [];
    this.pressed = this.tip = null;
  }
}
