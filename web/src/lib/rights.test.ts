import { describe, expect, it } from 'vitest';
import { can, gives, rightFor, roleNames, whose, type Right } from './rights';
import { roles, type Role } from './types';

// The table of doc/api.md, by hand, in the order of its columns.
const kColumns: Role[] = ['viewer', 'operator', 'keyholder', 'auditor', 'administrator'];
const kRows: Record<Right, string> = {
  know: 'xxxxx',
  look: 'xx...',
  survey: 'xx.x.',
  take: '.x...',
  keep: '.x...',
  open: '.x...',
  follow: '.xxx.',
  report: '...xx',
  maintain: '.x..x',
  govern: '....x',
};
const rows = Object.entries(kRows) as [Right, string][];

describe('rights', () => {
  it('are those of the recorder', () => {
    expect([...kColumns].sort()).toEqual([...roles].sort());
    for (const [right, row] of rows) for (const [i, role] of kColumns.entries()) expect(gives([role], right), `${role} ${right}`).toBe(row[i] === 'x');
  });

  it('add up', () => {
    for (const [right, row] of rows) expect(gives(['viewer', 'administrator'], right), right).toBe(row[0] === 'x' || row[4] === 'x');
  });

  it('are none of who is not signed in', () => {
    for (const [right] of rows) expect(can(right)).toBe(false);
  });

  it('are asked for by pages', () => {
    expect((['wall', 'camera', 'use', 'account', 'openings', 'scene', 'users'] as const).map(rightFor)).toEqual([
      'know', 'know', 'know', 'know', 'follow', 'govern', 'govern',
    ]); // prettier-ignore
  });

  it('have words', () => {
    expect(whose('look')).toBe('viewers and operators');
    expect(whose('govern')).toBe('administrators');
    expect(roleNames(['operator', 'administrator'])).toBe('operator and administrator');
  });
});
