/** A customer's call from a browser: whether it can be made, and the room it goes to. */

import { HttpProblem, type Http } from '../api/http.js';
import { Observable } from '../shared/observable.js';
import type { Person } from '../voice/client.js';
import { nowhere, type RoomPorts, RoomStore, type RoomState } from '../voice/room.js';
import { isCompany } from '../voice/words.js';
import type { Grant, VoiceSettings } from '../voice/wire.js';

export interface CallPageState {
  phase: 'loading' | 'unreachable' | 'off' | 'open';
  company: string;
  /** Whom the invitation is from, as far as the server tells. */
  agent: string;
  room: RoomState;
}

export type CallPagePorts = Omit<RoomPorts, 'meets' | 'aloneMs'> & { http: Pick<Http, 'session' | 'get' | 'post'> };

/** Long enough to be handed over to a person. */
const ALONE_MS = 45_000;
const RETRY_MS = 3_000;

export class CallStore extends Observable<CallPageState> {
  readonly room: RoomStore;

  constructor(
    private readonly ports: CallPagePorts,
    readonly invite: string | null,
  ) {
    super({ phase: 'loading', company: '', agent: '', room: nowhere() });
    this.room = new RoomStore({ ...ports, meets: isForMe, aloneMs: ALONE_MS });
    this.room.addEventListener('change', () => this.#roomChanged());
  }

  async load(): Promise<void> {
    const query = this.invite === null ? '' : `?invite=${encodeURIComponent(this.invite)}`;
    try {
      await this.ports.http.session();
      const settings = await this.ports.http.get<VoiceSettings>(`/api/voice/settings${query}`);
      const open = settings.enabled && settings.test_calls;
      const { company, agent_name: agent } = settings;
      this.set({ phase: open ? 'open' : 'off', company: company ?? '', agent: agent ?? '' });
    } catch (error) {
      if (error instanceof HttpProblem && error.problem.status < 500) return this.set({ phase: 'off' });
      this.set({ phase: 'unreachable' });
      this.ports.setTimer(() => void this.load(), RETRY_MS);
    }
  }

  call(name: string): Promise<void> {
    const body = { ...(this.invite === null ? {} : { invite: this.invite }), ...(name ? { name } : {}) };
    return this.room.join(() => this.ports.http.post<Grant>('/api/voice/test-calls', body), { microphone: true });
  }

  #roomChanged(): void {
    const room = this.room.state;
    const { problem } = room;
    this.set({ room });
    if (problem instanceof HttpProblem && problem.problem.code === 'feature_off') this.set({ phase: 'off' });
  }
}

/** Whoever speaks for the company; those who only listen are nobody to wait for. */
export function isForMe(person: Person): boolean {
  return person.role === 'agent' || (person.role === 'bot' && isCompany(person));
}
