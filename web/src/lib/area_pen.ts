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

/** A line or an area, as a text says it. */
export function placeFrom(text: string): Part | null {
  const ends = text.trim().split(/\s+/);
  // A line as an area that comes back.
  const line = ends.length === 2 && ends[0] !== ends[1] ? areaFrom([...ends, ends[1]].join(' ')) : null;
  return line ? line.split(' ').slice(0, 2).join(' ') : areaFrom(text);
}

/** An arrow over the middle of a line to its right, which is in; nothing for an area. `aspect`: of the picture. */
export function arrowOf(part: Part, aspect: number): Part | null {
  const points = part.split(' ').map((point) => point.split(',').map(Number));
  const [[x1, y1], [x2, y2]] = [points[0] ?? [], points[1] ?? []];
  if (points.length !== 2 || x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return null;
  const [dx, dy] = [(x2 - x1) * aspect, y2 - y1];
  const length = Math.hypot(dx, dy);
  if (length === 0) return null;
  const kLong = 0.07;
  const [nx, ny, ax, ay] = [-dy / length, dx / length, dx / length, dy / length].map((v) => v * kLong) as [number, number, number, number];
  const [mx, my] = [((x1 + x2) / 2) * aspect, (y1 + y2) / 2];
  const at = (along: number, across: number): string =>
    `${((mx + along * ax + across * nx) / aspect).toFixed(4)},${(my + along * ay + across * ny).toFixed(4)}`;
  return [at(0, 0), at(0, 1), at(-0.35, 0.6), at(0, 1), at(0.35, 0.6)].join(' ');
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

  /** `line`: two points are all there is, by dragging or by two clicks. */
  constructor(private readonly line = false) {}

  /** Of what is being drawn; nothing: no more than a point. */
  get sketch(): Part | null {
    if (this.line && this.pressed && this.tip && this.corners.length === 0 && apart(this.pressed, this.tip) >= kClose)
      return areaOf([this.pressed, this.tip]);
    if (!this.line && this.pressed && this.tip && isDrawn(boxBetween(this.pressed, this.tip))) return partOf(boxBetween(this.pressed, this.tip));
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
    if (this.line) return this.endLine(from, at);
    const box = boxBetween(from, at);
    if (this.corners.length === 0 && isDrawn(box)) return partOf(box);
    const first = this.corners[0];
    if (first && this.corners.length > 2 && apart(first, at) < kClose) return this.close();
    this.corners = [...this.corners, at];
    return null;
  }

  private endLine(from: Point, at: Point): Part | null {
    const begin = this.corners[0] ?? from;
    if (apart(begin, at) >= kClose) {
      this.drop();
      return areaOf([begin, at]);
    }
    this.corners = [begin];
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
