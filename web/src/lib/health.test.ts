import { describe, expect, it } from 'vitest';
import { cameraFindings, diskFindings, losingFrames, placesOf } from './health';
import { kHour, kMinute } from './time';
import type { Camera, Disk, Health } from './types';

const now = Date.parse('2026-03-01T12:00:00Z');
const iso = (ago: number): string => new Date(now - ago).toISOString();
const live: Camera = {
  id: 'gate', name: 'Gate', state: 'live', since: iso(kHour), size: [768, 576], fps: 25, covered: 0.1, proven: 0.9, scene: 'fixed',
  style: 'silhouette', cover: ['faces'], approval: 'none', approved: 0.9, originals: null, audio: 'dropped', counting: null, dropped: 0, pace: 1, doubt: '', error: '',
  first: iso(kHour), last: iso(1000),
}; // prettier-ignore
const disk: Disk = { name: '', folder: '/data/recordings', free: 5e10, total: 1e12, error: '' };
const found = (camera: Partial<Camera>, losing = false): string[] =>
  cameraFindings({ ...live, ...camera }, now, losing).map(({ tone, what }) => `${tone}: ${what}`);

describe('a camera', () => {
  it('that records is well, and so is one that is off or has just begun', () => {
    expect(found({})).toEqual([]);
    expect(found({ state: 'off', last: null, first: null })).toEqual([]);
    expect(found({ state: 'starting', since: iso(20_000), last: null })).toEqual([]);
    expect(found({ since: iso(20_000), last: iso(kHour) })).toEqual([]);
  });

  it('that gives no picture, or whose picture is not kept, needs somebody', () => {
    expect(found({ state: 'unreachable', error: 'no route to host' })).toEqual(['bad: Camera unreachable']);
    expect(found({ state: 'starting', since: iso(3 * kMinute) })).toEqual(['bad: Starting for a long time']);
    expect(found({ last: iso(2 * kMinute) })).toEqual(['bad: Live, but nothing is being recorded']);
    expect(found({ last: null })).toEqual(['bad: Live, but nothing is being recorded']);
    expect(found({ pace: 0.5 }, true)).toEqual(['bad: Frames are being lost']);
  });

  it('whose machine is too slow, or of which all is covered, is to be looked at', () => {
    expect(found({ pace: 0.25 })).toEqual(['warn: This machine does not keep up: detectors look 25\u00a0% as often as they should']);
    expect(found({ doubt: 'the camera was moved' })).toEqual(['warn: Whole picture covered']);
    expect(found({ error: 'the catalogue is busy' })).toEqual(['warn: The recorder reports']);
    const approve = cameraFindings({ ...live, doubt: 'nobody has approved', approval: 'required', approved: 0 }, now, false);
    expect(approve).toMatchObject([{ why: 'nobody has approved', scene: true }]);
  });

  it('loses frames when their number grows, and not when its process began anew', () => {
    const of = (dropped: number, id = 'gate'): Camera => ({ ...live, id, dropped });
    expect([...losingFrames([of(3), of(3, 'yard')], [of(4), of(3, 'yard')])]).toEqual(['gate']);
    expect([...losingFrames([of(3)], [of(0)])]).toEqual([]);
    expect([...losingFrames([], [of(3)])]).toEqual([]);
  });
});

describe('a disk', () => {
  it('needs somebody when it is away, or so full that the recorder cannot make room', () => {
    expect(diskFindings(disk)).toEqual([]);
    expect(diskFindings({ ...disk, free: 0, total: 0, error: 'it is not there' })).toMatchObject([{ tone: 'bad', why: 'it is not there' }]);
    expect(diskFindings({ ...disk, free: 4e8 })).toMatchObject([{ tone: 'bad', what: 'Nearly full: 400 MB free' }]);
    // A small one has less, and that is enough.
    expect(diskFindings({ ...disk, free: 1e8, total: 8e9 })).toEqual([]);
  });
});

it('tells the places apart', () => {
  const health: Health = {
    version: '1', started: iso(kHour), uptime_s: 3600, disk, disks: [disk, { ...disk, name: 'big', error: 'away' }], cameras: {},
  }; // prettier-ignore
  const places = placesOf(health, [live, { ...live, id: 'yard', state: 'unreachable' }], new Set());
  expect(places.disks.map(({ id, name, findings }) => [id, name, findings.length])).toEqual([['disk-0', 'Data folder', 0], ['disk-1', 'big', 1]]);
  expect(places.cameras.map(({ id, findings }) => [id, findings.length])).toEqual([['camera-gate', 0], ['camera-yard', 1]]);
});
