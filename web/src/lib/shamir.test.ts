import { describe, expect, it } from 'vitest';
import { combine, type Share } from './shamir';

const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');

/** By the book, with another multiplication than the one that is tested. */
function times(a: number, b: number): number {
  let product = 0;
  for (; b; b >>= 1, a = a & 0x80 ? (a << 1) ^ 0x11b : a << 1) if (b & 1) product ^= a;
  return product & 0xff;
}

function split(secret: Uint8Array, needed: number, shares: number): Share[] {
  const higher = Array.from({ length: needed - 1 }, () => crypto.getRandomValues(new Uint8Array(secret.length)));
  return Array.from({ length: shares }, (_, i) => {
    const index = i + 1;
    const value = secret.map((_byte, at) => [...higher, secret].reduce((sum, c) => times(sum, index) ^ (c[at] ?? 0), 0));
    return { index, value };
  });
}

describe('Shamir', () => {
  // src/crypto/shamir_test.cc and doc/format/sealed.md have the same.
  it('gives the worked example', () => {
    const shares = [
      { index: 1, value: new Uint8Array(16) },
      { index: 2, value: Uint8Array.from({ length: 16 }, (_, i) => i) },
    ];
    expect(hex(combine(shares))).toBe('00f6f701f50302f4f10706f004f2f305');
    expect(hex(combine(shares.reverse()))).toBe('00f6f701f50302f4f10706f004f2f305');
  });

  it('multiplies as FIPS 197 does', () => expect(times(0x53, 0xca)).toBe(1));

  it('gives the secret for every subset that is large enough, and for none that is not', () => {
    for (let n = 1; n <= 5; n += 1)
      for (let k = 1; k <= n; k += 1) {
        const secret = crypto.getRandomValues(new Uint8Array(16));
        const shares = split(secret, k, n);
        for (let subset = 1; subset < 1 << n; subset += 1) {
          const some = shares.filter((_, i) => (subset >> i) & 1);
          expect(hex(combine(some)) === hex(secret), `${k} of ${n}, subset ${subset}`).toBe(some.length >= k);
        }
      }
    const secret = crypto.getRandomValues(new Uint8Array(16));
    expect(combine(split(secret, 255, 255))).toEqual(secret);
  });

  it('refuses what cannot be', () => {
    const [one, two] = split(new Uint8Array(16), 2, 2) as [Share, Share];
    for (const shares of [[], [one, one], [one, { ...two, index: 0 }], [one, { ...two, value: new Uint8Array(15) }]])
      expect(() => combine(shares)).toThrow(RangeError);
  });
});
