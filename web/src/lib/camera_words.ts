import { t } from './strings';
import type { Camera } from './types';

/** From this share on a scene counts as learnt: the rest is what people rest or stand on. */
const kLearnt = 0.97;

export interface Words {
  text: string;
  /** The recorder's own reason, which is English. */
  why?: string;
  tone: 'calm' | 'warn';
}

/** What is worth knowing about a live camera's cover, in one short line, or null. */
export function coverWords(camera: Camera): Words | null {
  if (camera.state !== 'live') return null;
  if (camera.doubt) return { text: t.camera.allCovered, why: camera.doubt, tone: 'warn' };
  if (camera.scene === 'moving') return { text: t.camera.moving, tone: 'calm' };
  if (camera.proven !== null && camera.proven < kLearnt) return { text: t.camera.learning(camera.proven), tone: 'calm' };
  return null;
}
