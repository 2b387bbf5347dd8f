export interface CameraRoute {
  page: 'camera';
  id: string;
  /** The moment to play, or null for live. */
  time: number | null;
}

/** Pages that need nothing more in their address. */
const kSimple = ['password', 'use', 'openings', 'answer', 'health'] as const;
type SimplePage = (typeof kSimple)[number];

/** Where the app is. Kept in the part of the address after `#`, so that links and the back button work. */
export type Route = { page: 'wall' } | CameraRoute | { page: 'scene' | 'masks'; id: string } | { page: SimplePage };

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page, id] = path.split('/', 2);
  const simple = kSimple.find((known) => known === page);
  if (simple) return { page: simple };
  if ((page !== 'camera' && page !== 'scene' && page !== 'masks') || !id) return { page: 'wall' };
  const time = Date.parse(new URLSearchParams(query).get('t') ?? '');
  try {
    if (page !== 'camera') return { page, id: decodeURIComponent(id) };
    return { page, id: decodeURIComponent(id), time: Number.isNaN(time) ? null : time };
  } catch {
    return { page: 'wall' };
  }
}

export function hrefOf(route: Route): string {
  if (route.page === 'wall') return '#/';
  if (route.page === 'scene' || route.page === 'masks') return `#/${route.page}/${encodeURIComponent(route.id)}`;
  if (route.page !== 'camera') return `#/${route.page}`;
  const time = route.time === null ? '' : `?t=${new Date(Math.floor(route.time / 1000) * 1000).toISOString().replace('.000Z', 'Z')}`;
  return `#/camera/${encodeURIComponent(route.id)}${time}`;
}
