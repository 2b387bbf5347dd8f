import { describe, expect, it } from 'vitest';
import { endOf, mediaAt, parsePlaylist, wallAt } from './playlist_time';

const at = (time: string): number => Date.parse(`2026-03-01T${time}Z`);

const playlist = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:60
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="/api/segments/a.mp4",BYTERANGE="800@0"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00.500Z
#EXTINF:30.0,
/api/segments/a.mp4
#EXTINF:29.5,
/api/segments/a.mp4
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:05:00.000Z
#EXTINF:60,
/api/segments/b.mp4
#EXT-X-ENDLIST
`;

describe('parsePlaylist', () => {
  it('gives each piece its place in media time and on the clock', () => {
    expect(parsePlaylist(playlist)).toEqual([
      { media: 0, wall: at('12:00:00.500'), duration: 30 },
      { media: 30, wall: at('12:00:30.500'), duration: 29.5 },
      { media: 59.5, wall: at('12:05:00'), duration: 60 },
    ]);
  });

  it('reads lines that end as on Windows, and survives nonsense', () => {
    expect(parsePlaylist(playlist.replaceAll('\n', '\r\n'))).toHaveLength(3);
    expect(parsePlaylist('')).toEqual([]);
    expect(parsePlaylist('#EXTINF:4,\na.mp4\n#EXT-X-PROGRAM-DATE-TIME:soon\n#EXTINF:4,\nb.mp4')).toEqual([]);
  });
});

describe('time mapping', () => {
  const spans = parsePlaylist(playlist);

  it('goes from media time to the clock, across the gap', () => {
    expect(wallAt(spans, 0)).toBe(at('12:00:00.500'));
    expect(wallAt(spans, 45)).toBe(at('12:00:45.500'));
    expect(wallAt(spans, 59.5)).toBe(at('12:05:00'));
    expect(wallAt(spans, 500)).toBe(at('12:06:00'));
    expect(wallAt(spans, -1)).toBe(at('12:00:00.500'));
    expect(wallAt([], 3)).toBeNull();
  });

  it('goes from the clock to media time, and from a gap to what follows', () => {
    expect(mediaAt(spans, at('12:00:10.500'))).toBeCloseTo(10);
    expect(mediaAt(spans, at('12:05:30'))).toBeCloseTo(89.5);
    expect(mediaAt(spans, at('12:03:00'))).toBe(59.5);
    expect(mediaAt(spans, at('11:00:00'))).toBe(0);
    expect(mediaAt(spans, at('12:06:00'))).toBeNull();
  });

  it('knows when it ends', () => {
    expect(endOf(spans)).toBe(at('12:06:00'));
    expect(endOf([])).toBeNull();
  });
});
