import type { DayRecords } from './day_records.svelte';
import { RecordingPlayer } from './recording';
import { t } from './strings';
import { clock, dayStart, kSecond } from './time';

export const kRates = [0.25, 0.5, 1, 2, 4, 8, 16];
/** A jump to the next recording that is longer than this is told. */
const kSilentSkipMs = 3 * kSecond;
/** Playlist and timeline need not agree to the last picture about where a recording ends. */
const kEndSlackMs = 250;

/** Live or a recording of one camera, as a person drives it: what plays, since when, how fast. */
export class Playback {
  mode = $state<'live' | 'recording'>('live');
  playing = $state(true);
  rate = $state(1);
  /** When the recorded picture on the screen was taken, or where we are going. Null when live. */
  playhead = $state<number | null>(null);
  /** When the live picture was paused; it must not look newer than it is. Null while it runs. */
  frozen = $state<number | null>(null);
  loading = $state(false);
  failure = $state('');
  /** Something worth a line that is no failure. */
  notice = $state('');

  private player: RecordingPlayer | null = null;
  private turn = 0;
  /** How many moves are under way; until they are done, the picture on the screen is not where we are. */
  private moves = 0;

  constructor(
    private readonly cameraId: string,
    private readonly records: DayRecords,
    /** Whether a `seek` follows at once, so that live need not be connected first. */
    toRecording: boolean,
  ) {
    this.mode = toRecording ? 'recording' : 'live';
    this.loading = toRecording;
  }

  /** Drives `video` until the returned function is called. */
  attach(video: HTMLVideoElement): () => void {
    const player = new RecordingPlayer(video, this.cameraId, {
      loading: (busy) => (this.loading = busy),
      failed: (message) => ((this.failure = t.player.failed(message)), (this.loading = false)),
      ended: (wall) => void this.seek(wall + kEndSlackMs, wall),
    });
    this.player = player;
    player.set(this.playing, this.rate);
    if (this.playhead !== null) void player.seek(this.playhead);
    let frame = 0;
    const follow = (): void => {
      const wall = this.moves === 0 && !this.loading ? player.wall() : null;
      if (wall !== null) {
        this.playhead = wall;
        if (wall >= this.records.end) void this.records.show(wall);
      }
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => {
      cancelAnimationFrame(frame);
      player.destroy();
      this.player = null;
    };
  }

  /** Goes to what was recorded at `wall` or next; to live when there is nothing. `from` is where a notice counts from. */
  seek(wall: number, from = wall): Promise<void> {
    return this.move(() => this.goTo(wall, from));
  }

  goLive(): void {
    ++this.turn;
    this.mode = 'live';
    this.playhead = null;
    this.loading = false;
    this.failure = '';
    this.notice = '';
    this.playing = true;
    this.frozen = null;
    this.rate = 1;
    void this.records.show(Date.now());
  }

  toggle(): void {
    this.playing = !this.playing;
    this.frozen = this.mode === 'live' && !this.playing ? Date.now() : null;
    this.player?.set(this.playing, this.rate);
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.player?.set(this.playing, rate);
  }

  /** Moves by `ms`; from live, back from the last finished recording. */
  skip(ms: number): void {
    if (this.mode === 'recording' && this.playhead !== null) void this.seek(this.playhead + ms);
    else if (this.mode === 'live' && ms < 0) {
      void this.move(async () => {
        await this.records.show(Date.now());
        const to = (this.records.segments.at(-1)?.end ?? Date.now()) + ms;
        await this.goTo(to, to);
      });
    }
  }

  step(frames: number, fps: number): void {
    if (this.mode !== 'recording') return;
    if (this.playing) this.toggle();
    this.player?.step(frames, fps);
  }

  /** Shows another day, at the same time of day. */
  showDay(day: number): Promise<void> {
    return this.move(async () => {
      const at = this.playhead ?? Date.now();
      await this.records.show(day);
      if (this.mode === 'live' && this.records.isToday()) return;
      const wanted = this.records.next(day + (at - dayStart(at))) ?? this.records.next(day);
      if (wanted !== null) await this.goTo(wanted, wanted);
    });
  }

  private async move(action: () => Promise<void>): Promise<void> {
    ++this.moves;
    try {
      await action();
    } finally {
      --this.moves;
    }
  }

  private async goTo(wall: number, from: number): Promise<void> {
    this.failure = '';
    this.notice = '';
    const turn = ++this.turn;
    const target = await this.find(wall);
    // Someone went elsewhere in the meantime.
    if (turn !== this.turn) return;
    if (target === null) {
      this.goLive();
      if (this.records.error) this.notice = t.timeline.failed(this.records.error);
      else if (wall < Date.now()) this.notice = t.player.nothingAfter;
      return;
    }
    if (target - from > kSilentSkipMs) this.notice = t.player.skipped(clock(from), clock(target));
    this.playhead = target;
    this.frozen = null;
    this.loading = true;
    this.mode = 'recording';
    await this.player?.seek(target);
  }

  private async find(wall: number): Promise<number | null> {
    await this.records.show(wall);
    let target = this.records.next(wall);
    if (target === null && this.records.isToday()) {
      await this.records.refresh();
      target = this.records.next(wall);
    }
    for (const day of this.records.days) {
      if (target !== null || day <= this.records.day) continue;
      await this.records.show(day);
      target = this.records.next(day);
    }
    return target;
  }
}
