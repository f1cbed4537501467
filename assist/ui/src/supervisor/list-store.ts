/** One list of requests: filters, pages, and reading again without losing one's place. */

import type { Http } from '../api/http.js';
import type { HelpRequest, RequestPage } from '../api/supervision.js';
import type { Priority } from '../api/wire.js';
import { Observable } from '../shared/observable.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';

export interface Filters {
  text: string;
  priority: Priority | '';
  tag: string;
  group: string;
  assigned: '' | 'me' | 'none';
  status: '' | 'pending' | 'in_progress';
}

export interface ListState {
  phase: 'loading' | 'ready' | 'failed';
  problem: string;
  items: readonly HelpRequest[];
  total: number;
  next: string | null;
  filters: Filters;
  /** More is being read. */
  extending: boolean;
}

export const NO_FILTERS: Filters = { text: '', priority: '', tag: '', group: '', assigned: '', status: '' };

const PAGE = 50;
/** As much as the server gives at once. */
const PAGE_MAX = 200;

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some((value) => value !== '');
}

export class ListStore extends Observable<ListState> {
  #asked = 0;
  #reading = false;
  #again = false;

  constructor(
    private readonly http: Pick<Http, 'get'>,
    /** Of the list without a filter for it. */
    readonly statuses: string,
    private readonly onSignedOut: () => void,
  ) {
    super({
      phase: 'loading',
      problem: '',
      items: [],
      total: 0,
      next: null,
      filters: NO_FILTERS,
      extending: false,
    });
  }

  filter(change: Partial<Filters>): void {
    const filters = { ...this.state.filters, ...change };
    this.set({ filters, phase: 'loading', items: [], total: 0, next: null });
    this.#asked += 1;
    void this.#read();
  }

  /** Many calls while one is under way make one more. */
  async refresh(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    do {
      this.#again = false;
      await this.#read();
    } while (this.#again);
    this.#reading = false;
  }

  async more(): Promise<void> {
    const { next, extending } = this.state;
    if (!next || extending) return;
    const asked = this.#asked;
    this.set({ extending: true });
    try {
      const page = await this.http.get<RequestPage>(this.#path(PAGE, next));
      if (asked !== this.#asked) return;
      this.set({ items: merged(this.state.items, page.items), total: page.total, next: page.next });
    } catch (error) {
      if (isSignedOut(error)) this.onSignedOut();
    } finally {
      this.set({ extending: false });
    }
  }

  /** The first page without filters, read by somebody else. */
  know(page: RequestPage, limit: number): void {
    if (isFiltered(this.state.filters) || this.state.items.length > limit) return;
    this.#asked += 1;
    this.set({ phase: 'ready', problem: '', items: page.items, total: page.total, next: page.next });
  }

  /** What the person has just changed stands at once; the list is read again anyway. */
  replace(request: HelpRequest): void {
    const items = this.state.items.map((item) => (item.id === request.id ? { ...request, history: [] } : item));
    this.set({ items });
  }

  async #read(): Promise<void> {
    const asked = this.#asked;
    const shown = Math.min(PAGE_MAX, Math.max(PAGE, this.state.items.length));
    try {
      const page = await this.http.get<RequestPage>(this.#path(shown, null));
      if (asked !== this.#asked) return;
      this.set({ phase: 'ready', problem: '', items: page.items, total: page.total, next: page.next });
    } catch (error) {
      if (asked === this.#asked) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (isSignedOut(error)) return this.onSignedOut();
    const problem = problemWords(error);
    this.set(this.state.phase === 'ready' ? { problem } : { phase: 'failed', problem });
  }

  #path(limit: number, cursor: string | null): string {
    const { text, priority, tag, group, assigned, status } = this.state.filters;
    const query = new URLSearchParams({ status: status || this.statuses, limit: String(limit) });
    const wanted = { q: text.trim(), priority, tag, group, assigned_to: assigned, cursor: cursor ?? '' };
    for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value);
    return `/api/help-requests?${query}`;
  }
}

function merged(known: readonly HelpRequest[], more: readonly HelpRequest[]): readonly HelpRequest[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...more.filter(({ id }) => !ids.has(id))];
}
