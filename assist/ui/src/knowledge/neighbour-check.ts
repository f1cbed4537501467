/** Asks, while a text is being written, what it repeats or contradicts. */

import type { Http } from '../api/http.js';
import { Observable } from '../shared/observable.js';
import type { Neighbour, Relation } from './wire.js';

export interface CheckState {
  phase: 'idle' | 'checking' | 'ready' | 'failed';
  neighbours: readonly Neighbour[];
}

/** After the last key. */
const QUIET_MS = 700;
const PATH = '/api/knowledge-drafts/neighbours';
const WORTH_CHARS = 20;

const ORDER: Readonly<Record<Relation, number>> = { contradiction: 0, near_duplicate: 1, related: 2 };

export class NeighbourCheck extends Observable<CheckState> {
  #asked = 0;
  #last = '';
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly http: Pick<Http, 'post'>,
    private readonly quietMs = QUIET_MS,
  ) {
    super({ phase: 'idle', neighbours: [] });
  }

  /** `without` is the article or draft being written, which is like itself. */
  look(title: string, body: string, without: string | null): void {
    const text = `${title.trim()}\n${body.trim()}`;
    if (text === this.#last) return;
    this.#last = text;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asked += 1;
    if (body.trim().length < WORTH_CHARS) return this.set({ phase: 'idle', neighbours: [] });
    this.#timer = setTimeout(() => void this.#ask(title.trim(), body.trim(), without), this.quietMs);
  }

  /** What is known already, such as from the server's first answer; null when it could not compare. */
  know(neighbours: readonly Neighbour[] | null, title: string, body: string): void {
    this.#last = `${title.trim()}\n${body.trim()}`;
    this.set({ phase: neighbours ? 'ready' : 'failed', neighbours: worstFirst(neighbours ?? []) });
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asked += 1;
  }

  async #ask(title: string, body: string, without: string | null): Promise<void> {
    const asked = this.#asked;
    this.set({ phase: 'checking' });
    try {
      const { items } = await this.http.post<{ items: Neighbour[] }>(PATH, { title, body });
      if (asked !== this.#asked) return;
      const others = items.filter((one) => without === null || (one.article_id !== without && one.draft_id !== without));
      this.set({ phase: 'ready', neighbours: worstFirst(others) });
    } catch {
      if (asked === this.#asked) this.set({ phase: 'failed' });
    }
  }
}

export function worstFirst(neighbours: readonly Neighbour[]): readonly Neighbour[] {
  return [...neighbours].sort((a, b) => ORDER[a.relation] - ORDER[b.relation] || b.similarity - a.similarity);
}
