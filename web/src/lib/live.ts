import { api, liveUrl } from './api';
import { LiveBuffer } from './live_buffer';
import { retryDelay } from './live_latency';
import { mediaSourceClass, mimeOf } from './media_source';
import type { Camera } from './types';

export type LiveStatus = 'connecting' | 'reconnecting' | 'waiting' | 'playing' | 'blocked' | 'unsupported' | 'undecodable';

/** What a connection says of its camera; without the catalogue the recorder knows only a part. */
export type CameraNews = Pick<Camera, 'id'> & Partial<Camera>;

export interface LiveEvents {
  status(status: LiveStatus, codec: string): void;
  camera(camera: CameraNews): void;
}

/** Without a fragment for this long, the picture that stands still must not pass for a live one. */
const kStaleMs = 5000;
const kWatchMs = 500;

/** Nobody listens to it any more. One that is not open yet is closed when it is: before, browsers take that for a failure. */
function hangUp(socket: WebSocket): void {
  socket.onmessage = null;
  socket.onopen = () => socket.close();
  if (socket.readyState !== WebSocket.CONNECTING) socket.close();
}

/**
 * Shows one camera live on a video element: MSE over the WebSocket of doc/api.md. Connects again by itself, with
 * back-off, until `destroy()`. Hidden views should be destroyed rather than paused: they cost the recorder.
 */
export class LivePlayer {
  private socket: WebSocket | null = null;
  private buffer: LiveBuffer | null = null;
  private codec = '';
  private initPending = false;
  private attempt = 0;
  private lastFragment = 0;
  private paused = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly watch: ReturnType<typeof setInterval>;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly cameraId: string,
    private readonly events: LiveEvents,
  ) {
    this.watch = setInterval(() => this.look(), kWatchMs);
    if (mediaSourceClass()) this.connect();
    else events.status('unsupported', '');
  }

  /** Goes on after a pause; also for the click that some browsers want before they start a video. */
  play(): void {
    if (this.paused) {
      this.paused = false;
      this.attempt = 0;
      this.connect();
    } else {
      this.buffer?.catchUp();
      void this.start();
    }
  }

  /** Keeps the picture and lets go of the stream: going on means going on live. */
  pause(): void {
    this.paused = true;
    this.video.pause();
    this.disconnect();
  }

  destroy(): void {
    clearInterval(this.watch);
    this.close();
  }

  private disconnect(): void {
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    if (socket) hangUp(socket);
  }

  private close(): void {
    this.disconnect();
    this.buffer?.destroy();
    this.buffer = null;
  }

  private connect(): void {
    this.close();
    this.lastFragment = 0;
    this.events.status(this.attempt === 0 ? 'connecting' : 'reconnecting', this.codec);
    const socket = new WebSocket(liveUrl(this.cameraId));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.events.status('waiting', this.codec);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') this.onText(data);
      else this.onBytes(data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.later();
    };
    this.socket = socket;
  }

  private later(): void {
    this.close();
    this.events.status('reconnecting', this.codec);
    // A refused handshake does not say why; an ordinary call does, and ends the session if that was it.
    api.session().catch(() => {});
    this.retry = setTimeout(() => this.connect(), retryDelay(this.attempt++));
  }

  private onText(text: string): void {
    const message = JSON.parse(text) as { type: 'init'; codec: string } | { type: 'state'; camera: CameraNews };
    if (message.type === 'state') this.events.camera(message.camera);
    if (message.type !== 'init') return;
    this.codec = message.codec;
    this.initPending = true;
    if (mediaSourceClass()?.isTypeSupported(mimeOf(message.codec))) return;
    this.close();
    this.events.status('undecodable', message.codec);
  }

  private onBytes(bytes: ArrayBuffer): void {
    if (this.initPending) {
      this.initPending = false;
      this.buffer ??= new LiveBuffer(this.video, () => this.later());
      this.buffer.init(this.codec, bytes);
      void this.start();
      return;
    }
    this.buffer?.append(bytes);
    this.attempt = 0;
    this.lastFragment = performance.now();
  }

  private async start(): Promise<void> {
    try {
      await this.video.play();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.events.status('blocked', this.codec);
    }
  }

  private look(): void {
    if (!this.buffer || this.paused || this.lastFragment === 0) return;
    this.video.dataset.latency = this.buffer.behind().toFixed(2);
    const stale = performance.now() - this.lastFragment > kStaleMs;
    if (stale) this.events.status('waiting', this.codec);
    else if (!this.video.paused && this.video.readyState >= 2) this.events.status('playing', this.codec);
  }
}
