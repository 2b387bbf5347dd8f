import { request } from './api';
import { mediaSourceClass, mimeOf } from './media_source';

/** Enough for the first keyframe of a recording, which comes first in its file. */
const kFirstBytes = 512 * 1024;
const kWidth = 208;
const kMostKept = 120;

/** The codec as `MediaSource` names it, out of an init section that describes H.264; null for any other. */
export function codecOf(init: Uint8Array): string | null {
  const marks = [0x61, 0x76, 0x63, 0x43]; // avcC
  const at = init.findIndex((_, i) => marks.every((mark, k) => init[i + k] === mark));
  const profile = at < 0 ? undefined : init.subarray(at + 5, at + 8);
  if (profile?.length !== 3) return null;
  return `avc1.${[...profile].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Resolves once `name` happens to `target`; rejects when `signal` says so first. */
const happens = (target: EventTarget, name: string, signal: AbortSignal): Promise<void> =>
  new Promise((done, stopped) => {
    if (signal.aborted) return stopped(signal.reason);
    target.addEventListener(name, () => done(), { once: true, signal });
    signal.addEventListener('abort', () => stopped(signal.reason), { once: true });
  });

/** Decodes the first picture of a recording whose first bytes these are. */
async function decoded(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<ImageBitmap | null> {
  const Source = mediaSourceClass();
  const codec = codecOf(bytes);
  if (!Source || !codec) return null;
  const video = document.createElement('video');
  video.muted = true;
  video.disableRemotePlayback = true;
  const source = new Source();
  const address = URL.createObjectURL(source);
  const giveUp = new AbortController();
  const stop = AbortSignal.any([signal, giveUp.signal]);
  video.addEventListener('error', () => giveUp.abort());
  try {
    const opened = happens(source, 'sourceopen', stop);
    video.src = address;
    await opened;
    const buffer = source.addSourceBuffer(mimeOf(codec));
    buffer.mode = 'sequence';
    const shown = happens(video, 'loadeddata', stop);
    const filled = happens(buffer, 'updateend', stop);
    buffer.appendBuffer(bytes);
    await Promise.all([filled, shown]);
    return await createImageBitmap(video, { resizeWidth: kWidth, resizeHeight: Math.round((kWidth * video.videoHeight) / video.videoWidth) });
  } finally {
    URL.revokeObjectURL(address);
    video.removeAttribute('src');
    video.load();
  }
}

/**
 * Small pictures of recordings, to find one's way on the timeline: of each the first picture, as it was recorded and hence
 * covered, decoded here. Each is a look at recordings, and the recorder puts it on the record as such.
 */
export class Stills {
  private readonly made = new Map<number, ImageBitmap | null>();
  private work: AbortController | null = null;

  /** The picture of that recording if it is at hand; null: it has none. */
  known(segment: number): ImageBitmap | null | undefined {
    return this.made.get(segment);
  }

  /** Fetches it; undefined when it was asked for another one meanwhile. */
  async fetch(segment: number): Promise<ImageBitmap | null | undefined> {
    const known = this.made.get(segment);
    if (known !== undefined) return known;
    this.work?.abort();
    const { signal } = (this.work = new AbortController());
    let picture: ImageBitmap | null = null;
    try {
      const answer = await request(`/api/segments/${segment}.mp4`, { headers: { Range: `bytes=0-${kFirstBytes - 1}` }, signal });
      picture = await decoded(new Uint8Array(await answer.arrayBuffer()), signal);
    } catch {
      // A recording that was deleted meanwhile, or a browser that cannot: the time of day is told all the same.
      if (signal.aborted) return undefined;
    }
    if (this.made.size >= kMostKept) this.made.delete(this.made.keys().next().value!);
    this.made.set(segment, picture);
    return picture;
  }

  destroy(): void {
    this.work?.abort();
    for (const picture of this.made.values()) picture?.close();
    this.made.clear();
  }
}
