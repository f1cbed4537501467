/** Tells when the list of the user's calls may have changed. */

import { backoffMs } from './backoff.js';

/** Without a stream the list is still read this often. */
const POLL_MS = 20_000;

export class CallsFeed {
  #source: EventSource | null = null;
  #poll: number | null = null;
  #retry: number | null = null;
  #attempt = 0;

  constructor(private readonly onChanged: () => void) {}

  start(): void {
    this.#poll = window.setInterval(this.onChanged, POLL_MS);
    this.#open();
  }

  close(): void {
    if (this.#poll !== null) window.clearInterval(this.#poll);
    if (this.#retry !== null) window.clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    const source = new EventSource('/api/calls/stream');
    this.#source = source;
    source.onopen = () => {
      this.#attempt = 0;
      this.onChanged();
    };
    source.onmessage = () => this.onChanged();
    source.onerror = () => {
      source.close();
      this.#attempt += 1;
      this.#retry = window.setTimeout(() => this.#open(), backoffMs(this.#attempt, Math.random));
    };
  }
}
