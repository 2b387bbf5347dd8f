import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { FinishError, hashOf, sha256Hex, type OpeningRequest } from './opening';
import { filmName, openPart, requestIdentity, sharesByPart, type GivenShares } from './opening_finish';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64 = (of: Uint8Array): string => btoa(String.fromCharCode(...of)).replace(/=+$/, '');
const kFrom = '2026-03-01T12:00:00.500000Z';
const kTo = '2026-03-01T12:00:10Z';
const kFilm = bytes('a film '.repeat(20_000));

/** What follows an age file's header, and the key of both. */
async function payloadOf(plain: Uint8Array): Promise<{ key: Uint8Array; payload: Uint8Array }> {
  let key = new Uint8Array(16);
  const encrypter = new Encrypter();
  encrypter.addRecipient({ wrapFileKey: (made) => ((key = new Uint8Array(made)), []) });
  const file = await encrypter.encrypt(plain);
  const header = 'age-encryption.org/v1\n--- '.length + 43 + 1;
  return { key, payload: file.slice(header) };
}

function withHeader(stanzas: { type: string; body: Uint8Array }[], key: Uint8Array, payload: Uint8Array): Uint8Array {
  const lines = (body: Uint8Array): string => {
    const text = base64(body);
    return Array.from({ length: Math.floor(text.length / 64) + 1 }, (_, i) => `${text.slice(64 * i, 64 * i + 64)}\n`).join('');
  };
  const header = `age-encryption.org/v1\n${stanzas.map(({ type, body }) => `-> ${type}\n${lines(body)}`).join('')}---`;
  const mac = hmac(sha256, hkdf(sha256, key, undefined, bytes('header'), 32), bytes(header));
  return new Uint8Array([...bytes(`${header} ${base64(mac)}\n`), ...payload]);
}

/** Two of three: a line through the key. What multiplies is 1, 2 and 3, so that doubling is all it takes. */
function shares(key: Uint8Array): Uint8Array[] {
  const slope = crypto.getRandomValues(new Uint8Array(16));
  const doubled = (b: number): number => ((b << 1) ^ (b & 0x80 ? 0x11b : 0)) & 0xff;
  const at = (i: number): Uint8Array => key.map((b, n) => b ^ ((i & 1 ? slope[n]! : 0) ^ (i & 2 ? doubled(slope[n]!) : 0)));
  return [1, 2, 3].map(at);
}

