import { t } from './strings';
import { percent } from './strings/percent';
import { byteSize, kMinute } from './time';
import type { Camera, Disk, Health } from './types';

/** Something that is not well: what, the recorder's own words for it (English) or "", and the mend. */
export interface Finding {
  /** `bad`: pictures are lost. `warn`: they are not, and somebody should look. */
  tone: 'bad' | 'warn';
  what: string;
  why: string;
  mend: string;
  /** The mend is to look at the camera's scene. */
  scene?: boolean;
}

/** A camera that is live writes all the time; one that starts has a picture long before. */
const kLate = kMinute;
const kLongStart = 2 * kMinute;
/** Less than this is no room for the recorder to make more: it deletes long before (`keep_free` in doc/config.md). */
const kLowShare = 0.01;
const kLowBytes = 1e9;

export const diskName = (disk: Disk): string => disk.name || t.health.dataFolder;

export function diskFindings(disk: Disk): Finding[] {
  if (disk.error) return [{ tone: 'bad', what: t.health.diskAway, why: disk.error, mend: t.health.diskAwayMend }];
  if (disk.free >= Math.min(kLowBytes, disk.total * kLowShare)) return [];
  return [{ tone: 'bad', what: t.health.diskFull(byteSize(disk.free)), why: '', mend: t.health.diskFullMend }];
}

/** What a camera is doing, in numbers that can be told to be wrong. `now` is the recorder's. */
export function cameraFindings(camera: Camera, now: number, losing: boolean): Finding[] {
  const found: Finding[] = [];
  const add = (tone: Finding['tone'], what: string, why: string, mend: string, scene = false): void =>
    void found.push({ tone, what, why, mend, scene });
  const since = camera.since ? now - Date.parse(camera.since) : 0;
  if (camera.state === 'unreachable') add('bad', t.camera.unreachable, camera.error, t.health.unreachableMend);
  else if (camera.state === 'starting' && since > kLongStart) add('bad', t.health.longStart, camera.error, t.health.longStartMend);
  if (camera.state !== 'live') return found;

  const quiet = now - (camera.last ? Date.parse(camera.last) : 0);
  if (since > kLate && quiet > kLate) add('bad', t.health.notRecorded, camera.error, t.health.notRecordedMend);
  else if (camera.error) add('warn', t.health.trouble, camera.error, t.health.troubleMend);
  if (losing) add('bad', t.health.losing, '', t.health.slowMend);
  else if (camera.pace < 1) add('warn', t.health.slow(percent(camera.pace)), '', `${t.health.slowMeans} ${t.health.slowMend}`);
  if (camera.doubt) {
    const scene = camera.approval === 'required' && camera.approved === 0;
    add('warn', t.camera.allCovered, camera.doubt, scene ? t.health.sceneMend : t.health.doubtMend, scene);
  }
  return found;
}

/** By the recorder's clock, which is what its times are of; the browser's may be another. */
export const recorderNow = (health: Health): number => Date.parse(health.started) + health.uptime_s * 1000;

/** The cameras that lost frames since `before`; a process that began anew counts from 0. */
export function losingFrames(before: Camera[], after: Camera[]): Set<string> {
  const known = new Map(before.map((camera) => [camera.id, camera.dropped]));
  return new Set(after.filter((camera) => camera.dropped > (known.get(camera.id) ?? camera.dropped)).map((camera) => camera.id));
}

/** Everything that is not well, each with where it is; `id` is that of its place on the page. */
export interface Place {
  id: string;
  name: string;
  findings: Finding[];
}

export function placesOf(health: Health, cameras: Camera[], losing: ReadonlySet<string>): { disks: Place[]; cameras: Place[] } {
  const now = recorderNow(health);
  return {
    disks: health.disks.map((disk, i) => ({ id: `disk-${i}`, name: diskName(disk), findings: diskFindings(disk) })),
    cameras: cameras.map((camera) => ({
      id: `camera-${camera.id}`,
      name: camera.name,
      findings: cameraFindings(camera, now, losing.has(camera.id)),
    })),
  };
}
