import { api, ApiError, whenSignedOut } from './api';
import type { Session } from './types';

export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'unreachable' }
  | { kind: 'signedOut'; ended: boolean }
  /** `old` is the password just typed, so that it need not be typed again. */
  | { kind: 'mustChange'; user: string; old: string | null }
  | { kind: 'signedIn'; user: string };

class SessionStore {
  state = $state<SessionState>({ kind: 'unknown' });

  constructor() {
    whenSignedOut(() => {
      const wasIn = this.state.kind === 'signedIn' || this.state.kind === 'mustChange';
      if (wasIn) this.state = { kind: 'signedOut', ended: true };
    });
  }

  async load(): Promise<void> {
    try {
      this.enter(await api.session(), null);
    } catch (error) {
      const signedOut = error instanceof ApiError && error.status !== 0;
      this.state = signedOut ? { kind: 'signedOut', ended: false } : { kind: 'unreachable' };
    }
  }

  async login(user: string, password: string): Promise<void> {
    this.enter(await api.login(user, password), password);
  }

  async logout(): Promise<void> {
    try {
      await api.logout();
    } catch (error) {
      // Already signed out is what was asked for; anything else the caller shows.
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    }
    this.state = { kind: 'signedOut', ended: false };
  }

  async changePassword(old: string, next: string): Promise<void> {
    await api.changePassword(old, next);
    if (this.state.kind === 'mustChange') this.state = { kind: 'signedIn', user: this.state.user };
  }

  private enter(session: Session, password: string | null): void {
    this.state = session.must_change_password
      ? { kind: 'mustChange', user: session.user, old: password }
      : { kind: 'signedIn', user: session.user };
  }
}

export const session = new SessionStore();
