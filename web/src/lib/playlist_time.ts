/** A stretch of a playlist: `duration` seconds of media time from `media` on, recorded from `wall` (ms since 1970) on. */
export interface MediaSpan {
  media: number;
  wall: number;
  duration: number;
}

/** Reads the spans out of an HLS media playlist. What has no date yet (EXT-X-PROGRAM-DATE-TIME) is left out. */
export function parsePlaylist(text: string): MediaSpan[] {
  const spans: MediaSpan[] = [];
  let media = 0;
  let wall: number | null = null;
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
      const at = Date.parse(line.slice(line.indexOf(':') + 1));
      wall = Number.isNaN(at) ? null : at;
    } else if (line.startsWith('#EXTINF:')) {
      const duration = Number.parseFloat(line.slice(8)) || 0;
      if (wall !== null) {
        spans.push({ media, wall, duration });
        wall += duration * 1000;
      }
      media += duration;
    }
  }
  return spans;
}

/** The last index for which `before` holds, or -1. `before` must hold for a beginning of the list and for nothing after. */
function lastWhere(spans: MediaSpan[], before: (span: MediaSpan) => boolean): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(spans[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** When the picture at media time `media` was taken. Null without spans. */
export function wallAt(spans: MediaSpan[], media: number): number | null {
  const span = spans[Math.max(0, lastWhere(spans, (s) => s.media <= media))];
  if (!span) return null;
  const into = Math.min(Math.max(0, media - span.media), span.duration);
  return span.wall + into * 1000;
}

/** The media time of the picture taken at `wall`; in a gap, of the first one after it. Null when there is none after. */
export function mediaAt(spans: MediaSpan[], wall: number): number | null {
  const index = lastWhere(spans, (s) => s.wall <= wall);
  const span = spans[index];
  if (span && wall < span.wall + span.duration * 1000) return span.media + (wall - span.wall) / 1000;
  return spans[index + 1]?.media ?? null;
}

/** When the last picture of the playlist ends. */
export function endOf(spans: MediaSpan[]): number | null {
  const last = spans.at(-1);
  return last ? last.wall + last.duration * 1000 : null;
}
