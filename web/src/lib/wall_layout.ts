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
