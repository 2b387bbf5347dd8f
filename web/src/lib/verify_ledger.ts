import { t } from './strings';

/**
 * Verifies a ledger in the browser: every entry, against the root that its key signed (doc/format/ledger.md). Reads the
 * public files alone.
 */

const kWidth = 256;
const kDash = '\u2014 ';

export type Fetch = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

export const publicFile: Fetch = async (path) => {
  const response = await fetch(`/ledger/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

type Bytes = Uint8Array<ArrayBuffer>;

const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

function joined(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const leafHash = (entry: Bytes): Promise<Bytes> => sha256(joined(new Uint8Array([0]), entry));
const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(new Uint8Array([1]), left, right));

/** The one way to write bytes alone: `atob` also takes a last character with bits that stand for nothing. */
function fromBase64(text: string, wrong: string): Bytes {
  let bytes = '';
  try {
    bytes = atob(text);
  } catch {
    throw new Error(wrong);
  }
  if (btoa(bytes) !== text) throw new Error(wrong);
  return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
}

const same = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The path of a bundle of entries: a tile's number in groups of three digits. */
export function bundlePath(index: number, width: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  return `tile/entries/${path}${width < kWidth ? `.p/${width}` : ''}`;
}

function* entriesOf(bundle: Bytes): Generator<Bytes> {
  for (let at = 0; at < bundle.length; ) {
    const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
    if (at + 2 + length > bundle.length) throw new Error(t.use.wrong.torn);
    yield bundle.slice(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

/** Throws an Error that says what is wrong; resolves with the number of entries. */
export async function verifyLedger(key: string, file: Fetch, onProgress: (done: number, all: number) => void): Promise<number> {
  const [name = '', id = '', base64 = ''] = key.split('+');
  // Base64 may hold a plus itself.
  const keyBytes = fromBase64(key.slice(name.length + id.length + 2) || base64, t.use.wrong.key);
  if (keyBytes.length !== 33 || keyBytes[0] !== 1) throw new Error(t.use.wrong.key);

  const note = new TextDecoder().decode(await file('checkpoint'));
  const empty = note.lastIndexOf('\n\n');
  const text = note.slice(0, empty + 1);
  const [origin, count = '', rootText = ''] = text.split('\n');
  if (empty < 0 || origin !== name) throw new Error(t.use.wrong.origin);
  const line = note.slice(empty + 2).split('\n').find((l) => l.startsWith(`${kDash}${name} `));
  if (!line) throw new Error(t.use.wrong.unsigned);
  const signed = fromBase64(line.slice(kDash.length + name.length + 1), t.use.wrong.signature);
  const signature = signed.slice(4);
  if ([...signed.slice(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join('') !== id)
    throw new Error(t.use.wrong.otherKey);
  const publicKey = await crypto.subtle.importKey('raw', keyBytes.slice(1), 'Ed25519', false, ['verify']);
  if (!(await crypto.subtle.verify('Ed25519', publicKey, signature, new TextEncoder().encode(text))))
    throw new Error(t.use.wrong.signature);

  const size = Number(count);
  // The complete subtrees that the tree consists of so far, the largest first.
  const peaks: Bytes[] = [];
  let done = 0;
  for (let tile = 0; tile * kWidth < size; ++tile) {
    for (const entry of entriesOf(await file(bundlePath(tile, Math.min(kWidth, size - tile * kWidth))))) {
      let hash = await leafHash(entry);
      for (let n = done; n % 2 === 1; n = Math.floor(n / 2)) hash = await nodeHash(peaks.pop()!, hash);
      peaks.push(hash);
      ++done;
    }
    onProgress(done, size);
  }
  let root = peaks.pop() ?? (await sha256(new Uint8Array()));
  while (peaks.length) root = await nodeHash(peaks.pop()!, root);
  if (done !== size || !same(root, fromBase64(rootText, t.use.wrong.entries))) throw new Error(t.use.wrong.entries);
  return size;
}
