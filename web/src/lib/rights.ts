import type { Route } from './route';
import { session } from './session.svelte';
import { t } from './strings';
import type { Role } from './types';

/**
 * What each role may do, as src/server/rights.h has it. The recorder decides; the app asks this so that it offers nothing,
 * and asks for nothing, that would be refused.
 */
const kRoles = {
  know: ['viewer', 'keyholder', 'auditor', 'operator', 'administrator'],
  look: ['viewer', 'operator'],
  survey: ['viewer', 'auditor', 'operator'],
  take: ['operator'],
  keep: ['operator'],
  follow: ['keyholder', 'auditor', 'operator'],
  open: ['operator'],
  report: ['auditor', 'administrator'],
  maintain: ['operator', 'administrator'],
  govern: ['administrator'],
} as const satisfies Record<string, readonly Role[]>;

export type Right = keyof typeof kRoles;

/** Pages that are not for everybody. */
const kPages: Partial<Record<Route['page'], Right>> = { openings: 'follow', scene: 'govern', masks: 'govern', places: 'govern', users: 'govern', settings: 'govern', setup: 'govern', health: 'maintain' };

export const gives = (roles: readonly Role[], right: Right): boolean => roles.some((role) => (kRoles[right] as readonly Role[]).includes(role));

/** Whether who is signed in may do that. */
export const can = (right: Right): boolean => gives(session.roles, right);

/** What it takes to see a page. */
export const rightFor = (page: Route['page']): Right => kPages[page] ?? 'know';

const listed = (words: string[]): string => new Intl.ListFormat(t.locale).format(words);

/** `viewers and operators`: whom a right is for. */
export const whose = (right: Right): string => listed(kRoles[right].map((role) => t.roles.many[role]));

/** `operator and administrator` */
export const roleNames = (roles: readonly Role[]): string => listed(roles.map((role) => t.roles.names[role]));
