/** Follows one call: snapshot, live stream, and what the agent did with its cards. */

import { backoffMs } from '../api/backoff.js';
import { CallStream, type StopReason, type StreamPorts } from '../api/call-stream.js';
import { HttpProblem, type Http } from '../api/http.js';
import type { ClientMessage, Report, ServerMessage, Snapshot, StoredEvent, Verdict } from '../api/wire.js';
import { togglePin } from './card-deck.js';
import {
  afterReset,
  applyDraft,
  applyEvent,
  applyInterim,
  classify,
  fromSnapshot,
  withoutUnfinished,
} from './call-state.js';
import { loadingView, type CallView, type Connection } from './desk-state.js';
import { afterAttempt, confirmedBy, put, type Outbox } from './outbox.js';
import { readJson, writeJson, type TextStorage } from './preferences.js';

export interface ControllerPorts extends StreamPorts {
  http: Pick<Http, 'get'>;
  storage: TextStorage;
  newId(): string;
  onChange(view: CallView): void;
  onError(detail: string): void;
  onSignedOut(): void;
}

interface Saved {
  outbox: Outbox;
  pinned: readonly string[];
  heard?: readonly string[];
}

const STOP_WORDS: Readonly<Record<StopReason, string>> = {
  signed_out: 'You were signed out. Sign in again to go on.',
  forbidden: 'You may not see this call. Choose another one from the list.',
  unknown_call: 'This call is no longer kept. Choose another one from the list.',
};

export class CallController {
  #view: CallView;
  #stream: CallStream | null = null;
  #loadTimer: unknown = null;
  #closed = false;
  readonly #reported = new Set<string>();

  constructor(
    readonly sessionId: string,
    private readonly ports: ControllerPorts,
  ) {
    const saved = readJson<Saved>(ports.storage, this.#key());
    this.#view = {
      ...loadingView(sessionId, ports.nowMs()),
      outbox: saved?.outbox ?? [],
      pinned: saved?.pinned ?? [],
      heard: saved?.heard ?? [],
    };
  }

  get view(): CallView {
    return this.#view;
  }

  start(): void {
    void this.#load(1);
  }

  close(): void {
    this.#closed = true;
    this.#stream?.close();
    if (this.#loadTimer !== null) this.ports.clearTimer(this.#loadTimer);
  }

  retryNow(): void {
    this.#stream?.retryNow();
  }

  /** Tells the server once that a card was shown, opened, copied or dismissed. */
  report(kind: Report, suggestionId: string): void {
    const fact = `${kind}:${suggestionId}`;
    if (this.#reported.has(fact)) return;
    this.#reported.add(fact);
    this.#submit({ type: kind, suggestion_id: suggestionId });
  }

  feedback(suggestionId: string, verdict: Verdict, reason?: string): void {
    const message = { type: 'feedback', suggestion_id: suggestionId, feedback: verdict } as const;
    this.#submit(reason ? { ...message, reason } : message);
  }

  ask(text: string): void {
    this.#change({ mutedAtTurn: null });
    this.#submit({ type: 'ask', text, request_id: this.ports.newId() });
  }

  /** Puts a question to a supervisor. */
  escalate(question: string): void {
    this.#submit({ type: 'escalate', question, request_id: this.ports.newId() });
  }

  /** Whether the call is about something of that name. */
  correctSubject(name: string, dismissed: boolean): void {
    this.#submit({ type: dismissed ? 'dismiss_subject' : 'restore_subject', name });
  }

  togglePin(suggestionId: string): void {
    this.#change({ pinned: togglePin(this.#view.pinned, suggestionId) });
    this.#save();
  }

  /** The agent has read a whisper. */
  hear(whisperId: string): void {
    this.#change({ heard: [...this.#view.heard, whisperId] });
    this.#save();
  }

  toggleMute(): void {
    const { mutedAtTurn, state } = this.#view;
    const turns = [state.turn?.turn ?? 0, ...state.cards.map((card) => card.turn ?? 0)];
    this.#change({ mutedAtTurn: mutedAtTurn === null ? Math.max(...turns) : null });
  }

  async #load(attempt: number): Promise<void> {
    try {
      const path = `/api/calls/${encodeURIComponent(this.sessionId)}`;
      const snapshot = await this.ports.http.get<Snapshot>(path);
      if (this.#closed) return;
      this.#change({ phase: 'ready', state: fromSnapshot(snapshot) });
      this.#follow();
    } catch (error) {
      if (!this.#closed) this.#loadFailed(error, attempt);
    }
  }

  #loadFailed(error: unknown, attempt: number): void {
    const status = error instanceof HttpProblem ? error.problem.status : 0;
    if (status === 401) return this.ports.onSignedOut();
    if (status === 403) return this.#stopped('forbidden');
    if (status === 404) return this.#stopped('unknown_call');
    const delayMs = backoffMs(attempt, this.ports.random);
    this.#connection({
      phase: 'reconnecting',
      lostAtMs: this.#lostAt(),
      retryAtMs: this.ports.nowMs() + delayMs,
    });
    this.#loadTimer = this.ports.setTimer(() => void this.#load(attempt + 1), delayMs);
  }

