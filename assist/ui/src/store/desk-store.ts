/** The one store of the desk: session, list of calls, the call on the desk, preferences. */

import { openBrowserSocket } from '../api/browser-socket.js';
import { CallsFeed } from '../api/calls-feed.js';
import type { StopReason } from '../api/call-stream.js';
import { Http, HttpProblem } from '../api/http.js';
import type { Call, Page, User } from '../api/wire.js';
import { CallController } from './call-controller.js';
import { firstState, type DeskState } from './desk-state.js';
import { loadPreferences, savePreferences, type Preferences } from './preferences.js';
import { signInProblem } from './sign-in-problem.js';

const ENDED_SHOWN = 8;
const ACTIVE_SHOWN = 50;
const NOTICE_MS = 6_000;

export class DeskStore extends EventTarget {
  #state: DeskState;
  #feed: CallsFeed | null = null;
  #noticeTimer: number | null = null;
  controller: CallController | null = null;

  constructor(private readonly http: Http) {
    super();
    this.#state = firstState(loadPreferences(localStorage));
    window.addEventListener('online', () => this.controller?.retryNow());
    window.addEventListener('hashchange', () => this.#select(hashId()));
  }

  get state(): DeskState {
    return this.#state;
  }

  async start(): Promise<void> {
    try {
      const reply = await this.http.session();
      if (reply.user) this.#signedIn(reply.user);
      else this.#signedOut(null);
    } catch {
      this.#session({ phase: 'unreachable' });
      window.setTimeout(() => void this.start(), 3_000);
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#session({ signingIn: true, problem: null });
    try {
      const reply = await this.http.signIn(email, password);
      if (reply.user) this.#signedIn(reply.user);
    } catch (error) {
      this.#session({ signingIn: false, problem: signInProblem(error) });
    }
  }

  async signOut(): Promise<void> {
    try {
      await this.http.signOut();
    } catch {
      return this.notify('Signing out did not reach the server. Try again.', 'error');
    }
    this.#signedOut(null);
    void this.start();
  }

  select(sessionId: string): void {
    if (hashId() === sessionId) this.#select(sessionId);
    else location.hash = encodeURIComponent(sessionId);
  }

  setPreferences(change: Partial<Preferences>): void {
    const preferences = { ...this.#state.preferences, ...change };
    savePreferences(localStorage, preferences);
    this.#set({ preferences });
  }

  notify(text: string, kind: 'info' | 'error' = 'info'): void {
    if (this.#noticeTimer !== null) window.clearTimeout(this.#noticeTimer);
    this.#set({ notice: { text, kind } });
    this.#noticeTimer = window.setTimeout(() => this.#set({ notice: null }), NOTICE_MS);
  }

  async refreshCalls(): Promise<void> {
    try {
      const [active, ended] = await Promise.all([
        this.http.get<Page<Call>>(`/api/calls?status=active&limit=${ACTIVE_SHOWN}`),
        this.http.get<Page<Call>>(`/api/calls?status=ended&limit=${ENDED_SHOWN}`),
      ]);
      if (this.#state.session.phase !== 'signed_in') return;
      this.#set({ calls: { phase: 'ready', active: active.items, ended: ended.items } });
      this.#chooseCall();
    } catch (error) {
      this.#callsFailed(error);
    }
  }

  #callsFailed(error: unknown): void {
    if (error instanceof HttpProblem && error.problem.status === 401) return this.#expired();
    const { calls } = this.#state;
    if (calls.phase !== 'ready') this.#set({ calls: { ...calls, phase: 'failed' } });
  }

  #signedIn(user: User): void {
    this.#set({ session: { phase: 'signed_in', user, signingIn: false, problem: null } });
    this.#feed?.close();
    this.#feed = new CallsFeed(() => void this.refreshCalls());
    this.#feed.start();
    void this.refreshCalls();
    const wanted = hashId();
    if (wanted) this.#select(wanted);
  }

  #expired(): void {
    if (this.#state.session.phase !== 'signed_in') return;
    this.#signedOut('Your session has ended. Sign in again to go on.');
    void this.http.session().catch(() => undefined);
  }

  #signedOut(problem: string | null): void {
    this.#feed?.close();
    this.controller?.close();
    this.controller = null;
    const { preferences } = this.#state;
    const session = { phase: 'signed_out', user: null, signingIn: false, problem } as const;
    this.#set({ ...firstState(preferences), session });
  }

  /** With nothing on the desk, or only a call that is over, the newest live call of the agent comes up by itself. */
  #chooseCall(): void {
    const { calls, view, session } = this.#state;
    const newest = calls.active[0];
    if (!newest || newest.session_id === this.#state.selectedId) return;
    const over = view?.state.call?.status === 'ended';
    const follows = session.user?.role === 'agent';
    if (this.#state.selectedId === null || (over && follows)) this.select(newest.session_id);
  }

  #select(sessionId: string | null): void {
    if (sessionId === this.#state.selectedId && this.controller) return;
    this.controller?.close();
    this.controller = null;
    if (!sessionId || this.#state.session.phase !== 'signed_in') {
      return this.#set({ selectedId: null, view: null });
    }
    this.controller = new CallController(sessionId, this.#controllerPorts());
    this.#set({ selectedId: sessionId, view: this.controller.view });
    this.controller.start();
  }

  #controllerPorts() {
    return {
      http: this.http,
      storage: sessionStorage,
      nowMs: () => Date.now(),
      newId: newRequestId,
      random: Math.random,
      setTimer: (run: () => void, delayMs: number) => window.setTimeout(run, delayMs),
      clearTimer: (timer: unknown) => window.clearTimeout(timer as number),
      open: openBrowserSocket,
      ticket: () => this.#ticket(),
      onChange: (view: DeskState['view']) => this.#set({ view }),
      onError: (detail: string) => this.notify(detail, 'error'),
      onSignedOut: () => this.#expired(),
    };
  }

  async #ticket(): Promise<{ ticket: string } | { stop: StopReason } | null> {
    try {
      return await this.http.post<{ ticket: string }>('/api/realtime/tickets');
    } catch (error) {
      if (!(error instanceof HttpProblem)) return null;
      if (error.problem.status === 401) return { stop: 'signed_out' };
      if (error.problem.status === 403) await this.http.session().catch(() => undefined);
      return null;
    }
  }

  #session(change: Partial<DeskState['session']>): void {
    this.#set({ session: { ...this.#state.session, ...change } });
  }

  #set(change: Partial<DeskState>): void {
    this.#state = { ...this.#state, ...change };
    this.dispatchEvent(new Event('change'));
  }
}

function hashId(): string | null {
  return decodeURIComponent(location.hash.slice(1)) || null;
}

/** crypto.randomUUID exists on secure origins only, and the desk may run on plain http inside a company. */
function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
