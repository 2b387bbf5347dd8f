/** What a person does on a timeline, in pixels from its left edge. */
export interface TimelineActions {
  /** A finger or button went down. Says what the drag that may follow is for. */
  press(x: number): void;
  drag(x: number): void;
  release(x: number): void;
  /** The press turned into something else (a second finger, a scroll). */
  abandon(): void;
  /** Shows `factor` times as much around `x`, then moves by `dx`. */
  zoom(factor: number, x: number, dx: number): void;
  pan(dx: number): void;
}

interface Finger {
  id: number;
  x: number;
}

/** Turns pointer and wheel events into actions: one pointer drags, two pinch, the wheel zooms, sideways it pans. */
export class TimelineGestures {
  private fingers: Finger[] = [];

  constructor(
    private readonly actions: TimelineActions,
    private readonly left: () => number,
  ) {}

  readonly down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.fingers.push({ id: event.pointerId, x: this.at(event) });
    if (this.fingers.length === 1) this.actions.press(this.at(event));
    else if (this.fingers.length === 2) this.actions.abandon();
  };

  readonly move = (event: PointerEvent): void => {
    const finger = this.fingers.find(({ id }) => id === event.pointerId);
    if (!finger) return;
    const [first, second] = this.fingers;
    if (!first || !second) {
      finger.x = this.at(event);
      this.actions.drag(finger.x);
      return;
    }
    const before = { middle: (first.x + second.x) / 2, apart: Math.abs(first.x - second.x) };
    finger.x = this.at(event);
    const after = { middle: (first.x + second.x) / 2, apart: Math.abs(first.x - second.x) };
    const factor = Math.max(10, before.apart) / Math.max(10, after.apart);
    this.actions.zoom(factor, before.middle, before.middle - after.middle);
  };

  readonly up = (event: PointerEvent): void => {
    const single = this.fingers.length === 1 && this.fingers[0]?.id === event.pointerId;
    this.fingers = this.fingers.filter(({ id }) => id !== event.pointerId);
    if (!single) return;
    if (event.type === 'pointercancel') this.actions.abandon();
    else this.actions.release(this.at(event));
  };

  readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways) this.actions.pan((event.deltaX || event.deltaY) * unit);
    else this.actions.zoom(Math.exp(event.deltaY * unit * 0.002), this.at(event), 0);
  };

  private at(event: MouseEvent): number {
    return event.clientX - this.left();
  }
}
