import { t } from './strings';
import type { Camera, Grant, Role } from './types';

type Named = Pick<Camera, 'id' | 'name'>;

/** Why a grant cannot be given as it is filled in, or "". */
export function grantProblem(roles: readonly Role[], cameras: readonly string[] | null): string {
  if (roles.length === 0) return t.grant.noRole;
  return cameras?.length === 0 ? t.grant.noCamera : '';
}

/** The cameras that can be chosen: those there are, and those that were chosen before but are not among them. */
export function choices(cameras: readonly Named[], chosen: readonly string[] | null): Named[] {
  const known = cameras.map(({ id, name }) => ({ id, name }));
  const others = (chosen ?? []).filter((id) => !known.some((camera) => camera.id === id));
  return [...known, ...others.map((id) => ({ id, name: id }))];
}

/** `Gate, Plaza`, or that it is all of them. */
export function cameraWords(chosen: Grant['cameras'], cameras: readonly Named[]): string {
  if (chosen === null) return t.grant.all;
  return chosen.map((id) => cameras.find((camera) => camera.id === id)?.name ?? id).join(', ') || t.grant.none;
}
