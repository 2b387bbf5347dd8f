import type { Decrypter } from 'age-encryption';

/** A request to open an original, as doc/format/sealed.md has it. */
export interface OpeningRequest {
  id: string;
  recorder: string;
  camera: string;
  from: string;
  to: string;
  purpose: string;
  reason: string;
  case: string;
  by: string;
  made: string;
  expires: string;
  key: string;
  needed: number;
  keyholders: string[];
  tokens: string[];
  parts: { number: number; from: string; to: string; sha256: string; shares?: string[]; header?: string }[];
}

export interface Answer {
  'passerby-answer': 1;
  request: string;
  keyholder: number;
  answer: 'approve' | 'refuse';
  token: string;
  shares?: string;
}

/** Why nothing was answered; `what` names the words in strings.ts. */
export class OpeningError extends Error {
  constructor(readonly what: 'notARequest' | 'notAKey' | 'notAKeyholder' | 'somethingElse' | 'expired' | 'oneKeyholder') {
    super(what);
  }
}

/** Why a request or a part of it cannot be opened; `what` names the words in strings.ts. */
export class FinishError extends Error {
  constructor(readonly what: 'otherKey' | 'noAnswer' | 'otherFile' | 'tooFew' | 'changed') {
    super(what);
  }
}

export function parseRequest(text: string): OpeningRequest {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new OpeningError('notARequest');
  }
  const texts = ['id', 'recorder', 'camera', 'from', 'to', 'purpose', 'reason', 'case', 'by', 'made', 'expires', 'key'];
  const lists = ['keyholders', 'tokens', 'parts'];
  if (json?.['passerby-request'] !== 1 || texts.some((name) => typeof json[name] !== 'string') ||
      lists.some((name) => !Array.isArray(json[name])) || typeof json.needed !== 'number')
    throw new OpeningError('notARequest');
  return json as unknown as OpeningRequest;
}

/** Not the browser's own: it has none where the recorder is reached by plain HTTP. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const { sha256 } = await import('@noble/hashes/sha2.js');
  return [...sha256(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** What stands on the public ledger as `file`. */
export const hashOf = (text: string): Promise<string> => sha256Hex(new TextEncoder().encode(text));

export const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

const sameMoment = (a: string, b: string): boolean => a === b && !Number.isNaN(Date.parse(a));

/** A share names what it opens. Whatever the request around it says, that must be what it asks for. */
function checkShare(text: string, request: OpeningRequest, part: OpeningRequest['parts'][number], keyholder: number): void {
  const [first, ...lines] = text.split('\n');
  const field = (name: string): string => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  const fits = first === 'passerby share 1' && field('camera') === request.camera && sameMoment(field('from'), part.from) &&
    sameMoment(field('to'), part.to) && field('share').startsWith(`${keyholder} of `);
  const asked = Date.parse(part.to) > Date.parse(request.from) && Date.parse(part.from) < Date.parse(request.to);
  if (!fits || !asked) throw new OpeningError('somethingElse');
}

/** The identities in a key file: one a line, comments begin with #. */
export function identitiesIn(keyFile: string): string[] {
  return keyFile.split(/\r?\n/).map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
}

/**
 * A keyholder's answer. The key stays in this function: what leaves it is the answer, whose shares only the requester can read.
 */
export async function answerRequest(request: OpeningRequest, keyFile: string, approve: boolean, now = Date.now()): Promise<Answer> {
  const age = await import('age-encryption');
  if (now >= Date.parse(request.expires)) throw new OpeningError('expired');
  let mine = '', keyholder = 0;
  try {
    for (const identity of identitiesIn(keyFile)) {
      const number = request.keyholders.indexOf(await age.identityToRecipient(identity)) + 1;
      if (number > 0) [mine, keyholder] = [identity, number];
    }
  } catch {
    throw new OpeningError('notAKey');
  }
  if (!identitiesIn(keyFile).length) throw new OpeningError('notAKey');
  if (!keyholder) throw new OpeningError('notAKeyholder');
  const decrypter: Decrypter = new age.Decrypter();
  decrypter.addIdentity(mine);
  const opened = (base64: string | undefined): Promise<string> => decrypter.decrypt(bytesOf(base64 ?? ''), 'text');

  const answer: Answer = {
    'passerby-answer': 1,
    request: request.id,
    keyholder,
    answer: approve ? 'approve' : 'refuse',
    token: await opened(request.tokens[keyholder - 1]),
  };
  if (!approve) return answer;
  // Where one keyholder is enough there are no shares but the file's own key, which `passerby keyholder` gives.
  if (request.needed < 2) throw new OpeningError('oneKeyholder');
  let text = `passerby answer 1\nrequest: ${request.id}\n\n`;
  for (const part of request.parts) {
    const share = await opened(part.shares?.[keyholder - 1]);
    checkShare(share, request, part, keyholder);
    text += share;
  }
  const encrypter = new age.Encrypter();
  encrypter.addRecipient(request.key);
  answer.shares = age.armor.encode(await encrypter.encrypt(text));
  return answer;
}
