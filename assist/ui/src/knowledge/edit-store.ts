/** One article in the editor: nothing that was typed is lost, neither to a reload nor to somebody else's change. */

import { HttpProblem, type Http } from '../api/http.js';
import { Observable } from '../shared/observable.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';
import type { Loading } from '../store/desk-state.js';
import { readJson, writeJson, type TextStorage } from '../store/preferences.js';
import { bodyOf, EMPTY_FIELDS, fieldsOf, obstacleOf, sameFields, type Fields } from './fields.js';
import type { ArticleSummary, FullArticle } from './wire.js';

export interface EditState {
  /** Null for an article that is not stored yet. */
  id: string | null;
  phase: Loading;
  problem: string;
  /** What the fields were filled from; null for a new article. */
  base: FullArticle | null;
  fields: Fields;
  saving: boolean;
  saveProblem: string;
  /** What somebody else has stored meanwhile. */
  conflict: FullArticle | null;
  /** The fields were brought back from this computer. */
  restored: boolean;
}

export interface EditPorts {
  http: Pick<Http, 'get' | 'post' | 'put'>;
  storage: TextStorage;
  onSignedOut(): void;
  /** Stored; new articles get their id here. */
  onSaved(article: FullArticle): void;
}

interface Kept {
  baseVersion: number | null;
  fields: Fields;
}

const PATH = '/api/knowledge-base';
const SEARCHABLE_EVERY_MS = 1_000;
const SEARCHABLE_SLOWLY_MS = 5_000;
const QUICK_LOOKS = 20;

export class EditStore extends Observable<EditState> {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(
    id: string | null,
    private readonly ports: EditPorts,
  ) {
    const kept = id === null ? readJson<Kept>(ports.storage, keyOf(null)) : null;
    super({
      id,
      phase: id === null ? 'ready' : 'loading',
      problem: '',
      base: null,
      fields: { ...EMPTY_FIELDS, ...kept?.fields },
      saving: false,
      saveProblem: '',
      conflict: null,
      restored: kept !== null,
    });
  }

  get dirty(): boolean {
    const { base, fields } = this.state;
    return !sameFields(fields, base ? fieldsOf(base) : EMPTY_FIELDS);
  }

