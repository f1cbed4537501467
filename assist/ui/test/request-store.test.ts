import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unreachable } from '../src/api/http.js';
import type { HelpRequest } from '../src/api/supervision.js';
import { RequestStore } from '../src/supervisor/request-store.js';
import { HELENA, MapStorage, problem, request, settled } from './supervisor-samples.js';

/** A server that the test plays, and the one request that is open. */
class Console {
  current: HelpRequest = request('a');
  suggested: string | null = 'From the articles.';
  readonly sent: { path: string; body: unknown }[] = [];
  /** Thrown by the next post. */
  refusal: Error | null = null;
  readonly told: { text: string; undo: (() => void) | undefined }[] = [];
  signedOut = 0;
  readonly store: RequestStore;

  constructor(readonly storage = new MapStorage()) {
    const answer = <Reply>(path: string, body: unknown) => this.#post(path, body) as Promise<Reply>;
    this.store = new RequestStore('a', {
      http: { get: <Reply>(path: string) => this.#get(path) as Promise<Reply>, post: answer, patch: answer },
      storage,
      user: HELENA,
      tell: (text, undo) => this.told.push({ text, undo }),
      complain: (text) => this.told.push({ text, undo: undefined }),
      onSignedOut: () => (this.signedOut += 1),
      onChanged: () => undefined,
    });
  }

  async open(): Promise<this> {
    await this.store.start();
    await settled();
    this.store.neighbours.stop();
    return this;
  }

  get composition() {
    return this.store.state.composition;
  }

  type(answer: string): void {
    this.store.compose({ answer });
    this.store.neighbours.stop();
  }

  async #get(path: string): Promise<unknown> {
    if (path.endsWith('/suggested')) return { text: this.suggested, confidence: 0.4, citations: [] };
    if (path.endsWith('/notifications')) return { items: [], total: 0, next: null };
    return this.current;
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    this.sent.push({ path, body });
    const { refusal } = this;
    this.refusal = null;
    if (refusal) throw refusal;
    if (path.endsWith('/response')) {
      const { answer } = body as { answer: string };
      this.current = { ...this.current, status: 'resolved', answer, answered_by_name: HELENA.name };
    }
    if (path.endsWith('/claim')) this.current = { ...this.current, status: 'in_progress', assigned_to: HELENA.id };
    if (path === '/api/help-requests/a') this.current = { ...this.current, ...(body as Partial<HelpRequest>) };
    return this.current;
  }
}

test('the suggestion stands in the box until somebody writes their own', async () => {
  const desk = await new Console().open();
  assert.deepEqual([desk.composition.answer, desk.composition.from], ['From the articles.', 'From the articles.']);
  desk.type('My own.');
  const again = await new Console(desk.storage).open();
  assert.equal(again.composition.answer, 'My own.');
});

test('a suggestion that comes late does not touch what was typed meanwhile', async () => {
  const desk = new Console();
  desk.type('Already typing');
  await desk.open();
  assert.equal(desk.composition.answer, 'Already typing');
  desk.store.useSuggestion();
  assert.equal(desk.composition.answer, 'From the articles.');
  desk.told.at(-1)?.undo?.();
  assert.equal(desk.composition.answer, 'Already typing');
});

test('an answer is sent at once and then forgotten here', async () => {
  const desk = await new Console().open();
  desk.type('  Yes, it can.  ');
  desk.store.compose({ topic: 'Porting', learn: 'approve' });
  await desk.store.send();
  assert.deepEqual(desk.sent.at(-1), {
    path: '/api/help-requests/a/response',
    body: { answer: 'Yes, it can.', topic: 'Porting', learn: 'approve' },
  });
  assert.equal(desk.store.state.request?.status, 'resolved');
  assert.equal(desk.storage.values.size, 0);
});

test('an empty answer is not sent', async () => {
  const desk = await new Console().open();
  desk.store.clearAnswer();
  desk.told.length = 0;
  await desk.store.send();
  assert.deepEqual(desk.sent, []);
  assert.match(desk.store.state.sendProblem, /Write an answer/);
});

test('what was marked unresolved is not learned', async () => {
  const desk = await new Console().open();
  desk.type('Only the manufacturer knows.');
  await desk.store.send(true);
  assert.deepEqual(desk.sent.at(-1)?.body, { answer: 'Only the manufacturer knows.', unresolved: true, learn: 'none' });
});

test('a suggestion that nobody touched is no reason for marking unresolved', async () => {
  const desk = await new Console().open();
  await desk.store.send(true);
  assert.deepEqual([desk.sent, desk.composition.answer], [[], '']);
  assert.match(desk.store.state.sendProblem, /why it stays open/);
});

test('the suggestion to a question that was reworded replaces an untouched one', async () => {
  const desk = await new Console().open();
  desk.suggested = 'Something else.';
  await desk.store.edit({ question: 'What else?' }, 'The question');
  await settled();
  desk.store.neighbours.stop();
  assert.equal(desk.composition.answer, 'Something else.');
});

test('a colleague who was faster keeps their answer, and one keeps one’s text', async () => {
  const desk = await new Console().open();
  desk.type('Mine.');
  const first = request('a', { status: 'resolved', answer: 'Theirs.', answered_by_name: 'Tom' });
  desk.refusal = problem(409, 'already_answered', first);
  await desk.store.send();
  assert.equal(desk.store.state.conflict?.answer, 'Theirs.');
  assert.equal(desk.composition.answer, 'Mine.');
  assert.equal(desk.storage.values.size, 1);
  desk.store.dismissConflict();
  assert.deepEqual([desk.store.state.conflict, desk.storage.values.size], [null, 0]);
});

test('somebody who is still writing is told as soon as a colleague has answered', async () => {
  const desk = await new Console().open();
  desk.type('Half a sent');
  desk.current = request('a', { status: 'resolved', answer: 'Theirs.', answered_by_name: 'Tom' });
  await desk.store.refresh();
  assert.equal(desk.store.state.conflict?.answer, 'Theirs.');
  const untouched = await new Console().open();
  untouched.current = desk.current;
  await untouched.store.refresh();
  assert.equal(untouched.store.state.conflict, null);
});

test('an answer whose reply was lost is not a conflict with itself', async () => {
  const desk = await new Console().open();
  desk.type('Mine.');
  desk.refusal = new Unreachable('lost');
  await desk.store.send();
  assert.match(desk.store.state.sendProblem, /cannot be reached.*kept/);
  const own = request('a', { status: 'resolved', answer: 'Mine.', answered_by_name: HELENA.name });
  desk.refusal = problem(409, 'already_answered', own);
  await desk.store.send();
  assert.deepEqual([desk.store.state.conflict, desk.store.state.request?.status], [null, 'resolved']);
});

test('a session that ended keeps the text', async () => {
  const desk = await new Console().open();
  desk.type('Mine.');
  desk.refusal = problem(401, 'not_authenticated');
  await desk.store.send();
  assert.deepEqual([desk.signedOut, desk.storage.values.size], [1, 1]);
});

test('what one does can be undone', async () => {
  const desk = await new Console().open();
  await desk.store.claim();
  desk.told.at(-1)?.undo?.();
  await settled();
  assert.deepEqual(
    desk.sent.map(({ path }) => path.split('/').at(-1)),
    ['claim', 'hand-back'],
  );
  await desk.store.edit({ priority: 'high' }, 'The priority');
  desk.told.at(-1)?.undo?.();
  await settled();
  assert.equal(desk.current.priority, 'medium');
});
