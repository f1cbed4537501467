/** Who is signed in on a page other than the desk. */

import type { Http } from '../api/http.js';
import type { SessionReply } from '../api/wire.js';
import type { SessionState } from '../store/desk-state.js';
import { signInProblem } from '../store/sign-in-problem.js';
import { Observable } from './observable.js';

const RETRY_MS = 3_000;

export class PageSession extends Observable<SessionState> {
  constructor(private readonly http: Pick<Http, 'session' | 'signIn' | 'signOut'>) {
    super({ phase: 'loading', user: null, signingIn: false, problem: null });
  }

  async start(): Promise<void> {
    try {
      this.#entered(await this.http.session());
    } catch {
      this.set({ phase: 'unreachable' });
      setTimeout(() => void this.start(), RETRY_MS);
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.set({ signingIn: true, problem: null });
    try {
      this.#entered(await this.http.signIn(email, password));
    } catch (error) {
      this.set({ signingIn: false, problem: signInProblem(error) });
    }
  }

  /** False when it did not reach the server. */
  async signOut(): Promise<boolean> {
    try {
      await this.http.signOut();
    } catch {
      return false;
    }
    this.#left(null);
    void this.start();
    return true;
  }

  /** The server no longer knows us; what is being written stays where it is kept. */
  expired(): void {
    if (this.state.phase !== 'signed_in') return;
    this.#left('Your session has ended. Sign in again to go on. What you were writing is kept.');
    void this.http.session().catch(() => undefined);
  }

  #entered({ user }: SessionReply): void {
    this.set({ phase: user ? 'signed_in' : 'signed_out', user, signingIn: false });
  }

  #left(problem: string | null): void {
    this.set({ phase: 'signed_out', user: null, signingIn: false, problem });
  }
}
