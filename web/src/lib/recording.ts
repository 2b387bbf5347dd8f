import type Hls from 'hls.js/light';
import { playlistUrl, request } from './api';
import { loaderOf } from './playlist_loader';
import { endOf, mediaAt, parsePlaylist, wallAt, type MediaSpan } from './playlist_time';
import { t } from './strings';
import { kMinute } from './time';

/** How much around the wanted moment one playlist spans. */
const kBefore = 20 * kMinute;
const kAfter = 60 * kMinute;

export interface RecordingEvents {
  loading(busy: boolean): void;
  /** A failure in words; nothing plays. */
  failed(message: string): void;
  /** All of the playlist was played; `wall` is when its last picture ends. */
  ended(wall: number): void;
}

/** Plays a camera's recordings by time of day on a video element, loading playlists as needed. */
export class RecordingPlayer {
  private hls: Hls | null = null;
  private spans: MediaSpan[] = [];
  private window = { from: 0, to: 0 };
  private turn = 0;
  private playing = true;
  private rate = 1;
  private readonly listeners: [string, () => void][];

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly cameraId: string,
    private readonly events: RecordingEvents,
  ) {
    const ready = (): void => events.loading(false);
    const ended = (): void => {
      const wall = endOf(this.spans);
      if (wall !== null) events.ended(wall);
    };
    this.listeners = [
      ['ended', ended],
      ['waiting', () => events.loading(true)],
      ['canplay', ready],
      ['playing', ready],
      ['seeked', ready],
    ];
    for (const [name, listener] of this.listeners) video.addEventListener(name, listener);
  }

  /** When the picture on the screen was taken. */
  wall(): number | null {
    return this.video.readyState >= 2 && !this.video.seeking ? wallAt(this.spans, this.video.currentTime) : null;
  }

  /** Goes to `wall`, or to the first picture after it. */
  async seek(wall: number): Promise<void> {
    const media = wall >= this.window.from && wall < this.window.to ? mediaAt(this.spans, wall) : null;
    if (media === null) return this.load(wall);
    this.video.currentTime = media;
    this.apply();
  }

  /** `rate` 1 is the speed at which it was recorded. Both outlast a seek. */
  set(playing: boolean, rate: number): void {
    this.playing = playing;
    this.rate = rate;
    this.apply();
  }

  /** Goes `frames` pictures on (or back, when negative), at `fps`. */
  step(frames: number, fps: number): void {
    this.video.currentTime = Math.max(0, this.video.currentTime + frames / fps);
  }

  destroy(): void {
    ++this.turn;
    this.unload();
    for (const [name, listener] of this.listeners) this.video.removeEventListener(name, listener);
  }

  /** A new source makes the element forget both, so they are set again and again. */
  private apply(): void {
    this.video.defaultPlaybackRate = this.rate;
    this.video.playbackRate = this.rate;
    if (!this.playing) this.video.pause();
    else if (this.hls || this.video.src) this.video.play().catch(() => {});
  }

  private unload(): void {
    this.hls?.destroy();
    this.hls = null;
    this.spans = [];
    this.window = { from: 0, to: 0 };
  }

  private async load(wall: number): Promise<void> {
    const turn = ++this.turn;
    this.unload();
    this.events.loading(true);
    const window = { from: wall - kBefore, to: Math.min(wall + kAfter, Date.now()) };
    const url = playlistUrl(this.cameraId, window.from, window.to);
    try {
      const [hls, text] = await Promise.all([import('hls.js/light'), request(url).then((answer) => answer.text())]);
      if (turn !== this.turn) return;
      const spans = parsePlaylist(text);
      const start = mediaAt(spans, wall);
      if (start === null) return this.events.ended(Math.max(wall, endOf(spans) ?? wall));
      this.spans = spans;
      this.window = window;
      if (hls.default.isSupported()) this.attach(hls, url, text, start);
      else this.attachNative(url, start);
      this.apply();
    } catch (error) {
      if (turn === this.turn) this.events.failed(error instanceof Error ? error.message : t.player.broken);
    }
  }

  private attach({ default: Player, Events }: typeof import('hls.js/light'), url: string, text: string, start: number): void {
    // No worker: fragmented MP4 goes to the browser as it is.
    const limits = { maxBufferLength: 40, backBufferLength: 40 };
    const hls = new Player({ ...limits, enableWorker: false, startPosition: start, pLoader: loaderOf(text) });
    hls.on(Events.LEVEL_PTS_UPDATED, (_event, { details }) => {
      // What was loaded is as long as it is, not as long as the playlist said.
      this.spans = details.fragments.flatMap((f) =>
        f.programDateTime === null ? [] : [{ media: f.start, wall: f.programDateTime, duration: f.duration }],
      );
    });
    hls.on(Events.ERROR, (_event, { fatal }) => {
      if (fatal) this.events.failed(t.player.broken);
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
    this.hls = hls;
  }

  /** For browsers that play HLS by themselves and nothing else (older iPhones). */
  private attachNative(url: string, start: number): void {
    if (!this.video.canPlayType('application/vnd.apple.mpegurl')) throw new Error(t.player.unsupported);
    this.video.src = url;
    this.video.addEventListener('loadedmetadata', () => (this.video.currentTime = start), { once: true });
    this.video.addEventListener('error', () => this.events.failed(t.player.broken), { once: true });
  }
}
