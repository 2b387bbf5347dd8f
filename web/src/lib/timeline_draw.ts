import { clock, kMinute } from './time';
import { bars, gapBar, spanBar, ticks, xOf, type View } from './timeline_layout';
import type { Gap, Sealed, Segment } from './types';

export interface TimelinePicture {
  view: View;
  /** The midnight from which the marks count. */
  origin: number;
  segments: Segment[];
  gaps: Gap[];
  /** Drawn as a thin line of its own below the recordings, where there is any. */
  sealed: Sealed[];
  now: number;
  cursor: number | null;
  selection: View | null;
}

const kLabelHeight = 20;
const kLabelApart = 64;
const kLevels = 5;
/** The line of what is sealed, and its distance from the recordings. */
const kSealedTall = 4;
const kSealedApart = 3;

/** Little is covered most of the time; the square root gives small shares room. */
const emphasis = (covered: number): number => Math.sqrt(Math.min(1, Math.max(0, covered)));

export const levelOf = (covered: number): number => Math.min(kLevels, 1 + Math.floor(emphasis(covered) * kLevels));

/** The colours of tokens.css as they are now, in light or dark. */
function palette(canvas: HTMLCanvasElement): (name: string) => string {
  const style = getComputedStyle(canvas);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  for (let at = x - height - ((x - height) % 6); at < x + width; at += 6) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

/** Draws the timeline on `canvas`, whose size in CSS pixels is `width` by `height`. */
export function drawTimeline(canvas: HTMLCanvasElement, width: number, height: number, picture: TimelinePicture): void {
  const context = canvas.getContext('2d');
  if (!context || width <= 0) return;
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const colour = palette(canvas);
  const { view, now } = picture;
  const top = kLabelHeight;
  const bottom = picture.sealed.length ? height - kSealedTall - kSealedApart : height;
  const tall = bottom - top;
  const x = (time: number): number => xOf(view, width, time);

  context.fillStyle = colour('track');
  context.beginPath();
  context.roundRect(0, top, width, tall, 6);
  context.fill();
  context.save();
  context.clip();
  for (const bar of bars(picture.segments, view, width)) {
    context.fillStyle = colour('rec-1');
    context.fillRect(bar.x, top, bar.width, tall);
    const level = Math.max(2, tall * emphasis(bar.covered));
    context.fillStyle = colour(`rec-${levelOf(bar.covered)}`);
    context.fillRect(bar.x, bottom - level, bar.width, level);
  }
  context.strokeStyle = colour('gap');
  context.lineWidth = 1;
  for (const gap of picture.gaps) {
    const bar = gapBar(gap, view, width, now);
    if (!bar) continue;
    context.fillStyle = colour('gap-bg');
    context.fillRect(bar.x, top, bar.width, tall);
    hatch(context, bar.x, top, bar.width, tall);
  }
  if (picture.selection) {
    const { from, to } = picture.selection;
    context.fillStyle = colour('select');
    context.globalAlpha = 0.3;
    context.fillRect(x(from), top, x(to) - x(from), tall);
    context.globalAlpha = 1;
    for (const edge of [from, to]) context.fillRect(x(edge) - 1.5, top, 3, tall);
  }
  context.restore();
  context.fillStyle = colour('sealed');
  for (const { start, end } of picture.sealed) {
    const bar = spanBar(start, end, view, width);
    if (bar) context.fillRect(bar.x, height - kSealedTall, bar.width, kSealedTall);
  }

  const marks = ticks(view, width, kLabelApart, picture.origin);
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  context.textBaseline = 'middle';
  for (const time of marks.times) {
    const label = clock(time, marks.step < kMinute);
    const half = context.measureText(label).width / 2;
    context.fillStyle = colour('line-strong');
    context.globalAlpha = 0.35;
    context.fillRect(Math.round(x(time)), top, 1, tall);
    context.globalAlpha = 1;
    context.fillStyle = colour('ink-soft');
    context.fillText(label, Math.min(Math.max(0, x(time) - half), width - 2 * half), 8);
  }
  drawMarker(context, x(now), top, height, colour('now'), 1.5, false);
  if (picture.cursor !== null) drawMarker(context, x(picture.cursor), top, height, colour('playhead'), 2, true);
}

function drawMarker(
  context: CanvasRenderingContext2D,
  x: number,
  top: number,
  height: number,
  colour: string,
  width: number,
  knob: boolean,
): void {
  context.fillStyle = colour;
  context.fillRect(x - width / 2, top - 3, width, height - top + 3);
  if (!knob) return;
  context.beginPath();
  context.arc(x, top - 3, 5, 0, 2 * Math.PI);
  context.fill();
}
