import { session } from './session.svelte';

/** Whether who is signed in has one of these roles. A session that does not say hides nothing: the recorder decides anyway. */
export function hasRole(...wanted: string[]): boolean {
  const { roles } = session as unknown as { roles?: readonly string[] };
  return !roles || wanted.some((role) => roles.includes(role));
}
