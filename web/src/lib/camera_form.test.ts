import { describe, expect, it } from 'vitest';
import { bodyOf, daysThatFit, emptyForm, formOf, idFor } from './camera_form';
import type { CameraSettings } from './types';

const door: CameraSettings = {
  id: 'door', fixed: false, name: 'Door', url: 'rtsp://10.0.0.5/1', user: 'viewer', has_password: true, transport: 'tcp', scene: 'fixed',
  cover: ['faces'], style: 'block', approval: 'required', audio: 'drop', retention: { days: 3, size: 1e9 }, own_retention: true, enabled: true, bytes: 10,
  bytes_per_day: 100,
}; // prettier-ignore

describe('the id of a camera', () => {
  it('is plain', () => {
    expect(idFor('Entrance, north side', [])).toBe('entrance-north-side');
    expect(idFor('Straße & Höfe', [])).toBe('strasse-hofe');
    expect(idFor('入口', [])).toBe('camera');
    expect(idFor('x'.repeat(50), [])).toHaveLength(28);
  });
  it('is its own', () => {
    expect(idFor('Door', ['door', 'door-2'])).toBe('door-3');
  });
});

describe('what is sent', () => {
  it('is what was set, where nothing was typed', () => {
    expect(bodyOf(formOf(door))).toEqual({
      name: 'Door', url: 'rtsp://10.0.0.5/1', user: 'viewer', scene: 'fixed', cover: ['faces'], style: 'block', approval: 'required',
      retention: { days: 3, size: '1000000 kB' }, enabled: true,
    }); // prettier-ignore
  });
  it('has a password only where one was typed', () => {
    expect(bodyOf({ ...formOf(door), password: 'secret' }).password).toBe('secret');
    expect('password' in bodyOf(formOf(door))).toBe(false);
  });
  it('leaves out what does not go together', () => {
    const http = bodyOf({ ...emptyForm(), url: 'http://10.0.0.5/', udp: true, approval: true, scene: 'moving' });
    expect(http.transport).toBeUndefined();
    expect(http.approval).toBeUndefined();
  });
});

describe('the forecast', () => {
  it('is of what was measured', () => {
    expect(daysThatFit([door, { ...door, bytes_per_day: null }], 1000)).toBe(10);
    expect(daysThatFit([{ ...door, bytes_per_day: null }], 1000)).toBe(null);
  });
});
