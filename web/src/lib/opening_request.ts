import { isoTime } from './api';
import { t } from './strings';
import { duration, kHour } from './time';
import type { View } from './timeline_layout';
import type { Purpose } from './types';

/** What POST /api/openings takes. `key` is public: the requester's recipient, made for this request alone. */
export interface AskedOpening {
  camera: string;
  from: string;
  to: string;
  purpose: Purpose;
  reason: string;
  case: string;
  key: string;
}

/** The recorder's limits (doc/api.md, doc/format/sealed.md). */
export const kLongestRequest = 2 * kHour;
export const kLongestReason = 2000;
export const kLongestCase = 100;

/** Why nothing of this span can be asked for, or "". */
export function requestProblem({ from, to }: View, anySealed: boolean): string {
  if (to - from > kLongestRequest) return t.originals.tooLong(duration(kLongestRequest));
  return anySealed ? '' : t.originals.nothingSealed;
}

export interface RequestKey {
  /** What the recorder gets. */
  recipient: string;
  /** The text of the file that opens the answers, as age-keygen writes it. */
  file: string;
  name: string;
}

/** A key pair for one request, made here. Nothing keeps it but whoever holds what this gives. */
export async function makeRequestKey(camera: string, from: number, now = Date.now()): Promise<RequestKey> {
  const age = await import('age-encryption');
  const identity = await age.generateX25519Identity();
  const recipient = await age.identityToRecipient(identity);
  const file = `# created: ${isoTime(Math.floor(now / 1000) * 1000)}\n# public key: ${recipient}\n${identity}\n`;
  return { recipient, file, name: `${camera}_${isoTime(from).slice(0, 19).replaceAll(':', '-')}Z.key` };
}
