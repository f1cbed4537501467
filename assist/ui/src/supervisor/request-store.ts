/** One request on the screen: what it is, what is being written in reply, and what became of it. */

import { HttpProblem, Unreachable, type Http } from '../api/http.js';
import {
  isOpen,
  requestPath,
  type HelpRequest,
  type Notification,
  type RequestChange,
  type ResponseBody,
  type Suggested,
} from '../api/supervision.js';
import type { Page, User } from '../api/wire.js';
import { NeighbourCheck } from '../knowledge/neighbour-check.js';
import { Observable } from '../shared/observable.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';
import type { TextStorage } from '../store/preferences.js';
import {
  EMPTY,
  forgetComposition,
  hasOwnWords,
  isUntouched,
  loadComposition,
  saveComposition,
  withSuggestion,
  type Composition,
} from './composition.js';

export interface RequestState {
  phase: 'loading' | 'ready' | 'failed';
  problem: string;
  request: HelpRequest | null;
  suggested: { phase: 'loading' | 'ready' | 'failed'; value: Suggested | null };
  composition: Composition;
  sending: boolean;
  /** Why the answer was not sent; the text is still there. */
  sendProblem: string;
  /** Somebody else's answer, or the end of the time, came before ours. */
  conflict: HelpRequest | null;
  deliveries: readonly Notification[];
}

export interface RequestPorts {
  http: Pick<Http, 'get' | 'post' | 'patch'>;
  storage: TextStorage;
  user: User;
  tell(text: string, undo?: () => void): void;
  complain(text: string): void;
  onSignedOut(): void;
  /** This person has changed the request. */
  onChanged(request: HelpRequest): void;
}

type Move = 'claim' | 'hand-back' | 'escalate' | 'reassign';

export class RequestStore extends Observable<RequestState> {
  readonly neighbours: NeighbourCheck;
  #reading = false;
  #again = false;
  #closed = false;

  constructor(
    readonly id: string,
    private readonly ports: RequestPorts,
  ) {
    super({
      phase: 'loading',
      problem: '',
      request: null,
      suggested: { phase: 'loading', value: null },
      composition: loadComposition(ports.storage, id) ?? EMPTY,
      sending: false,
      sendProblem: '',
      conflict: null,
      deliveries: [],
    });
    this.neighbours = new NeighbourCheck(ports.http);
  }

  get mayAct(): boolean {
    const { role } = this.ports.user;
    return role === 'supervisor' || role === 'admin';
  }

  get userId(): string {
    return this.ports.user.id;
  }

  async start(): Promise<void> {
    await this.refresh();
    const { request } = this.state;
    if (request && isOpen(request) && this.mayAct) void this.#suggest();
    this.#lookAround();
  }

  close(): void {
    this.#closed = true;
    this.neighbours.stop();
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
    } while (this.#again && !this.#closed);
    this.#reading = false;
  }

  compose(change: Partial<Composition>): void {
    const composition = { ...this.state.composition, ...change };
    this.set({ composition, sendProblem: '' });
    saveComposition(this.ports.storage, this.id, composition);
    if (change.answer !== undefined) this.#lookAround();
  }

  /** The suggestion in place of what is written, which can be had back. */
  useSuggestion(): void {
    const text = this.state.suggested.value?.text;
    if (!text) return;
    const { answer, from } = this.state.composition;
    this.compose({ answer: text, from: text });
    if (answer.trim() && answer !== text)
      this.ports.tell('The suggestion replaced your text', () => this.compose({ answer, from }));
  }

  clearAnswer(): void {
    const { answer, from } = this.state.composition;
    this.compose({ answer: '', from: '' });
    if (answer.trim()) this.ports.tell('The answer was cleared', () => this.compose({ answer, from }));
  }

  async send(unresolved = false): Promise<void> {
    const { composition, sending } = this.state;
    if (sending) return;
    // A suggestion is no reason why something stays open.
    const answer = unresolved && isUntouched(composition) ? '' : composition.answer.trim();
    if (!answer) {
      if (unresolved && composition.answer) this.compose({ answer: '', from: '' });
      this.set({ sendProblem: unresolved ? 'Say in the answer box why it stays open.' : 'Write an answer first.' });
      return;
    }
    this.set({ sending: true, sendProblem: '' });
    try {
      const body = responseBody(composition, answer, unresolved);
      this.#ended(await this.ports.http.post<HelpRequest>(requestPath(this.id, 'response'), body));
    } catch (error) {
      this.#notSent(error, answer);
    } finally {
      this.set({ sending: false });
    }
  }

  claim(): Promise<void> {
    return this.#move('claim', {}, 'You have it in hand', () => void this.#move('hand-back', {}, 'Handed back'));
  }

  handBack(note?: string): Promise<void> {
    return this.#move('hand-back', noted(note), 'Handed back', () => void this.claim());
  }

  escalate(note?: string): Promise<void> {
    return this.#move('escalate', noted(note), 'Passed on to the next level');
  }

  reassign(to: { user_id: string } | { group: string }, name: string): Promise<void> {
    const before = this.state.request;
    const undo = before?.assigned_to
      ? () => void this.#move('reassign', { user_id: before.assigned_to }, `Back with ${before.assigned_to_name}`)
      : before?.group
        ? () => void this.#move('reassign', { group: before.group }, `Back with ${before.group}`)
        : undefined;
    return this.#move('reassign', to, `Passed to ${name}`, undo);
  }

