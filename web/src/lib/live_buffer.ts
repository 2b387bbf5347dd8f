import { LatencyControl } from './live_latency';
import { mediaSourceClass, mimeOf } from './media_source';

const kKeepBehind = 8;
const kTrimWhenBehind = 20;
/** A queue this long means that the tab could not keep up; a fresh start is quicker than catching up. */
const kMostQueued = 120;

const nowS = (): number => performance.now() / 1000;

type Job = { kind: 'init'; codec: string; bytes: ArrayBuffer } | { kind: 'media'; bytes: ArrayBuffer };

/**
 * Plays fMP4 that arrives piece by piece on a video element. `onBroken` is called at most once, when it cannot go on
 * (the caller then makes a new one).
 */
export class LiveBuffer {
  private readonly source: MediaSource;
  private readonly address: string;
  private buffer: SourceBuffer | null = null;
  private codec = '';
  private queue: Job[] = [];
  private dead = false;
  private readonly latency = new LatencyControl(nowS());
  private readonly pump = (): void => this.work();
  private readonly onStall = (): void => this.latency.stalled(nowS());

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onBroken: () => void,
  ) {
    const Source = mediaSourceClass();
    if (!Source) throw new Error('no MediaSource');
    this.source = new Source();
    this.source.addEventListener('sourceopen', this.pump);
    // A ManagedMediaSource refuses to open without this.
    video.disableRemotePlayback = true;
    this.address = URL.createObjectURL(this.source);
    video.src = this.address;
    video.addEventListener('waiting', this.onStall);
    video.addEventListener('error', this.fail);
  }

  init(codec: string, bytes: ArrayBuffer): void {
    this.enqueue({ kind: 'init', codec, bytes });
  }

  append(bytes: ArrayBuffer): void {
    this.enqueue({ kind: 'media', bytes });
  }

  /** Seconds of picture that have arrived and were not shown yet. */
  behind(): number {
    return Math.max(0, this.end() - this.video.currentTime);
  }

  /** Shows the newest picture. */
  catchUp(): void {
    if (this.end() > 0) this.video.currentTime = Math.max(0, this.end() - 0.1);
  }

  destroy(): void {
    this.dead = true;
    this.queue = [];
    this.video.removeEventListener('waiting', this.onStall);
    this.video.removeEventListener('error', this.fail);
    this.buffer?.removeEventListener('updateend', this.pump);
    URL.revokeObjectURL(this.address);
    this.video.removeAttribute('src');
    this.video.load();
  }

  private enqueue(job: Job): void {
    this.queue.push(job);
    if (this.queue.length > kMostQueued) this.fail();
    else this.work();
  }

  private end(): number {
    const ranges = this.buffer?.buffered;
    return ranges?.length ? ranges.end(ranges.length - 1) : 0;
  }

  private work(): void {
    if (this.dead || this.source.readyState !== 'open' || this.buffer?.updating) return;
    const job = this.queue[0];
    if (!job) return;
    try {
      if (job.kind === 'media' && this.trim()) return;
      this.queue.shift();
      if (job.kind === 'init') this.setCodec(job.codec);
      else this.steer();
      this.buffer?.appendBuffer(job.bytes);
    } catch {
      this.fail();
    }
  }

  private setCodec(codec: string): void {
    if (!this.buffer) {
      this.buffer = this.source.addSourceBuffer(mimeOf(codec));
      // Whatever the stream's own times, a new start of it goes on where the old one ended.
      this.buffer.mode = 'sequence';
      this.buffer.addEventListener('updateend', this.pump);
    } else if (codec !== this.codec) {
      this.buffer.changeType(mimeOf(codec));
      this.buffer.mode = 'sequence';
    }
    this.codec = codec;
  }

  private steer(): void {
    if (this.video.paused || this.end() === 0) return;
    const { seekTo, rate } = this.latency.arrival(this.end(), this.video.currentTime, nowS());
    if (seekTo !== null) this.video.currentTime = seekTo;
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
  }

  /** Removes what was shown long ago; true when that keeps the buffer busy. */
  private trim(): boolean {
    const ranges = this.buffer?.buffered;
    if (!this.buffer || !ranges?.length) return false;
    const start = ranges.start(0);
    if (this.video.currentTime - start < kTrimWhenBehind) return false;
    this.buffer.remove(start, this.video.currentTime - kKeepBehind);
    return true;
  }

  private readonly fail = (): void => {
    if (this.dead) return;
    this.dead = true;
    this.onBroken();
  };
}
