import type { Identity } from 'age-encryption';
import { bytesOf, FinishError, identitiesIn, sha256Hex, type OpeningRequest } from './opening';
import { combine, type Share } from './shamir';

/** A keyholder's approval, as the recorder hands it out: an armoured age file to the key of the request. */
export interface GivenShares {
  keyholder: number;
  shares: string;
}

type Part = OpeningRequest['parts'][number];

/** The identity in a key file that this request was made with. */
export async function requestIdentity(request: OpeningRequest, keyFile: string): Promise<string> {
  const age = await import('age-encryption');
  for (const identity of identitiesIn(keyFile))
    if ((await age.identityToRecipient(identity).catch(() => '')) === request.key) return identity;
  throw new FinishError('otherKey');
}

/** The texts of the shares (of the key, where one keyholder is enough), for each part those of every answer that is any good. */
export async function sharesByPart(request: OpeningRequest, identity: string, answers: GivenShares[]): Promise<string[][]> {
  const age = await import('age-encryption');
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(identity);
  const read = async (armoured: string): Promise<string> => decrypter.decrypt(age.armor.decode(armoured), 'text');
  const opening = `passerby answer 1\nrequest: ${request.id}\n\n`;
  const begin = request.needed === 1 ? 'passerby key 1\n' : 'passerby share 1\n';
  const good: string[][] = [];
  for (const { shares } of answers) {
    const text = await read(shares).catch(() => '');
    const texts = text.slice(opening.length).split(begin).slice(1).map((rest) => begin + rest);
    if (text.startsWith(opening) && texts.length === request.parts.length) good.push(texts);
  }
  if (!good.length) throw new FinishError('noAnswer');
  return request.parts.map((_, i) => good.map((texts) => texts[i] ?? ''));
}

const kShare =
  /^passerby share 1\ncamera: (.+)\nfrom: (.+)\nto: (.+)\npayload: ([0-9a-f]{64})\nshare: (\d+) of (\d+), (\d+) needed\nvalue: ([A-Za-z0-9+/]{22})\n$/;

/** Where the header of an age file ends: after the line that begins with `---`, the first that does. */
function headerEnd(file: Uint8Array): number {
  const [line, dash] = [0x0a, 0x2d];
  for (let at = 0; at + 4 < file.length; at += 1)
    if (file[at] === line && file[at + 1] === dash && file[at + 2] === dash && file[at + 3] === dash) return file.indexOf(line, at + 1) + 1;
  throw new FinishError('changed');
}

/** Combines the shares that are what was given out for this file; those that are not count as not there. */
async function combiner(file: Uint8Array, request: OpeningRequest, part: Part, texts: string[]): Promise<Identity> {
  const payload = await sha256Hex(file.subarray(headerEnd(file)));
  const digests = await Promise.all(texts.map((text) => sha256Hex(new TextEncoder().encode(text))));
  const all = request.keyholders.length;
  return {
    unwrapFileKey(stanzas) {
      const fits = stanzas.length === all &&
        stanzas.every(({ args }, i) => args.slice(0, 4).join(' ') === `passerby-share ${i + 1} ${request.needed} ${all}`);
      if (!fits) throw new FinishError('changed');
      const good = new Map<number, Share>();
      texts.forEach((text, i) => {
        const [, camera, from, to, of, index, shares, , value] = kShare.exec(text) ?? [];
        const right = camera === request.camera && from === part.from && to === part.to && of === payload && Number(shares) === all &&
          stanzas[Number(index) - 1]?.args[4] === digests[i];
        if (right) good.set(Number(index), { index: Number(index), value: bytesOf(value ?? '') });
      });
      if (good.size < request.needed) throw new FinishError('tooFew');
      return combine([...good.values()]);
    },
  };
}

/** Where one keyholder is enough, they gave the file's own key. */
function keyGiven(sha256: string, texts: string[]): Identity {
  const value = texts.map((text) => /^passerby key 1\nsha256: ([0-9a-f]{64})\nvalue: ([A-Za-z0-9+/]{22})\n$/.exec(text)).find((m) => m?.[1] === sha256)?.[2];
  return {
    unwrapFileKey() {
      if (!value) throw new FinishError('tooFew');
      return bytesOf(value);
    },
  };
}

/** What the camera sent: a sealed part, opened with the texts of its shares. */
export async function openPart(file: Uint8Array, request: OpeningRequest, part: Part, texts: string[]): Promise<Uint8Array> {
  const age = await import('age-encryption');
  if ((await sha256Hex(file)) !== part.sha256) throw new FinishError('otherFile');
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(request.needed === 1 ? keyGiven(part.sha256, texts) : await combiner(file, request, part, texts));
  try {
    return await decrypter.decrypt(file);
  } catch (cause) {
    // Whatever else goes wrong: the MAC of the header, or of what follows it.
    throw cause instanceof FinishError ? cause : new FinishError('changed');
  }
}

/** The name of a part's film; Matroska where MP4 cannot hold what the camera sends. */
export function filmName(camera: string, from: string, film: Uint8Array): string {
  const matroska = film[0] === 0x1a && film[1] === 0x45;
  return `${camera}_original_${from.slice(0, 19).replaceAll(':', '-')}Z.${matroska ? 'mkv' : 'mp4'}`;
}
