import { describe, expect, it } from 'vitest';
import { bundlePath, verifyLedger, type Fetch } from './verify_ledger';

const text = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s) as Uint8Array<ArrayBuffer>;
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

// A ledger of three entries, signed here; leaves and nodes as RFC 6962 says.
async function ledger(): Promise<{ key: string; files: Map<string, Uint8Array<ArrayBuffer>> }> {
  const hash = async (...parts: Uint8Array[]): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(parts.flatMap((p) => [...p]))));
  const entries = ['one', 'two', 'three'].map(text);
  const leaves = await Promise.all(entries.map((e) => hash(Uint8Array.of(0), e)));
  const left = await hash(Uint8Array.of(1), leaves[0]!, leaves[1]!);
  const root = await hash(Uint8Array.of(1), left, leaves[2]!);
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const body = `example.org/log\n3\n${base64(root)}\n`;
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, text(body)));
  const line = base64(Uint8Array.of(1, 2, 3, 4, ...signature));
  return {
    key: `example.org/log+01020304+${base64(Uint8Array.of(1, ...raw))}`,
    files: new Map([
      ['checkpoint', text(`${body}\n\u2014 example.org/log ${line}\n`)],
      ['tile/entries/000.p/3', Uint8Array.from(entries.flatMap((e) => [0, e.length, ...e]))],
    ]),
  };
}

const from =
  (files: Map<string, Uint8Array<ArrayBuffer>>): Fetch =>
  (path) => {
    const found = files.get(path);
    return found ? Promise.resolve(found) : Promise.reject(new Error(`${path}: gone`));
  };

describe('verifyLedger', () => {
  it('takes what was signed', async () => {
    const { key, files } = await ledger();
    expect(await verifyLedger(key, from(files), () => {})).toBe(3);
  });

  it('refuses every changed byte', async () => {
    const { key, files } = await ledger();
    let refused = 0;
    for (const [path, bytes] of files)
      for (let i = 0; i < bytes.length; ++i) {
        const changed = new Map(files).set(path, bytes.map((b, at) => (at === i ? b ^ 1 : b)));
        await expect(verifyLedger(key, from(changed), () => {}).then((n) => `${path} ${i}: ${n}`)).rejects.toThrow();
        ++refused;
      }
    expect(refused).toBeGreaterThan(150);
  });

  it('refuses another spelling of the same signature', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const { key, files } = await ledger();
    const note = new TextDecoder().decode(files.get('checkpoint'));
    // 68 bytes: the last character before the padding stands for four bits, and has two more.
    const respelled = note.replace(/(.)=\n$/, (_, last: string) => `${alphabet[alphabet.indexOf(last) + 1]}=\n`);
    expect(respelled).not.toBe(note);
    await expect(verifyLedger(key, from(new Map(files).set('checkpoint', text(respelled))), () => {})).rejects.toThrow('signature');
  });

  it('knows where entries lie', () => {
    expect(bundlePath(0, 3)).toBe('tile/entries/000.p/3');
    expect(bundlePath(7, 256)).toBe('tile/entries/007');
    expect(bundlePath(1_234_067, 256)).toBe('tile/entries/x001/x234/067');
  });
});
