/** One draft under review, what it is near to, and what is decided. */

import { HttpProblem, type Http } from '../api/http.js';
import { Observable } from '../shared/observable.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';
import type { Loading } from '../store/desk-state.js';
import { readJson, writeJson, type TextStorage } from '../store/preferences.js';
import { bodyOf, EMPTY_FIELDS, fieldsOfDraft, obstacleOf, sameFields, type Fields } from './fields.js';
import { mergedBody } from './merge.js';
import { NeighbourCheck } from './neighbour-check.js';
import type { Decision, Draft, FullArticle, Neighbour } from './wire.js';

export interface ReviewState {
  id: string;
  phase: Loading;
  problem: string;
  draft: Draft | null;
  fields: Fields;
  /** Null: nobody has chosen, and nothing is likely enough to be chosen beforehand. */
  decision: Decision | null;
  /** The article that the draft goes into or takes the place of. */
  targetId: string | null;
  target: FullArticle | null;
  targetProblem: string;
  /** The merged text, once somebody has changed it by hand. */
  mergedByHand: string | null;
  saving: boolean;
  saveProblem: string;
}

export interface ReviewPorts {
  http: Pick<Http, 'get' | 'post' | 'patch'>;
  storage: TextStorage;
  onSignedOut(): void;
  onDecided(draft: Draft, decision: Decision): void;
}

interface Kept {
  fields: Fields;
  decision: Decision | null;
  targetId: string | null;
  mergedByHand: string | null;
}

const PATH = '/api/knowledge-drafts';

export class ReviewStore extends Observable<ReviewState> {
  readonly check: NeighbourCheck;
  #targetAsked = 0;

  constructor(
    id: string,
    private readonly ports: ReviewPorts,
  ) {
    super({
      id,
      phase: 'loading',
      problem: '',
      draft: null,
      fields: EMPTY_FIELDS,
      decision: 'new',
      targetId: null,
      target: null,
      targetProblem: '',
      mergedByHand: null,
      saving: false,
      saveProblem: '',
    });
    this.check = new NeighbourCheck(ports.http);
  }

  /** The text that the decision would store; empty when it stores none. */
  get result(): string {
    const { decision, fields, target, mergedByHand } = this.state;
    if (decision === null || decision === 'one_off') return '';
    if (decision !== 'merge') return fields.body;
    return mergedByHand ?? mergedBody(target?.body ?? '', fields.title, fields.body);
  }

  get obstacle(): string {
    const { decision, fields, target, targetId } = this.state;
    if (decision === null) return 'Choose first what becomes of this answer.';
    if (decision === 'one_off') return '';
    if (decision !== 'new' && !targetId) return 'Choose the article first.';
    if (decision !== 'new' && !target) return 'The article is being read.';
    return obstacleOf(fields);
  }

  /** What the draft could go into. */
  get articles(): readonly Neighbour[] {
    return this.check.state.neighbours.filter((neighbour) => neighbour.article_id !== null);
  }