  async edit(change: RequestChange, what: string): Promise<void> {
    const before = this.state.request;
    if (!before) return;
    const old = Object.fromEntries(
      Object.keys(change).map((name) => [name, before[name as keyof RequestChange]]),
    ) as RequestChange;
    const again = (): void => void this.#patch(old, `${what} is as before`);
    await this.#patch(change, `${what} changed`, again);
  }

  told(words: string): void {
    this.ports.tell(words);
  }

  /** The other's answer stands; one's own text is let go. */
  dismissConflict(): void {
    forgetComposition(this.ports.storage, this.id);
    this.set({ conflict: null, composition: EMPTY });
  }

  async resend(notificationId: string): Promise<void> {
    try {
      await this.ports.http.post(`/api/notifications/${encodeURIComponent(notificationId)}/resend`);
      this.ports.tell('It is being sent again');
      await this.#readDeliveries();
    } catch (error) {
      this.#complain(error);
    }
  }

  async #read(): Promise<void> {
    try {
      const request = await this.ports.http.get<HelpRequest>(requestPath(this.id));
      if (this.#closed) return;
      this.#know(request);
      await this.#readDeliveries();
    } catch (error) {
      if (!this.#closed) this.#notRead(error);
    }
  }

  #know(request: HelpRequest): void {
    const before = this.state.request;
    const { composition, sending } = this.state;
    const overtaken =
      before !== null && isOpen(before) && !isOpen(request) && !sending && hasOwnWords(composition);
    this.set({ phase: 'ready', problem: '', request, ...(overtaken ? { conflict: request } : {}) });
    if (before && before.question !== request.question && isOpen(request) && this.mayAct) void this.#suggest();
  }

  #notRead(error: unknown): void {
    if (isSignedOut(error)) return this.ports.onSignedOut();
    const unknown = error instanceof HttpProblem && error.problem.status === 404;
    const problem = unknown ? 'This request is no longer kept. Choose another one.' : problemWords(error);
    if (this.state.phase !== 'ready' || unknown) this.set({ phase: 'failed', problem });
  }

  async #readDeliveries(): Promise<void> {
    try {
      const page = await this.ports.http.get<Page<Notification>>(requestPath(this.id, 'notifications'));
      if (!this.#closed) this.set({ deliveries: page.items });
    } catch {
      return;
    }
  }

  async #suggest(): Promise<void> {
    try {
      const value = await this.ports.http.get<Suggested>(requestPath(this.id, 'suggested'));
      if (this.#closed) return;
      const { composition } = this.state;
      this.set({
        suggested: { phase: 'ready', value },
        composition: value.text ? withSuggestion(composition, value.text) : composition,
      });
      this.#lookAround();
    } catch {
      if (!this.#closed) this.set({ suggested: { phase: 'failed', value: null } });
    }
  }

  #lookAround(): void {
    const { request, composition } = this.state;
    if (request && this.mayAct) this.neighbours.look(request.question, composition.answer, null);
  }

  #ended(request: HelpRequest): void {
    forgetComposition(this.ports.storage, this.id);
    this.set({ request, composition: EMPTY, conflict: null });
    this.ports.onChanged(request);
    this.ports.tell(endWords(request));
    void this.#readDeliveries();
  }

  #notSent(error: unknown, answer: string): void {
    if (isSignedOut(error)) return this.ports.onSignedOut();
    const first = error instanceof HttpProblem && error.problem.status === 409 ? error.problem.current : null;
    if (!first) return this.set({ sendProblem: notSentWords(error) });
    const current = first as HelpRequest;
    // The reply to our own earlier attempt was lost on the way: this is our answer.
    if (current.answer?.trim() === answer && current.answered_by_name === this.ports.user.name) {
      return this.#ended(current);
    }
    this.set({ request: current, conflict: current });
    this.ports.onChanged(current);
  }

  async #move(move: Move, body: object, words: string, undo?: () => void): Promise<void> {
    try {
      const request = await this.ports.http.post<HelpRequest>(requestPath(this.id, move), body);
      this.set({ request });
      this.ports.onChanged(request);
      this.ports.tell(words, undo);
    } catch (error) {
      this.#complain(error);
    }
  }

  async #patch(change: RequestChange, words: string, undo?: () => void): Promise<void> {
    try {
      const request = await this.ports.http.patch<HelpRequest>(requestPath(this.id), change);
      this.#know(request);
      this.ports.onChanged(request);
      this.ports.tell(words, undo);
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (isSignedOut(error)) return this.ports.onSignedOut();
    const current = error instanceof HttpProblem ? error.problem.current : null;
    if (current && (current as HelpRequest).id === this.id) this.#know(current as HelpRequest);
    this.ports.complain(problemWords(error));
  }
}

function responseBody(composition: Composition, answer: string, unresolved: boolean): ResponseBody {
  const topic = composition.topic.trim();
  const notes = composition.notes.trim();
  return {
    answer,
    ...(topic ? { topic } : {}),
    ...(notes ? { notes } : {}),
    ...(unresolved ? { unresolved } : {}),
    learn: unresolved ? 'none' : composition.learn,
  };
}

function noted(note: string | undefined): object {
  return note?.trim() ? { note: note.trim() } : {};
}

function endWords(request: HelpRequest): string {
  if (request.status === 'unresolved') return 'Marked unresolved';
  return request.call_active ? 'Answered: it is on the agent’s desk' : 'Answered: the customer is told';
}

function notSentWords(error: unknown): string {
  const kept = 'Your text is kept.';
  if (error instanceof Unreachable) return `Not sent: the server cannot be reached. ${kept} Send it again.`;
  return `Not sent. ${problemWords(error)} ${kept}`;
}
