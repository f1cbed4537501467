/** The agent's own call by voice: at most one, whichever call is on the desk. */

import type { Http } from '../api/http.js';
import type { Call, User } from '../api/wire.js';
import type { VoiceWish } from '../shared/actions.js';
import { Observable } from '../shared/observable.js';
import type { Person } from '../voice/client.js';
import { nowhere, type RoomPorts, RoomStore, type RoomState } from '../voice/room.js';
import type { BrowserCall, VoiceSettings } from '../voice/wire.js';
import { mayAct, type CallsState, type CallView } from './desk-state.js';

export interface DeskVoiceState {
  /** Calls can be made from here. */
  enabled: boolean;
  /** The call of the room; null before the server has made one. */
  sessionId: string | null;
  /** Whom it is with, as far as known. */
  customer: string;
  /** Where the customer joins: a path on this server. */
  link: string | null;
  room: RoomState;
}

export interface NewCall {
  name: string;
  phone: string;
}

export interface DeskVoicePorts extends Omit<RoomPorts, 'meets' | 'aloneMs'> {
  http: Pick<Http, 'get' | 'post'>;
  /** The server has made a call. */
  onMade(sessionId: string): void;
  /** The other side has hung up, or the call was ended elsewhere. */
  onOver(): void;
}

const SOURCE = 'browser';

export class DeskVoice extends Observable<DeskVoiceState> {
  readonly room: RoomStore;
  #again: (() => Promise<void>) | null = null;

  constructor(private readonly ports: DeskVoicePorts) {
    super({ enabled: false, sessionId: null, customer: '', link: null, room: nowhere() });
    this.room = new RoomStore({ ...ports, meets, aloneMs: null });
    this.room.addEventListener('change', () => this.#roomChanged());
  }

  /** An older server, or one without voice, has no such settings. */
  async load(user: User): Promise<void> {
    try {
      const { enabled } = await this.ports.http.get<VoiceSettings>('/api/voice/settings');
      this.set({ enabled: enabled && mayAct(user) });
    } catch {
      this.set({ enabled: false });
    }
  }

  start({ name, phone }: NewCall): Promise<void> {
    this.#again = () => this.start({ name, phone });
    this.set({ sessionId: null, customer: name || phone, link: null });
    const body = { customer_name: name || null, customer_phone: phone || null };
    return this.#enter('/api/voice/calls', body);
  }

  rejoin(sessionId: string, customer: string): Promise<void> {
    this.#again = () => this.rejoin(sessionId, customer);
    this.set({ sessionId, customer, link: null });
    return this.#enter(`/api/voice/calls/${encodeURIComponent(sessionId)}/join`);
  }

  wish(what: VoiceWish): void {
    switch (what) {
      case 'mute':
        return void this.room.toggleMute();
      case 'leave':
        return this.room.leave();
      case 'retry':
        return void this.#again?.();
      case 'dismiss':
        return this.room.clear();
      case 'sound':
        return void this.room.playSound();
    }
  }

  /** Ends the visit to a room whose call is known to be over. */
  notice(calls: CallsState, view: CallView | null): void {
    const { sessionId } = this.state;
    if (sessionId === null || !this.room.isOpen) return;
    const inList = calls.ended.some((call) => call.session_id === sessionId);
    const onDesk = view?.state.sessionId === sessionId && view.state.call?.status === 'ended';
    if (inList || onDesk) this.room.finish();
  }

  async #enter(path: string, body?: unknown): Promise<void> {
    await this.room.join(() => this.#grant(path, body), { microphone: true });
  }

  async #grant(path: string, body?: unknown): Promise<BrowserCall> {
    const call = await this.ports.http.post<BrowserCall>(path, body);
    const { session_id: sessionId, customer_link: link } = call;
    const made = this.state.sessionId !== sessionId;
    this.set({ sessionId, link });
    const { customer } = this.state;
    this.#again = () => this.rejoin(sessionId, customer);
    if (made) this.ports.onMade(sessionId);
    return call;
  }

  #roomChanged(): void {
    const before = this.state.room;
    const room = this.room.state;
    this.set({ room });
    if (before.end === room.end) return;
    if (room.end === 'over') this.ports.onOver();
    if (room.end === 'over' || room.end === 'left') this.room.clear();
  }
}

/** The call that this person can go back to: their own, still going on, made in a browser, and not in this window. */
export function offeredCall(state: DeskVoiceState, calls: readonly Call[], selectedId: string | null, user: User | null): Call | null {
  const busy = state.room.phase !== 'idle';
  if (busy || !state.enabled || !user) return null;
  const mine = calls.filter((call) => isBrowserCall(call) && isWith(call, user));
  return mine.find((call) => call.session_id === selectedId) ?? mine[0] ?? null;
}

function isBrowserCall(call: Call): boolean {
  return call.status === 'active' && call.acd_metadata['source'] === SOURCE;
}

/** An agent is shown their own calls only. */
function isWith(call: Call, user: User): boolean {
  if (user.role === 'agent') return true;
  const agent = call.agent_id?.toLowerCase();
  return agent !== undefined && [user.agent_id, user.email, user.id].some((name) => name?.toLowerCase() === agent);
}

function meets(person: Person): boolean {
  return person.role === 'customer' || person.role === 'unknown';
}
