/** Everything the desk shows. Replaced, never changed in place. */

import type { StopReason } from '../api/call-stream.js';
import type { Call, User } from '../api/wire.js';
import { emptyCall, type CallState } from './call-state.js';
import type { Outbox } from './outbox.js';
import type { Preferences } from './preferences.js';

export type Loading = 'loading' | 'ready' | 'failed';

export interface SessionState {
  phase: 'loading' | 'unreachable' | 'signed_out' | 'signed_in';
  user: User | null;
  signingIn: boolean;
  /** What went wrong with the last sign-in, in words for the person. */
  problem: string | null;
}

export interface CallsState {
  phase: Loading;
  active: readonly Call[];
  ended: readonly Call[];
}

export interface Connection {
  phase: 'connecting' | 'live' | 'catching_up' | 'reconnecting' | 'stopped';
  /** Since when nothing arrives, local clock; null while connected. */
  lostAtMs: number | null;
  retryAtMs: number | null;
  /** The server's last event at the latest hello. */
  targetSeq: number;
  stop: StopReason | null;
}

export interface CallView {
  phase: Loading;
  /** Why the call cannot be shown, in words for the person. */
  problem: string | null;
  state: CallState;
  connection: Connection;
  outbox: Outbox;
  pinned: readonly string[];
  /** Ids of the whispers that the agent has put away. */
  heard: readonly string[];
  /** Suggestions are hidden until a question of a later turn; null when not muted. */
  mutedAtTurn: number | null;
  /** When words last arrived, local clock. */
  heardAtMs: number;
}

export interface Notice {
  text: string;
  kind: 'info' | 'error';
}

export interface DeskState {
  session: SessionState;
  calls: CallsState;
  selectedId: string | null;
  view: CallView | null;
  preferences: Preferences;
  notice: Notice | null;
}

export function firstConnection(): Connection {
  return { phase: 'connecting', lostAtMs: null, retryAtMs: null, targetSeq: 0, stop: null };
}

export function loadingView(sessionId: string, nowMs: number): CallView {
  return {
    phase: 'loading',
    problem: null,
    state: emptyCall(sessionId),
    connection: firstConnection(),
    outbox: [],
    pinned: [],
    heard: [],
    mutedAtTurn: null,
    heardAtMs: nowMs,
  };
}

export function firstState(preferences: Preferences): DeskState {
  return {
    session: { phase: 'loading', user: null, signingIn: false, problem: null },
    calls: { phase: 'loading', active: [], ended: [] },
    selectedId: null,
    view: null,
    preferences,
    notice: null,
  };
}

/** An analyst may look on; what others do in a call counts. */
export function mayAct(user: User | null): boolean {
  return user !== null && user.role !== 'analyst';
}

/** The list with the newest words of the call on the desk, which arrive faster than the list does. */
export function withLatestWords(calls: readonly Call[], view: CallView | null): readonly Call[] {
  const last = view?.state.segments.at(-1);
  if (!last) return calls;
  const { speaker, text } = last;
  return calls.map((call) =>
    call.session_id === view?.state.sessionId ? { ...call, last_segment: { speaker, text } } : call,
  );
}

export function seesAllCalls(user: User | null): boolean {
  return user !== null && user.role !== 'agent';
}