  #follow(): void {
    const handlers = {
      cursor: () => ({ seq: this.#view.state.seq, epoch: this.#view.state.epoch }),
      onMessage: (message: ServerMessage) => this.#received(message),
      onConnecting: () => this.#connecting(),
      onLost: (retryInMs: number) => this.#lost(retryInMs),
      onStopped: (reason: StopReason) => this.#stopped(reason),
    };
    this.#stream = new CallStream(this.sessionId, handlers, this.ports);
    this.#stream.start();
  }

  #received(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        return this.#greeted(message.seq);
      case 'reset':
        return this.#change({ state: afterReset(this.#view.state, message.epoch) });
      case 'interim':
        return this.#change({
          state: applyInterim(this.#view.state, message),
          heardAtMs: this.ports.nowMs(),
        });
      case 'suggestion_delta':
        if (message.done) return this.#stored(message);
        return this.#change({ state: applyDraft(this.#view.state, message) });
      case 'error':
        return this.ports.onError(message.detail);
      case 'ping':
        return;
      default:
        return this.#stored(message);
    }
  }

  #stored(event: StoredEvent): void {
    const verdict = classify(this.#view.state, event.seq);
    if (verdict === 'repeated') return;
    if (verdict === 'gap') return this.#stream?.resume();
    const state = applyEvent(this.#view.state, event, this.ports.nowMs());
    const outbox = confirmedBy(this.#view.outbox, event);
    this.#change({
      state,
      outbox,
      mutedAtTurn: this.#mutedAfter(event),
      ...(event.type === 'segment' ? { heardAtMs: this.ports.nowMs() } : {}),
    });
    if (this.#view.connection.phase === 'catching_up') this.#caughtUp();
    this.#save();
  }

  /** The next question of the call ends the silence, and so does a supervisor who was asked. */
  #mutedAfter(event: StoredEvent): number | null {
    const { mutedAtTurn } = this.#view;
    if (mutedAtTurn === null || event.type !== 'suggestions') return mutedAtTurn;
    if (event.origin === 'supervisor') return null;
    return event.query !== null && (event.turn ?? 0) > mutedAtTurn ? null : mutedAtTurn;
  }

  #greeted(serverSeq: number): void {
    this.#connection({ phase: 'catching_up', lostAtMs: null, retryAtMs: null, targetSeq: serverSeq });
    this.#caughtUp();
    this.#sendAll(this.#view.outbox.map((item) => item.key));
  }

  #caughtUp(): void {
    const { state, connection } = this.#view;
    if (state.seq >= connection.targetSeq) this.#connection({ phase: 'live' });
  }

  #connecting(): void {
    if (this.#view.connection.lostAtMs === null) this.#connection({ phase: 'connecting' });
  }

  #lost(retryInMs: number): void {
    this.#change({ state: withoutUnfinished(this.#view.state) });
    const retryAtMs = this.ports.nowMs() + retryInMs;
    this.#connection({ phase: 'reconnecting', lostAtMs: this.#lostAt(), retryAtMs });
  }

  #lostAt(): number {
    return this.#view.connection.lostAtMs ?? this.ports.nowMs();
  }

  #stopped(reason: StopReason): void {
    if (reason === 'signed_out') return this.ports.onSignedOut();
    this.#change({ phase: 'failed', problem: STOP_WORDS[reason] });
    this.#connection({ phase: 'stopped', stop: reason });
  }

  #submit(message: Exclude<ClientMessage, { type: 'auth' }>): void {
    this.#change({ outbox: put(this.#view.outbox, message) });
    const item = this.#view.outbox.at(-1);
    if (item) this.#sendAll([item.key]);
    this.#save();
  }

  #sendAll(keys: readonly string[]): void {
    const items = this.#view.outbox.filter((item) => keys.includes(item.key));
    const sent = items.filter((item) => this.#stream?.send(item.message)).map((item) => item.key);
    if (sent.length) this.#change({ outbox: afterAttempt(this.#view.outbox, sent) });
  }

  #connection(change: Partial<Connection>): void {
    this.#change({ connection: { ...this.#view.connection, ...change } });
  }

  #change(change: Partial<CallView>): void {
    this.#view = { ...this.#view, ...change };
    if (!this.#closed) this.ports.onChange(this.#view);
  }

  #save(): void {
    const { outbox, pinned, heard } = this.#view;
    const anything = outbox.length || pinned.length || heard.length;
    if (anything) writeJson(this.ports.storage, this.#key(), { outbox, pinned, heard });
    else this.ports.storage.removeItem(this.#key());
  }

  #key(): string {
    return `assist.call.${this.sessionId}`;
  }
}