describe('finishing an opening', () => {
  let request: OpeningRequest, part: OpeningRequest['parts'][number], file: Uint8Array, texts: string[];
  let identity = '';

  beforeAll(async () => {
    identity = await generateIdentity();
    const { key, payload } = await payloadOf(kFilm);
    const hash = await sha256Hex(payload);
    texts = shares(key).map(
      (value, i) => `passerby share 1\ncamera: door\nfrom: ${kFrom}\nto: ${kTo}\npayload: ${hash}\nshare: ${i + 1} of 3, 2 needed\nvalue: ${base64(value)}\n`,
    );
    const stanzas = await Promise.all(
      texts.map(async (text, i) => ({ type: `passerby-share ${i + 1} 2 3 ${await hashOf(text)}`, body: new Uint8Array(100 + i) })),
    );
    file = withHeader(stanzas, key, payload);
    part = { number: 7, from: kFrom, to: kTo, sha256: await sha256Hex(file) };
    request = {
      id: 'a'.repeat(32), recorder: '', camera: 'door', from: kFrom, to: kTo, purpose: 'incident', reason: 'r', case: '', by: 'admin',
      made: kFrom, expires: kTo, key: await identityToRecipient(identity), needed: 2, keyholders: ['x', 'y', 'z'], tokens: [], parts: [part],
    }; // prettier-ignore
  });

  const failure = async (of: Promise<unknown>): Promise<string> =>
    of.then(() => 'opened', (e: unknown) => (e instanceof FinishError ? e.what : String(e)));
  const opens = (some: string[]): Promise<Uint8Array> => openPart(file, request, part, some);

  it('opens a part with any two of three shares, or all', async () => {
    const [one, two, three] = texts as [string, string, string];
    for (const some of [[one, two], [three, one], [two, three], texts, [one, one, two]]) expect(await sha256Hex(await opens(some))).toBe(await sha256Hex(kFilm));
  });

  it('does not count a share that is not what was given out', async () => {
    const [one, two] = texts as [string, string, string];
    const changed = (from: string | RegExp, to: string): string => two.replace(from, to);
    expect(await failure(opens([one]))).toBe('tooFew');
    expect(await failure(opens([one, one]))).toBe('tooFew');
    for (const wrong of [
      changed('door', 'yard'), changed(kTo, kFrom), changed('share: 2', 'share: 1'), changed('share: 2', 'share: 9'),
      changed(/payload: ./, `payload: ${two.includes('payload: f') ? '0' : 'f'}`), changed(/value: .{22}/, `value: ${'A'.repeat(22)}`), `${two}\n`, '',
    ]) // prettier-ignore
      expect(await failure(opens([one, wrong])), wrong).toBe('tooFew');
  });

  it('opens nothing that was changed', async () => {
    expect(await failure(openPart(file.slice(1), request, part, texts))).toBe('otherFile');
    for (const at of [40, file.length - 5]) {
      const other = file.slice();
      other[at] = other[at]! ^ 1;
      const failed = await failure(openPart(other, request, { ...part, sha256: await sha256Hex(other) }, texts));
      expect(['changed', 'tooFew'], failed).toContain(failed);
    }
    expect(await failure(openPart(file, { ...request, keyholders: ['x', 'y'] }, part, texts))).toBe('changed');
  });

  it('opens with the one key where one keyholder is enough', async () => {
    const { key, payload } = await payloadOf(kFilm);
    const one = withHeader([{ type: 'X25519 x', body: new Uint8Array(32) }], key, payload);
    const of = { ...part, sha256: await sha256Hex(one) };
    const text = `passerby key 1\nsha256: ${of.sha256}\nvalue: ${base64(key)}\n`;
    const single = { ...request, needed: 1, parts: [of] };
    expect(await openPart(one, single, of, ['nonsense', text])).toEqual(kFilm);
    expect(await failure(openPart(one, single, of, [text.replace(/sha256: ./, 'sha256: g')]))).toBe('tooFew');
    const wrong = text.replace(/value: .{22}/, `value: ${'A'.repeat(22)}`);
    expect(await failure(openPart(one, single, of, [wrong]))).toBe('changed');
  });

  it('reads the answers to this request, and leaves out what is no answer to it', async () => {
    const answer = async (text: string, to = request.key): Promise<GivenShares> => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(to);
      return { keyholder: 1, shares: armor.encode(await encrypter.encrypt(text)) };
    };
    const [one, two, three] = texts as [string, string, string];
    const head = `passerby answer 1\nrequest: ${request.id}\n\n`;
    const good = [await answer(head + one), await answer(head + three)];
    const bad = [
      await answer(head.replace('a', 'b') + two), await answer(head.replaceAll('a', 'b') + two), await answer(head), await answer(head + two + two),
      await answer(head + two, await identityToRecipient(await generateIdentity())), { keyholder: 3, shares: 'nonsense' },
    ]; // prettier-ignore
    expect(await sharesByPart(request, identity, [...bad, ...good])).toEqual([[one, three]]);
    expect(await failure(sharesByPart(request, identity, bad))).toBe('noAnswer');
    const both = { ...request, parts: [part, part] };
    expect(await sharesByPart(both, identity, [await answer(head + one + two)])).toEqual([[one], [two]]);
  });

  it('takes the key of this request from a file, and no other', async () => {
    expect(await requestIdentity(request, `# created: now\n${await generateIdentity()}\n${identity}\r\n`)).toBe(identity);
    for (const other of ['', 'nonsense', await generateIdentity()]) expect(await failure(requestIdentity(request, other))).toBe('otherKey');
  });

  it('names films by camera and time', () => {
    expect(filmName('door', kFrom, kFilm)).toBe('door_original_2026-03-01T12-00-00Z.mp4');
    expect(filmName('door', kTo, new Uint8Array([0x1a, 0x45, 0xdf, 0xa3]))).toBe('door_original_2026-03-01T12-00-10Z.mkv');
  });
});
