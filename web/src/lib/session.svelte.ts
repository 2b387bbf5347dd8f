import { api, ApiError, whenDenied, whenSignedOut } from './api';
import type { Role, Session } from './types';

export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'unreachable' }
  | { kind: 'signedOut'; ended: boolean }
  /** `old` is the password just typed, so that it need not be typed again. */
  | { kind: 'mustChange'; session: Session; user: string; old: string | null }
  | { kind: 'mustSetFactor'; session: Session; user: string }
  | { kind: 'signedIn'; session: Session; user: string };

class SessionStore {
  state = $state<SessionState>({ kind: 'unknown' });

  /** None while nobody is signed in. */
  readonly roles = $derived<readonly Role[]>(this.state.kind === 'signedIn' ? this.state.session.roles : []);
  /** Null: all. */
  readonly cameras = $derived(this.state.kind === 'signedIn' ? this.state.session.cameras : []);

  constructor() {
    whenDenied(() => void this.refresh());
    whenSignedOut(() => {
      const wasIn = this.state.kind === 'signedIn' || this.state.kind === 'mustChange' || this.state.kind === 'mustSetFactor';
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

  /** Asks again what this person may do; as long as the recorder does not answer, what is known stands. */
  async refresh(): Promise<void> {
    const now = await api.session().catch(() => null);
    // What did not change is left alone, so that nothing is fetched anew for it.
    const isIn = this.state.kind === 'signedIn' || this.state.kind === 'mustSetFactor';
    if (now && isIn && 'session' in this.state && JSON.stringify(now) !== JSON.stringify(this.state.session)) this.enter(now, null);
  }

  async login(user: string, password: string, code = ''): Promise<void> {
    this.enter(await api.login(user, password, code), password);
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
    if (this.state.kind === 'mustChange') this.enter({ ...this.state.session, must_change_password: false }, null);
  }

  private enter(session: Session, password: string | null): void {
    this.state = session.must_change_password
      ? { kind: 'mustChange', session, user: session.user, old: password }
      : session.must_set_second_factor
        ? { kind: 'mustSetFactor', session, user: session.user }
        : { kind: 'signedIn', session, user: session.user };
  }
}

export const session = new SessionStore();
