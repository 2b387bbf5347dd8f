import { describe, expect, it } from 'vitest';
import { codecOf } from './stills';

const box = (...bytes: number[]): Uint8Array => Uint8Array.from([0, 0, 0, 40, ...bytes]);
const kAvcC = [0x61, 0x76, 0x63, 0x43];

describe('codecOf', () => {
  it('reads profile, constraints and level', () => {
    expect(codecOf(box(...kAvcC, 1, 0x64, 0x00, 0x1f, 0xff))).toBe('avc1.64001f');
    expect(codecOf(box(1, 2, 3, ...kAvcC, 1, 0x42, 0xc0, 0x0a))).toBe('avc1.42c00a');
  });

  it('knows none where there is no H.264, or where it is cut off', () => {
    expect(codecOf(box(0x68, 0x76, 0x63, 0x43, 1, 2, 3, 4))).toBeNull();
    expect(codecOf(box(...kAvcC, 1, 0x64))).toBeNull();
    expect(codecOf(new Uint8Array())).toBeNull();
  });
});
