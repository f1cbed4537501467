/** The list of articles and the drafts to review. */

import type { Http } from '../api/http.js';
import { Observable } from '../shared/observable.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';
import type { Loading } from '../store/desk-state.js';
import type { ArticlePage, ArticleStatus, ArticleSummary, Draft, DraftPage } from './wire.js';

export interface Filters {
  text: string;
  status: ArticleStatus | 'all';
  tag: string;
  source: string;
  reviewDue: boolean;
}

export interface Part<Item> {
  phase: Loading;
  problem: string;
  items: readonly Item[];
  total: number;
  next: string | null;
  loadingMore: boolean;
}

export interface ListState {
  filters: Filters;
  articles: Part<ArticleSummary>;
  drafts: Part<Draft>;
  /** Seen so far, for the choices of the filters. */
  tags: readonly string[];
  sources: readonly string[];
}

export const NO_FILTERS: Filters = { text: '', status: 'approved', tag: '', source: '', reviewDue: false };

const PAGE = 30;
const TYPING_MS = 250;
const DRAFTS_EVERY_MS = 15_000;

export class ListStore extends Observable<ListState> {
  #asked = 0;
  #typing: ReturnType<typeof setTimeout> | null = null;
  #poll: ReturnType<typeof setInterval> | null = null;

  constructor(
    private readonly http: Pick<Http, 'get'>,
    private readonly onSignedOut: () => void,
  ) {
    super({ filters: NO_FILTERS, articles: nothingYet(), drafts: nothingYet(), tags: [], sources: [] });
  }

  start(): void {
    void this.refresh();
    void this.refreshDrafts();
    this.#poll ??= setInterval(() => void this.refreshDrafts(), DRAFTS_EVERY_MS);
  }

  stop(): void {
    if (this.#poll !== null) clearInterval(this.#poll);
    if (this.#typing !== null) clearTimeout(this.#typing);
    this.#poll = null;
  }

  filter(change: Partial<Filters>): void {
    this.set({ filters: { ...this.state.filters, ...change } });
    if (this.#typing !== null) clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.refresh(), TYPING_MS);
  }

  /** Reads the list from its beginning; only the newest of several answers counts. */
  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const page = await this.http.get<ArticlePage>(`/api/knowledge-base?${this.#query(null)}`);
      if (asked === this.#asked) this.#show(loaded(page), page.items);
    } catch (error) {
      if (asked === this.#asked) this.set({ articles: this.#failed(this.state.articles, error) });
    }
  }

  async more(): Promise<void> {
    const { articles } = this.state;
    if (!articles.next || articles.loadingMore) return;
    const asked = this.#asked;
    this.set({ articles: { ...articles, loadingMore: true } });
    try {
      const page = await this.http.get<ArticlePage>(`/api/knowledge-base?${this.#query(articles.next)}`);
      if (asked !== this.#asked) return;
      const known = new Set(articles.items.map((item) => item.id));
      const items = [...articles.items, ...page.items.filter((item) => !known.has(item.id))];
      this.#show({ ...loaded(page), items }, page.items);
    } catch (error) {
      if (asked === this.#asked) this.set({ articles: { ...this.#failed(articles, error), loadingMore: false } });
    }
  }

  async refreshDrafts(): Promise<void> {
    const { drafts } = this.state;
    try {
      const page = await this.http.get<DraftPage>(`/api/knowledge-drafts?state=open&limit=${PAGE}`);
      this.set({ drafts: loaded(page) });
    } catch (error) {
      this.set({ drafts: this.#failed(drafts, error) });
    }
  }

  async moreDrafts(): Promise<void> {
    const { drafts } = this.state;
    if (!drafts.next || drafts.loadingMore) return;
    this.set({ drafts: { ...drafts, loadingMore: true } });
    try {
      const query = new URLSearchParams({ state: 'open', limit: String(PAGE), cursor: drafts.next });
      const page = await this.http.get<DraftPage>(`/api/knowledge-drafts?${query}`);
      this.set({ drafts: { ...loaded(page), items: [...drafts.items, ...page.items] } });
    } catch (error) {
      this.set({ drafts: { ...this.#failed(drafts, error), loadingMore: false } });
    }
  }

  /** An article that has just been changed here, so that the list need not be read again. */
  changed(article: ArticleSummary): void {
    const { articles } = this.state;
    const items = articles.items.map((item) => (item.id === article.id ? { ...item, ...article } : item));
    this.set({ articles: { ...articles, items } });
  }

  #show(articles: Part<ArticleSummary>, seen: readonly ArticleSummary[]): void {
    const tags = [...this.state.tags, ...seen.flatMap((item) => item.tags)];
    const sources = [...this.state.sources, ...seen.map((item) => item.source).filter(Boolean)];
    this.set({ articles, tags: sorted(tags), sources: sorted(sources) });
  }

  #query(cursor: string | null): URLSearchParams {
    const { text, status, tag, source, reviewDue } = this.state.filters;
    const query = new URLSearchParams({ limit: String(PAGE), status });
    if (text.trim()) query.set('q', text.trim());
    if (tag.trim()) query.set('tag', tag.trim());
    if (source.trim()) query.set('source', source.trim());
    if (reviewDue) query.set('review_due', 'true');
    if (cursor) query.set('cursor', cursor);
    return query;
  }

  /** What was shown stays, with a remark. */
  #failed<Item>(part: Part<Item>, error: unknown): Part<Item> {
    if (isSignedOut(error)) this.onSignedOut();
    const phase = part.phase === 'ready' ? 'ready' : 'failed';
    return { ...part, phase, problem: problemWords(error) };
  }
}

function nothingYet<Item>(): Part<Item> {
  return { phase: 'loading', problem: '', items: [], total: 0, next: null, loadingMore: false };
}

function loaded<Item>(page: { items: Item[]; total: number; next: string | null }): Part<Item> {
  return { phase: 'ready', problem: '', ...page, loadingMore: false };
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}
