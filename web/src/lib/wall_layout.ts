import type { Camera } from './types';

const kUsual = 16 / 9;

/** Width by height of all tiles of the wall: what most cameras have, so that most pictures fill their tile. */
export function wallAspect(cameras: Pick<Camera, 'size'>[]): number {
  const votes = new Map<number, number>();
  for (const { size } of cameras) {
    if (!size || size[0] <= 0 || size[1] <= 0) continue;
    // Exact, or a thin line of the tile shows beside the picture.
    const aspect = size[0] / size[1];
    votes.set(aspect, (votes.get(aspect) ?? 0) + 1);
  }
  const [winner] = [...votes].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  // A tile far from the usual shapes would make a wall that cannot be used.
  return winner ? Math.min(2.4, Math.max(1, winner[0])) : kUsual;
}

/** How the wall is laid out: columns as many as fit best, or so many. */
export const wallColumns = ['auto', 1, 2, 3, 4] as const;
export type WallColumns = (typeof wallColumns)[number];

const kKey = 'passerby.wall';

/** What was chosen in this browser; `auto` where nothing was, or nothing is kept. */
export function chosenColumns(): WallColumns {
  try {
    const kept = localStorage.getItem(kKey);
    return wallColumns.find((columns) => String(columns) === kept) ?? 'auto';
  } catch {
    return 'auto';
  }
}

export function keepColumns(columns: WallColumns): void {
  try {
    localStorage.setItem(kKey, String(columns));
  } catch {
    // A private window: it holds until the page is left.
  }
}

export interface Room {
  width: number;
  height: number;
  /** Between two tiles. */
  gap: number;
  /** What a tile has below its picture. */
  foot: number;
  /** The narrowest tile that one can make something out on. */
  least: number;
}

/**
 * Columns, and the width of a tile: as large as all of them fit into the room without scrolling. Where they would be too small
 * for that, as wide as `least` and more, and one scrolls.
 */
export function fitTiles(count: number, aspect: number, room: Room): { columns: number; width: number } {
  const share = (all: number, parts: number): number => (all - room.gap * (parts - 1)) / parts;
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= count; ++columns) {
    const tall = share(room.height, Math.ceil(count / columns)) - room.foot;
    const width = Math.floor(Math.min(share(room.width, columns), tall * aspect));
    if (width > best.width) best = { columns, width };
  }
  if (best.width >= Math.min(room.least, room.width)) return best;
  const columns = Math.max(1, Math.min(count, Math.floor((room.width + room.gap) / (room.least + room.gap))));
  return { columns, width: Math.floor(share(room.width, columns)) };
}
