declare global {
  interface Window {
    /** What iPhones have (iOS 17.1) in place of MediaSource. */
    ManagedMediaSource?: typeof MediaSource;
  }
}

/** The browser's MediaSource, or null where it has none. */
export function mediaSourceClass(): typeof MediaSource | null {
  return window.MediaSource ?? window.ManagedMediaSource ?? null;
}

export const mimeOf = (codec: string): string => `video/mp4; codecs="${codec}"`;