  async load(): Promise<void> {
    if (this.state.id === null) return;
    try {
      const article = await this.#read();
      if (this.#closed) return;
      this.#opened(article);
    } catch (error) {
      if (isSignedOut(error)) return this.ports.onSignedOut();
      const missing = error instanceof HttpProblem && error.problem.status === 404;
      const problem = missing ? 'There is no such article. It may never have been stored here.' : problemWords(error);
      this.set({ phase: 'failed', problem });
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  change(change: Partial<Fields>): void {
    this.set({ fields: { ...this.state.fields, ...change }, saveProblem: '' });
    this.#keep();
  }

  discard(): void {
    const { base } = this.state;
    this.set({ fields: base ? fieldsOf(base) : EMPTY_FIELDS, saveProblem: '', conflict: null, restored: false });
    this.#keep();
  }

  async save(): Promise<void> {
    const { fields, saving } = this.state;
    const obstacle = obstacleOf(fields);
    if (obstacle) return this.set({ saveProblem: obstacle });
    if (saving || (!this.dirty && this.state.id !== null)) return;
    this.set({ saving: true, saveProblem: '' });
    try {
      const saved = await this.#send(fields);
      // What was typed while it was on its way is a change of what is stored now.
      const typed = sameFields(this.state.fields, fields) ? fieldsOf(saved) : { ...this.state.fields, changeNote: '' };
      if (this.state.id === null) this.ports.storage.removeItem(keyOf(null));
      this.set({ saving: false, id: saved.id, base: saved, fields: typed, conflict: null, restored: false });
      this.#keep();
      this.#watchIndex(0);
      this.ports.onSaved(saved);
    } catch (error) {
      await this.#notSaved(error);
    }
  }

  /** Goes on with what is in the fields; saving it replaces what the other person stored, knowingly. */
  keepMine(): void {
    const { conflict } = this.state;
    if (!conflict) return;
    this.set({ base: conflict, conflict: null });
    this.#keep();
  }

  takeTheirs(): void {
    const { conflict } = this.state;
    if (!conflict) return;
    this.set({ base: conflict, fields: fieldsOf(conflict), conflict: null, restored: false });
    this.#keep();
    this.#watchIndex(0);
  }

  /** Archive, restore, roll back: changes that need no text. */
  async command(path: 'archive' | 'restore' | 'rollback', body?: object): Promise<boolean> {
    const { id } = this.state;
    if (id === null) return false;
    try {
      await this.ports.http.post<unknown>(`${PATH}/${id}/${path}`, body);
      await this.#reread();
      return true;
    } catch (error) {
      if (isSignedOut(error)) this.ports.onSignedOut();
      this.set({ saveProblem: problemWords(error) });
      return false;
    }
  }

  async #send(fields: Fields): Promise<FullArticle> {
    const { id, base } = this.state;
    const body = bodyOf(fields, base);
    const reply =
      id === null
        ? await this.ports.http.post<FullArticle>(PATH, body)
        : await this.ports.http.put<FullArticle>(`${PATH}/${id}`, { base_version: base?.version, ...body });
    return reply.body === undefined ? this.#read(reply.id) : reply;
  }

  async #notSaved(error: unknown): Promise<void> {
    if (isSignedOut(error)) this.ports.onSignedOut();
    const changed = error instanceof HttpProblem && error.problem.code === 'article_changed';
    if (!changed) return this.set({ saving: false, saveProblem: problemWords(error) });
    const told = error.problem.current as FullArticle | undefined;
    try {
      const conflict = typeof told?.body === 'string' ? told : await this.#read();
      this.set({ saving: false, conflict });
    } catch (failure) {
      this.set({ saving: false, saveProblem: problemWords(failure) });
    }
  }

  #opened(article: FullArticle): void {
    const kept = readJson<Kept>(this.ports.storage, keyOf(article.id));
    const fields = kept ? { ...fieldsOf(article), ...kept.fields } : fieldsOf(article);
    const outdated = kept !== null && kept.baseVersion !== article.version;
    this.set({
      phase: 'ready',
      problem: '',
      base: article,
      fields,
      conflict: outdated && !sameFields(fields, fieldsOf(article)) ? article : null,
      restored: kept !== null && !sameFields(fields, fieldsOf(article)),
    });
    this.#watchIndex(0);
  }

  /** After a command: the article as it is now, and what was being typed on top of it. */
  async #reread(): Promise<void> {
    const wasDirty = this.dirty;
    const article = await this.#read();
    const fields = wasDirty ? { ...this.state.fields, status: article.status } : fieldsOf(article);
    this.set({ base: article, fields, saveProblem: '' });
    this.#keep();
    this.#watchIndex(0);
    this.ports.onSaved(article);
  }

  #read(id: string | null = this.state.id): Promise<FullArticle> {
    return this.ports.http.get<FullArticle>(`${PATH}/${encodeURIComponent(id ?? '')}`);
  }

  /** Looks again until the index has it. */
  #watchIndex(looks: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { base } = this.state;
    if (!base || base.searchable !== false || !awaitsIndex(base)) return;
    const delayMs = looks < QUICK_LOOKS ? SEARCHABLE_EVERY_MS : SEARCHABLE_SLOWLY_MS;
    this.#timer = setTimeout(() => void this.#look(looks + 1), delayMs);
  }

  async #look(looks: number): Promise<void> {
    try {
      const { searchable, version } = await this.#read();
      const { base } = this.state;
      if (this.#closed || !base) return;
      if (version === base.version) this.set({ base: { ...base, searchable } });
    } catch {
      // The next look tells.
    }
    if (!this.#closed) this.#watchIndex(looks);
  }

  #keep(): void {
    const { id, base, fields } = this.state;
    if (this.dirty) writeJson(this.ports.storage, keyOf(id), { baseVersion: base?.version ?? null, fields });
    else this.ports.storage.removeItem(keyOf(id));
  }
}

/** Only what is in force is ever searched. */
export function awaitsIndex(article: ArticleSummary, nowMs = Date.now()): boolean {
  const begun = !article.valid_from || Date.parse(article.valid_from) <= nowMs;
  const over = article.valid_until !== null && Date.parse(article.valid_until) <= nowMs;
  return article.status === 'approved' && begun && !over;
}

function keyOf(id: string | null): string {
  return `assist.knowledge.${id ?? 'new'}`;
}
