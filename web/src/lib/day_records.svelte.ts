import { api } from './api';
import { nextRecorded } from './timeline_layout';
import { dayEnd, dayStart, localDays } from './time';
import type { Camera, Gap, RecordedHour, Sealed, Segment } from './types';

/** What one camera recorded on one day of the browser's zone, and which days hold anything. */
export class DayRecords {
  day = $state(dayStart(Date.now()));
  segments = $state.raw<Segment[]>([]);
  gaps = $state.raw<Gap[]>([]);
  /** Where originals are kept, sealed. */
  sealed = $state.raw<Sealed[]>([]);
  /** Midnights, oldest first. Today is always among them. */
  days = $state.raw<number[]>([]);
  loaded = $state(false);
  error = $state('');

  readonly end = $derived(dayEnd(this.day));

  constructor(private readonly cameraId: string) {}

  isToday(): boolean {
    return this.day === dayStart(Date.now());
  }

  /** Shows the day that holds `time`. */
  async show(time: number): Promise<void> {
    const day = dayStart(time);
    if (day === this.day && this.loaded) return;
    this.day = day;
    this.loaded = false;
    this.segments = [];
    this.gaps = [];
    this.sealed = [];
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const day = this.day;
    try {
      const { segments, gaps, sealed } = await api.timeline(this.cameraId, day, this.end);
      if (day !== this.day) return;
      this.segments = segments;
      this.gaps = gaps;
      this.sealed = sealed;
      this.error = '';
    } catch (error) {
      if (day === this.day) this.error = error instanceof Error ? error.message : String(error);
    }
    this.loaded = true;
  }

  async loadDays(camera: Camera | undefined): Promise<void> {
    const ms = (time: string | null | undefined): number | null => (time ? Date.parse(time) : null);
    const days = localDays(await api.days(this.cameraId), ms(camera?.first), ms(camera?.last));
    this.days = [...new Set([...days, dayStart(Date.now())])].sort((a, b) => a - b);
  }

  hours(from: number, to: number): Promise<RecordedHour[]> {
    return api.hours(this.cameraId, from, to);
  }

  /** `time` when something was recorded then, else the beginning of what was recorded next on this day, else null. */
  next(time: number): number | null {
    return nextRecorded(this.segments, time);
  }
}