  async load(): Promise<void> {
    try {
      const draft = await this.ports.http.get<Draft>(`${PATH}/${encodeURIComponent(this.state.id)}`);
      const kept = readJson<Kept>(this.ports.storage, this.#key());
      this.set({ phase: 'ready', problem: '', draft, fields: fieldsOfDraft(draft), ...kept });
      this.check.know(draft.neighbours_available === false ? null : (draft.neighbours ?? []), draft.title, draft.body);
      if (kept) this.check.look(kept.fields.title, kept.fields.body, draft.id);
      if (kept?.targetId) void this.#readTarget(kept.targetId);
      else if (!kept) this.#propose();
    } catch (error) {
      if (isSignedOut(error)) return this.ports.onSignedOut();
      const missing = error instanceof HttpProblem && error.problem.status === 404;
      const problem = missing ? 'There is no such draft. Choose another one from the list.' : problemWords(error);
      this.set({ phase: 'failed', problem });
    }
  }

  close(): void {
    this.check.stop();
  }

  change(change: Partial<Fields>): void {
    this.set({ fields: { ...this.state.fields, ...change }, saveProblem: '' });
    const { title, body } = this.state.fields;
    this.check.look(title, body, this.state.id);
    this.#keep();
  }

  decide(decision: Decision, targetId: string | null = this.state.targetId): void {
    const needsTarget = decision === 'merge' || decision === 'replace';
    const wanted = needsTarget ? (targetId ?? this.articles[0]?.article_id ?? null) : targetId;
    const other = wanted !== this.state.targetId;
    this.set({
      decision,
      targetId: wanted,
      saveProblem: '',
      ...(other ? { target: null, targetProblem: '', mergedByHand: null } : {}),
    });
    if (needsTarget && wanted && (other || !this.state.target)) void this.#readTarget(wanted);
    this.#keep();
  }

  /** Null: as it comes out by itself. */
  writeMerged(text: string | null): void {
    this.set({ mergedByHand: text, saveProblem: '' });
    this.#keep();
  }

  async approve(): Promise<void> {
    const { draft, saving, obstacle } = { ...this.state, obstacle: this.obstacle };
    if (!draft || saving) return;
    if (obstacle) return this.set({ saveProblem: obstacle });
    this.set({ saving: true, saveProblem: '' });
    try {
      // Merging stores the whole text of the article, so what else was changed about the draft goes first.
      if (this.state.decision === 'merge') await this.#saveFacts(draft);
      const reply = await this.ports.http.post<Draft>(`${PATH}/${draft.id}/approve`, this.#verdict());
      this.ports.storage.removeItem(this.#key());
      const decided = { ...draft, ...reply, id: draft.id };
      this.set({ saving: false, draft: decided });
      if (this.state.decision) this.ports.onDecided(decided, this.state.decision);
    } catch (error) {
      await this.#notApproved(error);
    }
  }

  #verdict(): object {
    const { decision, targetId, fields, target } = this.state;
    if (decision === 'one_off') return { decision };
    const title = fields.title.trim();
    if (decision === 'new') return { decision, title, body: fields.body, ...this.#facts() };
    const into = { decision, article_id: targetId, base_version: target?.version, body: this.result };
    return decision === 'merge' ? into : { ...into, title, ...this.#facts() };
  }

  /** What was changed about the draft; what was not is the server's to choose. */
  #facts(): object {
    const { draft, fields } = this.state;
    const before = draft ? fieldsOfDraft(draft) : EMPTY_FIELDS;
    const { tags, audience, language, valid_until, review_by } = bodyOf(fields, null);
    return {
      ...(fields.tags === before.tags ? {} : { tags }),
      ...(fields.audience === before.audience ? {} : { audience }),
      ...(fields.language === before.language ? {} : { language }),
      ...(fields.validUntil === before.validUntil ? {} : { valid_until }),
      ...(fields.reviewBy === before.reviewBy ? {} : { review_by }),
    };
  }

  async #saveFacts(draft: Draft): Promise<void> {
    const title = this.state.fields.title.trim();
    const change = { ...(title === draft.title ? {} : { title }), ...this.#facts() };
    if (Object.keys(change).length) await this.ports.http.patch<Draft>(`${PATH}/${draft.id}`, change);
  }

  /** Somebody else was faster, or the target is another text by now: read again, and keep what was typed. */
  async #notApproved(error: unknown): Promise<void> {
    if (isSignedOut(error)) this.ports.onSignedOut();
    this.set({ saving: false, saveProblem: problemWords(error) });
    if (!(error instanceof HttpProblem) || error.problem.status !== 409) return;
    const current = error.problem.current as Partial<Draft> | undefined;
    if (current?.state && current.state !== 'open' && this.state.draft)
      return this.set({ draft: { ...this.state.draft, ...current } });
    if (this.state.targetId) void this.#readTarget(this.state.targetId);
  }

  /** The likely choice is made beforehand; which of two contradicting texts is right, only a person can say. */
  #propose(): void {
    const [first] = this.articles;
    if (first?.relation === 'contradiction') this.set({ decision: null });
    else if (first?.relation === 'near_duplicate') this.decide('merge', first.article_id);
  }

  async #readTarget(id: string): Promise<void> {
    const asked = ++this.#targetAsked;
    try {
      const target = await this.ports.http.get<FullArticle>(`/api/knowledge-base/${encodeURIComponent(id)}`);
      if (asked === this.#targetAsked) this.set({ target, targetProblem: '' });
    } catch (error) {
      if (asked === this.#targetAsked) this.set({ target: null, targetProblem: problemWords(error) });
    }
  }

  #keep(): void {
    const { draft, fields, decision, targetId, mergedByHand } = this.state;
    if (!draft) return;
    const untouched = sameFields(fields, fieldsOfDraft(draft)) && mergedByHand === null;
    if (untouched) this.ports.storage.removeItem(this.#key());
    else writeJson(this.ports.storage, this.#key(), { fields, decision, targetId, mergedByHand } satisfies Kept);
  }

  #key(): string {
    return `assist.knowledge.draft.${this.state.id}`;
  }
}
