import { armor, Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { answerRequest, hashOf, OpeningError, parseRequest, type OpeningRequest } from './opening';

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

async function sealed(recipient: string, text: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return base64(await encrypter.encrypt(text));
}

const second = (s: number): string => `2026-03-01T12:00:${String(s).padStart(2, '0')}Z`;
const share = (from: number, index: number, camera = 'door'): string =>
  `passerby share 1\ncamera: ${camera}\nfrom: ${second(from)}\nto: ${second(from + 10)}\npayload: ${'a'.repeat(64)}\n` +
  `share: ${index} of 2, 2 needed\nvalue: AAECAwQFBgcICQoLDA0ODw\n`;

describe('opening', () => {
  const keys: string[] = [];
  let requester = '', request: OpeningRequest;
  const now = Date.parse(second(30));

  beforeAll(async () => {
    for (let i = 0; i < 2; i += 1) keys.push(await generateIdentity());
    requester = await generateIdentity();
    const keyholders = await Promise.all(keys.map(identityToRecipient));
    const part = async (from: number) => ({
      number: from, from: second(from), to: second(from + 10), sha256: 'b'.repeat(64),
      shares: await Promise.all(keyholders.map((key, i) => sealed(key, share(from, i + 1)))),
    });
    request = {
      id: '0'.repeat(32), recorder: 'example.org/test', camera: 'door', from: second(5), to: second(15), purpose: 'incident',
      reason: 'r', case: '', by: 'admin', made: second(20), expires: '2026-03-04T12:00:20Z', key: await identityToRecipient(requester),
      needed: 2, keyholders, tokens: await Promise.all(keyholders.map((key, i) => sealed(key, `token ${i + 1}`))),
      parts: [await part(0), await part(10)],
    };
  });

  const failure = async (changed: OpeningRequest, key = keys[0] ?? '', at = now): Promise<string> =>
    answerRequest(changed, key, true, at).then(() => 'answered', (e: unknown) => (e instanceof OpeningError ? e.what : String(e)));

  it('approves with the shares of the asked seconds, for the requester alone', async () => {
    const answer = await answerRequest(request, `# a comment\n${keys[1]}\n`, true, now);
    expect(answer).toMatchObject({ request: request.id, keyholder: 2, answer: 'approve', token: 'token 2' });
    const decrypter = new Decrypter();
    decrypter.addIdentity(requester);
    const text = await decrypter.decrypt(armor.decode(answer.shares ?? ''), 'text');
    expect(text).toBe(`passerby answer 1\nrequest: ${request.id}\n\n${share(0, 2)}${share(10, 2)}`);
    const other = new Decrypter();
    other.addIdentity(keys[0] ?? '');
    await expect(other.decrypt(armor.decode(answer.shares ?? ''))).rejects.toThrow();
  });

  it('refuses without a share', async () => {
    expect(await answerRequest(request, keys[0] ?? '', false, now)).toEqual({
      'passerby-answer': 1, request: request.id, keyholder: 1, answer: 'refuse', token: 'token 1',
    });
  });

  it('gives nothing for other seconds, another camera or another keyholder than the request names', async () => {
    const first = request.parts[0];
    if (!first) throw new Error('no part');
    const keyholder = request.keyholders[0] ?? '';
    const withShare = async (text: string) => ({ ...request, parts: [{ ...first, shares: [await sealed(keyholder, text)] }] });
    expect(await failure(await withShare(share(20, 1)))).toBe('somethingElse');
    expect(await failure(await withShare(share(0, 1, 'yard')))).toBe('somethingElse');
    expect(await failure(await withShare(share(0, 2)))).toBe('somethingElse');
    expect(await failure({ ...request, from: second(25), to: second(29) })).toBe('somethingElse');
    expect(await failure(await withShare(share(0, 1)))).toBe('answered');
  });

  it('says what is wrong with the key, the time and the file', async () => {
    expect(await failure(request, await generateIdentity())).toBe('notAKeyholder');
    expect(await failure(request, 'nonsense')).toBe('notAKey');
    expect(await failure(request, '# nothing')).toBe('notAKey');
    expect(await failure(request, keys[0], Date.parse(request.expires))).toBe('expired');
    expect(await failure({ ...request, needed: 1 })).toBe('oneKeyholder');
    for (const text of ['', '{}', '[]', 'null', JSON.stringify({ ...request, 'passerby-request': 2 }), JSON.stringify({ 'passerby-request': 1 })])
      expect(() => parseRequest(text)).toThrow('notARequest');
    expect(parseRequest(JSON.stringify({ 'passerby-request': 1, ...request }))).toMatchObject({ id: request.id });
  });

  it('hashes as the ledger does', async () => {
    expect(await hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
