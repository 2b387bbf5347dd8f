export interface CameraRoute {
  page: 'camera';
  id: string;
  /** The moment to play, or null for live. */
  time: number | null;
}

const kPlainPages = ['password', 'use', 'openings', 'answer', 'health', 'users', 'account', 'settings', 'setup'] as const;
/** Of one camera, besides its own. */
const kCameraPages = ['scene', 'masks', 'places', 'activity'] as const;
type PlainPage = (typeof kPlainPages)[number];

/** Where the app is. Kept in the part of the address after `#`, so that links and the back button work. */
export type Route = { page: 'wall' } | CameraRoute | { page: (typeof kCameraPages)[number]; id: string } | { page: PlainPage };

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page, id] = path.split('/', 2);
  const plain = kPlainPages.find((name) => name === page);
  if (plain) return { page: plain };
  const about = kCameraPages.find((name) => name === page);
  if ((page !== 'camera' && !about) || !id) return { page: 'wall' };
  const time = Date.parse(new URLSearchParams(query).get('t') ?? '');
  try {
    if (about) return { page: about, id: decodeURIComponent(id) };
    return { page: 'camera', id: decodeURIComponent(id), time: Number.isNaN(time) ? null : time };
  } catch {
    return { page: 'wall' };
  }
}

export function hrefOf(route: Route): string {
  if (route.page === 'wall') return '#/';
  if ('id' in route && route.page !== 'camera') return `#/${route.page}/${encodeURIComponent(route.id)}`;
  if (route.page !== 'camera') return `#/${route.page}`;
  const time = route.time === null ? '' : `?t=${new Date(Math.floor(route.time / 1000) * 1000).toISOString().replace('.000Z', 'Z')}`;
  return `#/camera/${encodeURIComponent(route.id)}${time}`;
}
