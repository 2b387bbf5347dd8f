import { identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { identitiesIn } from './opening';
import { makeRequestKey, requestProblem } from './opening_request';
import { kHour } from './time';

const at = Date.parse('2026-03-01T12:34:56.789Z');

describe('asking for originals', () => {
  it('makes another key each time, and a file that age reads', async () => {
    const key = await makeRequestKey('door', at, at);
    expect(key.name).toBe('door_2026-03-01T12-34-56Z.key');
    const [identity = '', ...more] = identitiesIn(key.file);
    expect(more).toEqual([]);
    expect(await identityToRecipient(identity)).toBe(key.recipient);
    expect(key.file.split('\n').slice(0, 2)).toEqual(['# created: 2026-03-01T12:34:56Z', `# public key: ${key.recipient}`]);
    expect((await makeRequestKey('door', at, at)).recipient).not.toBe(key.recipient);
  });

  it('says what cannot be asked for', () => {
    expect(requestProblem({ from: 0, to: 2 * kHour }, true)).toBe('');
    expect(requestProblem({ from: 0, to: 2 * kHour + 1 }, true)).toBe('At most 2 h in one request.');
    expect(requestProblem({ from: 0, to: 1 }, false)).toMatch(/^Nothing is sealed/);
  });
});
