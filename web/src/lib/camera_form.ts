import type { CameraBody, CameraSettings } from './types';

/** What is typed of a camera; numbers as text. */
export interface CameraForm {
  name: string;
  url: string;
  user: string;
  password: string;
  udp: boolean;
  scene: 'fixed' | 'moving';
  cover: string[];
  style: CameraSettings['style'];
  approval: boolean;
  audio: boolean;
  own: boolean;
  days: number | null;
  /** As the config has it; not typed here, and kept. */
  size: string | null;
  enabled: boolean;
}

export const emptyForm = (): CameraForm => ({
  name: '', url: '', user: '', password: '', udp: false, scene: 'fixed', cover: ['persons', 'faces', 'plates'], style: 'silhouette',
  approval: false, audio: false, own: false, days: 7, size: null, enabled: true,
}); // prettier-ignore

export const formOf = (camera: CameraSettings): CameraForm => ({
  name: camera.name,
  url: camera.url,
  user: camera.user,
  password: '',
  udp: camera.transport === 'udp',
  scene: camera.scene,
  cover: [...camera.cover],
  style: camera.style,
  approval: camera.approval === 'required',
  audio: camera.audio === 'keep',
  own: camera.own_retention,
  days: camera.own_retention ? camera.retention.days : (camera.retention.days ?? 7),
  size: camera.retention.size === null ? null : `${camera.retention.size / 1000} kB`,
  enabled: camera.enabled,
});

/** As the recorder takes it. A password that was not typed is not sent: the one that is set stays. */
export function bodyOf(form: CameraForm): CameraBody {
  return {
    name: form.name.trim(),
    url: form.url.trim(),
    user: form.user,
    ...(form.password ? { password: form.password } : {}),
    ...(form.udp && form.url.trim().startsWith('rtsp') ? { transport: 'udp' as const } : {}),
    scene: form.scene,
    cover: form.cover,
    style: form.style,
    ...(form.approval && form.scene === 'fixed' ? { approval: 'required' as const } : {}),
    ...(form.audio ? { audio: 'keep' as const } : {}),
    retention: form.own ? { ...(form.days ? { days: form.days } : {}), ...(form.size ? { size: form.size } : {}) } : {},
    enabled: form.enabled,
  };
}

const kLongestId = 32;

/** An id of its own for a camera with that name: it names folders, so it is short and plain. */
export function idFor(name: string, taken: readonly string[]): string {
  const plain = name
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, (gap) => (/^\p{M}+$/u.test(gap) ? '' : '-'))
    .replace(/^-+|-+$/g, '');
  const base = plain.slice(0, kLongestId - 4).replace(/-+$/, '') || 'camera';
  for (let n = 1; ; ++n) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.includes(id)) return id;
  }
}

/** Days for which there is room, at what cameras made a day so far; null: it is not known yet. */
export function daysThatFit(cameras: readonly CameraSettings[], room: number): number | null {
  const known = cameras.filter((camera) => camera.bytes_per_day !== null);
  const perDay = bytesPerDay(cameras);
  return known.length === 0 || perDay <= 0 ? null : room / perDay;
}

export const bytesPerDay = (cameras: readonly CameraSettings[]): number =>
  cameras.reduce((sum, camera) => sum + (camera.bytes_per_day ?? 0), 0);
