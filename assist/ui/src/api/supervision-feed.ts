/** Tells when anything that a console shows may have changed, and whether it would hear of it. */

import { backoffMs } from './backoff.js';

/** Without a stream everything visible is still read this often. */
const POLL_MS = 20_000;
/** With one, now and then all the same: a connection that was cut off silently is only noticed late. */
const SAFETY_MS = 45_000;

export interface FeedState {
  phase: 'connecting' | 'live' | 'reconnecting';
  /** Local clock; null while connected. */
  lostAtMs: number | null;
  retryAtMs: number | null;
}

/** The part of EventSource that is used. */
export interface Source {
  onopen: (() => void) | null;
  onmessage: (() => void) | null;
  onerror: (() => void) | null;
  close(): void;
}

export interface FeedPorts {
  open(path: string): Source;
  nowMs(): number;
  random(): number;
  setTimer(run: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
}

export class SupervisionFeed {
  state: FeedState = { phase: 'connecting', lostAtMs: null, retryAtMs: null };
  #source: Source | null = null;
  #poll: unknown = null;
  #retry: unknown = null;
  #attempt = 0;
  #closed = false;

  constructor(
    private readonly onChanged: () => void,
    private readonly onState: (state: FeedState) => void,
    private readonly ports: FeedPorts,
  ) {}

  start(): void {
    this.#pollLater();
    this.#open();
  }

  close(): void {
    this.#closed = true;
    this.ports.clearTimer(this.#poll);
    this.ports.clearTimer(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  /** Such as when the network is back. */
  retryNow(): void {
    if (this.#closed || this.state.phase !== 'reconnecting') return;
    this.ports.clearTimer(this.#retry);
    this.#open();
  }

  #open(): void {
    if (this.#closed) return;
    const source = this.ports.open('/api/supervision/stream');
    this.#source = source;
    source.onopen = () => {
      this.#attempt = 0;
      this.#become({ phase: 'live', lostAtMs: null, retryAtMs: null });
      this.onChanged();
    };
    source.onmessage = () => this.onChanged();
    source.onerror = () => this.#lost(source);
  }

  #lost(source: Source): void {
    if (source !== this.#source || this.#closed) return;
    source.close();
    this.#source = null;
    this.#attempt += 1;
    const delayMs = backoffMs(this.#attempt, this.ports.random);
    const nowMs = this.ports.nowMs();
    this.#become({
      phase: 'reconnecting',
      lostAtMs: this.state.lostAtMs ?? nowMs,
      retryAtMs: nowMs + delayMs,
    });
    this.#retry = this.ports.setTimer(() => this.#open(), delayMs);
  }

  #pollLater(): void {
    this.#poll = this.ports.setTimer(() => {
      this.onChanged();
      this.#pollLater();
    }, this.state.phase === 'live' ? SAFETY_MS : POLL_MS);
  }

  #become(state: FeedState): void {
    this.state = state;
    this.onState(state);
  }
}

export function browserFeedPorts(): FeedPorts {
  return {
    open: (path) => new EventSource(path) as unknown as Source,
    nowMs: () => Date.now(),
    random: Math.random,
    setTimer: (run, delayMs) => window.setTimeout(run, delayMs),
    clearTimer: (timer) => window.clearTimeout(timer as number),
  };
}
