import { describe, expect, it } from 'vitest';
import { cameraWords, choices, grantProblem } from './grant';

const cameras = [
  { id: 'gate', name: 'Gate' },
  { id: 'plaza', name: 'Plaza' },
];

describe('a grant', () => {
  it('has a role, and a camera if they are chosen', () => {
    expect(grantProblem([], null)).toBe('Choose at least one role.');
    expect(grantProblem(['viewer'], [])).toBe('Choose at least one camera.');
    expect(grantProblem(['viewer'], ['gate'])).toBe('');
    expect(grantProblem(['viewer'], null)).toBe('');
  });

  it('keeps cameras that are not known here among the choices', () => {
    expect(choices(cameras, null)).toEqual(cameras);
    expect(choices(cameras, ['gate', 'cellar'])).toEqual([...cameras, { id: 'cellar', name: 'cellar' }]);
  });

  it('has words for its cameras', () => {
    expect(cameraWords(null, cameras)).toBe('All cameras');
    expect(cameraWords(['plaza', 'cellar'], cameras)).toBe('Plaza, cellar');
    expect(cameraWords([], cameras)).toBe('No camera');
  });
});
