import { describe, expect, it } from 'vitest';
import { hrefOf, parseRoute, type Route } from './route';

describe('route', () => {
  it('reads the address', () => {
    const cases: [string, Route][] = [
      ['', { page: 'wall' }],
      ['#/', { page: 'wall' }],
      ['#/nowhere', { page: 'wall' }],
      ['#/camera/', { page: 'wall' }],
      ['#/camera/%', { page: 'wall' }],
      ['#/password', { page: 'password' }],
      ['#/use', { page: 'use' }],
      ['#/openings', { page: 'openings' }],
      ['#/answer', { page: 'answer' }],
      ['#/health', { page: 'health' }],
      ['#/users', { page: 'users' }],
      ['#/account', { page: 'account' }],
      ['#/scene/gate', { page: 'scene', id: 'gate' }],
      ['#/scene/', { page: 'wall' }],
      ['#/camera/gate', { page: 'camera', id: 'gate', time: null }],
      ['#/camera/gate?t=soon', { page: 'camera', id: 'gate', time: null }],
      ['#/camera/a%2Fb?t=2026-03-01T12:00:00Z', { page: 'camera', id: 'a/b', time: Date.parse('2026-03-01T12:00:00Z') }],
    ];
    for (const [hash, route] of cases) expect(parseRoute(hash)).toEqual(route);
  });

  it('writes what it reads', () => {
    const routes: Route[] = [
      { page: 'wall' },
      { page: 'password' },
      { page: 'use' },
      { page: 'openings' },
      { page: 'answer' },
      { page: 'health' },
      { page: 'users' },
      { page: 'account' },
      { page: 'scene', id: 'a/b?c' },
      { page: 'camera', id: 'a/b?c', time: null },
      { page: 'camera', id: 'gate', time: 1_772_366_400_000 },
    ];
    for (const route of routes) expect(parseRoute(hrefOf(route))).toEqual(route);
  });
});
