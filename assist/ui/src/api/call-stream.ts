/** The WebSocket of one call: takes a ticket, authenticates, resumes after the last event, reconnects by itself. */

import { backoffMs } from './backoff.js';
import type { ClientMessage, ServerMessage } from './wire.js';

/** The server pings every 15 s when quiet; longer silence means the connection is dead. */
const SILENCE_MS = 40_000;

export type StopReason = 'signed_out' | 'forbidden' | 'unknown_call';

export interface Cursor {
  seq: number;
  epoch: string | null;
}

export interface StreamHandlers {
  cursor(): Cursor;
  onMessage(message: ServerMessage): void;
  onConnecting(): void;
  /** `retryInMs` is how long until the next attempt. */
  onLost(retryInMs: number): void;
  onStopped(reason: StopReason): void;
}

export interface SocketListeners {
  onOpen(): void;
  onText(text: string): void;
  onClose(code: number): void;
}

export interface Socket {
  /** False when it is not open. */
  send(text: string): boolean;
  close(): void;
}

export interface StreamPorts {
  /** Resolves to a single-use ticket, to a reason to stop, or to null when it should be tried again. */
  ticket(): Promise<{ ticket: string } | { stop: StopReason } | null>;
  open(path: string, listeners: SocketListeners): Socket;
  nowMs(): number;
  random(): number;
  setTimer(run: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
}

const STOPS: Readonly<Record<number, StopReason>> = {
  4401: 'signed_out',
  4403: 'forbidden',
  4404: 'unknown_call',
};

/** A connection that lasted this long was a good one: the next back-off begins from the shortest delay again. */
const GOOD_CONNECTION_MS = 5_000;

export class CallStream {
  #socket: Socket | null = null;
  #attempt = 0;
  #retryTimer: unknown = null;
  #silenceTimer: unknown = null;
  /** When hello was received; before it nothing but the ticket may be sent. */
  #greetedAtMs: number | null = null;
  #closed = false;

  constructor(
    private readonly sessionId: string,
    private readonly handlers: StreamHandlers,
    private readonly ports: StreamPorts,
  ) {}

  start(): void {
    void this.#connect();
  }

  /** Tries at once instead of waiting for the back-off, such as when the network is back. */
  retryNow(): void {
    if (this.#retryTimer === null || this.#closed) return;
    this.#clear();
    void this.#connect();
  }

  /** Drops the connection and resumes after the last applied event, such as when one is missing. */
  resume(): void {
    if (!this.#closed) this.#lost();
  }

  close(): void {
    this.#closed = true;
    this.#clear();
    this.#drop();
  }

  /** False when it could not be sent now. */
  send(message: ClientMessage): boolean {
    return this.#greetedAtMs !== null && this.#socket !== null && this.#socket.send(JSON.stringify(message));
  }

  async #connect(): Promise<void> {
    this.handlers.onConnecting();
    const answer = await this.ports.ticket();
    if (this.#closed) return;
    if (answer === null) return this.#lost();
    if ('stop' in answer) return this.#stop(answer.stop);
    this.#open(answer.ticket);
  }

  #open(ticket: string): void {
    const socket: Socket = this.ports.open(this.#path(), {
      onOpen: () => socket.send(JSON.stringify({ type: 'auth', ticket } satisfies ClientMessage)),
      onText: (text) => {
        if (socket === this.#socket) this.#received(text);
      },
      onClose: (code) => {
        if (socket === this.#socket) this.#ended(code);
      },
    });
    this.#socket = socket;
    this.#watchSilence();
  }

  #path(): string {
    const { seq, epoch } = this.handlers.cursor();
    const query = new URLSearchParams({ after: String(seq) });
    if (epoch) query.set('epoch', epoch);
    return `/api/realtime/ws/${encodeURIComponent(this.sessionId)}?${query}`;
  }

  #received(data: string): void {
    this.#watchSilence();
    const message = JSON.parse(data) as ServerMessage;
    if (message.type === 'hello') this.#greetedAtMs = this.ports.nowMs();
    if (message.type !== 'ping') this.handlers.onMessage(message);
  }

  #ended(code: number): void {
    const stop = STOPS[code];
    if (stop) this.#stop(stop);
    else this.#lost();
  }

  #stop(reason: StopReason): void {
    this.close();
    this.handlers.onStopped(reason);
  }

  #lost(): void {
    const wasGood = this.#greetedAtMs !== null && this.ports.nowMs() - this.#greetedAtMs > GOOD_CONNECTION_MS;
    this.#clear();
    this.#drop();
    this.#attempt = wasGood ? 1 : this.#attempt + 1;
    const delayMs = backoffMs(this.#attempt, this.ports.random);
    this.#retryTimer = this.ports.setTimer(() => {
      this.#retryTimer = null;
      void this.#connect();
    }, delayMs);
    this.handlers.onLost(delayMs);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#greetedAtMs = null;
    socket?.close();
  }

  #watchSilence(): void {
    if (this.#silenceTimer !== null) this.ports.clearTimer(this.#silenceTimer);
    this.#silenceTimer = this.ports.setTimer(() => this.#lost(), SILENCE_MS);
  }

  #clear(): void {
    for (const timer of [this.#retryTimer, this.#silenceTimer]) {
      if (timer !== null) this.ports.clearTimer(timer);
    }
    this.#retryTimer = null;
    this.#silenceTimer = null;
  }
}
