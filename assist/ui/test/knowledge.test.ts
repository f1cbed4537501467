import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpProblem } from '../src/api/http.js';
import { EditStore } from '../src/knowledge/edit-store.js';
import { bodyOf, endOf, fieldsOf, obstacleOf, EMPTY_FIELDS } from '../src/knowledge/fields.js';
import { formatOf } from '../src/knowledge/import-report.js';
import { ListStore } from '../src/knowledge/list-store.js';
import { mergedBody } from '../src/knowledge/merge.js';
import { worstFirst } from '../src/knowledge/neighbour-check.js';
import { ReviewStore } from '../src/knowledge/review-store.js';
import { hashOf, routeOf } from '../src/knowledge/routes.js';
import { closestSentence, conflictOf } from '../src/knowledge/sentences.js';
import type { Draft, FullArticle, Neighbour } from '../src/knowledge/wire.js';

class MapStorage {
  readonly values = new Map<string, string>();
  getItem = (key: string): string | null => this.values.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.values.set(key, value);
  removeItem = (key: string): void => void this.values.delete(key);
}

/** A server that answers what the test puts in, and remembers what it was asked. */
class Server {
  readonly asked: { method: string; path: string; body: unknown }[] = [];
  answers: Record<string, unknown> = {};

  get = <Reply>(path: string): Promise<Reply> => this.#answer('GET', path, undefined);
  post = <Reply>(path: string, body?: unknown): Promise<Reply> => this.#answer('POST', path, body);
  put = <Reply>(path: string, body: unknown): Promise<Reply> => this.#answer('PUT', path, body);
  patch = <Reply>(path: string, body: unknown): Promise<Reply> => this.#answer('PATCH', path, body);

  sent(method: string): unknown[] {
    return this.asked.filter((one) => one.method === method).map((one) => one.body);
  }

  async #answer<Reply>(method: string, path: string, body: unknown): Promise<Reply> {
    this.asked.push({ method, path, body });
    const answer = this.answers[`${method} ${path}`] ?? this.answers[`${method} ${path.split('?')[0]}`];
    if (answer instanceof Error) throw answer;
    return structuredClone(answer) as Reply;
  }
}

function article(change: Partial<FullArticle> = {}): FullArticle {
  return {
    id: 'a1',
    title: 'How long does a refund take?',
    version: 3,
    url: null,
    tags: ['refunds'],
    audience: 'everyone',
    language: 'en',
    status: 'approved',
    source: 'supervisor',
    valid_from: null,
    valid_until: null,
    review_by: null,
    updated_at: '2026-01-05T10:00:00Z',
    searchable: true,
    body: 'Five days.',
    author: 'Lena',
    provenance: null,
    asked_as: [],
    ...change,
  };
}

function neighbour(id: string, change: Partial<Neighbour> = {}): Neighbour {
  const excerpt = 'A refund takes five days.';
  return { article_id: id, title: id, version: 1, excerpt, similarity: 0.8, relation: 'related', why: '', ...change };
}

function draft(change: Partial<Draft> = {}): Draft {
  return {
    id: 'd1',
    request_id: 'r1',
    session_id: null,
    author_name: 'Lena',
    title: 'How long does a card refund take?',
    body: 'Fourteen days.',
    tags: [],
    audience: 'everyone',
    language: 'en',
    valid_until: null,
    review_by: null,
    state: 'open',
    decision: null,
    article_id: null,
    decided_by_name: null,
    decided_at: null,
    created_at: '2026-01-05T10:00:00Z',
    updated_at: '2026-01-05T10:00:00Z',
    neighbours: [],
    ...change,
  };
}

function editor(server: Server, storage = new MapStorage(), id: string | null = 'a1') {
  const saved: FullArticle[] = [];
  const store = new EditStore(id, {
    http: server,
    storage,
    onSignedOut: () => undefined,
    onSaved: (one) => saved.push(one),
  });
  return { store, saved, storage };
}

function problem(status: number, code: string, current?: unknown): HttpProblem {
  return new HttpProblem({ status, code, detail: 'Told by the server.', retryAfterS: null, current });
}

async function opened(server = new Server(), storage = new MapStorage()) {
  server.answers['GET /api/knowledge-base/a1'] ??= article();
  const made = editor(server, storage);
  await made.store.load();
  return { ...made, server };
}

test('the last day of validity is inclusive, and a moment that nobody touched goes back as it came', () => {
  const base = article({ valid_until: endOf('2026-05-31'), review_by: '2026-06-01T09:30:00Z' });
  const fields = fieldsOf(base);
  assert.equal(fields.validUntil, '2026-05-31');
  assert.equal(bodyOf({ ...fields, title: 'Other' }, base).review_by, '2026-06-01T09:30:00Z');
  assert.equal(bodyOf({ ...fields, validUntil: '' }, base).valid_until, null);
});

test('tags are cut at commas, once each; an archived article is not approved by the way', () => {
  const base = article({ status: 'archived' });
  const body = bodyOf({ ...fieldsOf(base), tags: ' a, b ,, a' }, base);
  assert.deepEqual(body.tags, ['a', 'b']);
  assert.equal('status' in body, false);
});

test('what keeps a text from being saved is said in words', () => {
  assert.match(obstacleOf(EMPTY_FIELDS), /title/);
  assert.match(obstacleOf({ ...EMPTY_FIELDS, title: 'T', body: 'B', validFrom: '2026-02-01', validUntil: '2026-01-01' }), /dates/);
});

test('a change is saved against the version it was made from', async () => {
  const { store, server, saved, storage } = await opened();
  store.change({ body: 'Seven days.', changeNote: 'New terms' });
  assert.equal(storage.values.size, 1);
  server.answers['PUT /api/knowledge-base/a1'] = article({ version: 4, body: 'Seven days.' });
  await store.save();
  const [sent] = server.sent('PUT') as Record<string, unknown>[];
  assert.equal(sent?.['base_version'], 3);
  assert.equal(sent?.['change_note'], 'New terms');
  assert.equal(saved[0]?.version, 4);
  assert.equal(store.dirty, false);
  assert.equal(storage.values.size, 0);
});

test('somebody else was faster: both texts are there, and going on saves on top of theirs', async () => {
  const { store, server } = await opened();
  const theirs = article({ version: 4, body: 'Six days.' });
  server.answers['PUT /api/knowledge-base/a1'] = problem(409, 'article_changed', theirs);
  store.change({ body: 'Seven days.' });
  await store.save();
  assert.equal(store.state.conflict?.body, 'Six days.');
  assert.equal(store.state.fields.body, 'Seven days.');
  store.keepMine();
  server.answers['PUT /api/knowledge-base/a1'] = article({ version: 5, body: 'Seven days.' });
  await store.save();
  assert.equal((server.sent('PUT')[1] as Record<string, unknown>)['base_version'], 4);
  assert.equal(store.state.base?.version, 5);
});

test('their text can be taken, and a conflict that does not tell the text is read', async () => {
  const { store, server, storage } = await opened();
  store.change({ body: 'Seven days.' });
  server.answers['PUT /api/knowledge-base/a1'] = problem(409, 'article_changed');
  server.answers['GET /api/knowledge-base/a1'] = article({ version: 4, body: 'Six days.' });
  await store.save();
  store.takeTheirs();
  assert.equal(store.state.fields.body, 'Six days.');
  assert.equal(storage.values.size, 0);
});

test('what was typed survives a reload, and an article that changed meanwhile is shown as a conflict', async () => {
  const { store, storage, server } = await opened();
  store.change({ body: 'Seven days.' });
  const again = await opened(server, storage);
  assert.equal(again.store.state.fields.body, 'Seven days.');
  assert.equal(again.store.state.restored, true);
  assert.equal(again.store.state.conflict, null);
  server.answers['GET /api/knowledge-base/a1'] = article({ version: 4, body: 'Six days.' });
  const late = await opened(server, storage);
  assert.equal(late.store.state.conflict?.version, 4);
  assert.equal(late.store.state.fields.body, 'Seven days.');
});

test('words typed while saving are a change of what is stored', async () => {
  const { store, server } = await opened();
  store.change({ body: 'Seven days.' });
  server.answers['PUT /api/knowledge-base/a1'] = article({ version: 4, body: 'Seven days.' });
  const saving = store.save();
  store.change({ body: 'Seven days, or eight.' });
  await saving;
  assert.equal(store.state.fields.body, 'Seven days, or eight.');
  assert.equal(store.dirty, true);
});

test('a refusal is told and nothing is lost', async () => {
  const { store, server } = await opened();
  store.change({ body: 'Seven days.' });
  server.answers['PUT /api/knowledge-base/a1'] = problem(422, 'invalid');
  await store.save();
  assert.equal(store.state.saveProblem, 'Told by the server.');
  assert.equal(store.state.fields.body, 'Seven days.');
});

test('a new article gets its id from the server', async () => {
  const server = new Server();
  const { store, saved, storage } = editor(server, new MapStorage(), null);
  await store.save();
  assert.match(store.state.saveProblem, /title/);
  store.change({ title: 'T', body: 'B' });
  server.answers['POST /api/knowledge-base'] = article({ id: 'n1', version: 1, title: 'T', body: 'B' });
  await store.save();
  assert.equal(store.state.id, 'n1');
  assert.equal(saved.length, 1);
  assert.equal(storage.values.size, 0);
});

function reviewer(server: Server, storage = new MapStorage()) {
  const decided: string[] = [];
  const ports = { http: server, storage, onSignedOut: () => undefined };
  const store = new ReviewStore('d1', { ...ports, onDecided: (_, decision) => decided.push(decision) });
  return { store, decided };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test('without anything near, a draft becomes a new article', async () => {
  const server = new Server();
  server.answers['GET /api/knowledge-drafts/d1'] = draft();
  server.answers['POST /api/knowledge-drafts/d1/approve'] = draft({ state: 'approved', article_id: 'a9' });
  const { store, decided } = reviewer(server);
  await store.load();
  store.change({ body: 'Fourteen working days.' });
  await store.approve();
  assert.deepEqual(decided, ['new']);
  const [sent] = server.sent('POST') as Record<string, unknown>[];
  assert.equal(sent?.['body'], 'Fourteen working days.');
  assert.equal(sent?.['decision'], 'new');
});

test('a near duplicate is proposed for merging, and what is shown is what is sent', async () => {
  const server = new Server();
  const near = [neighbour('a2'), neighbour('a1', { relation: 'near_duplicate', similarity: 0.7 })];
  server.answers['GET /api/knowledge-drafts/d1'] = draft({ neighbours: near });
  server.answers['GET /api/knowledge-base/a1'] = article({ body: '# Refunds\n\n## Cash\n\nFive days.\n' });
  server.answers['POST /api/knowledge-drafts/d1/approve'] = draft({ state: 'approved', article_id: 'a1' });
  const { store } = reviewer(server);
  await store.load();
  await turns();
  assert.equal(store.state.decision, 'merge');
  assert.equal(store.state.targetId, 'a1');
  assert.equal(store.result, '# Refunds\n\n## Cash\n\nFive days.\n\n## How long does a card refund take?\n\nFourteen days.\n');
  await store.approve();
  const sent = server.sent('POST').at(-1) as Record<string, unknown>;
  assert.deepEqual(sent, { decision: 'merge', article_id: 'a1', base_version: 3, body: store.result });
});

test('what contradicts an article is not decided beforehand', async () => {
  const server = new Server();
  server.answers['GET /api/knowledge-drafts/d1'] = draft({ neighbours: [neighbour('a1', { relation: 'contradiction' })] });
  server.answers['GET /api/knowledge-base/a1'] = article();
  const { store } = reviewer(server);
  await store.load();
  assert.equal(store.state.decision, null);
  await store.approve();
  assert.match(store.state.saveProblem, /Choose/);
  store.decide('replace');
  assert.equal(store.state.targetId, 'a1');
});

test('another target forgets what was written into the merged text; the same one keeps it', async () => {
  const server = new Server();
  server.answers['GET /api/knowledge-drafts/d1'] = draft({ neighbours: [neighbour('a1'), neighbour('a2')] });
  server.answers['GET /api/knowledge-base/a1'] = article();
  server.answers['GET /api/knowledge-base/a2'] = article({ id: 'a2', body: 'Two.' });
  const { store } = reviewer(server);
  await store.load();
  store.decide('merge');
  await turns();
  store.writeMerged('By hand.');
  store.decide('merge', 'a1');
  assert.equal(store.result, 'By hand.');
  store.decide('merge', 'a2');
  await turns();
  assert.match(store.result, /^Two\./);
});

test('a draft that somebody else has decided is shown as decided', async () => {
  const server = new Server();
  server.answers['GET /api/knowledge-drafts/d1'] = draft();
  server.answers['POST /api/knowledge-drafts/d1/approve'] = problem(409, 'draft_decided', { state: 'approved', decided_by_name: 'Ola' });
  const { store, decided } = reviewer(server);
  await store.load();
  await store.approve();
  assert.deepEqual(decided, []);
  assert.equal(store.state.draft?.decided_by_name, 'Ola');
});

test('an edited draft survives a reload', async () => {
  const server = new Server();
  const storage = new MapStorage();
  server.answers['GET /api/knowledge-drafts/d1'] = draft();
  const first = reviewer(server, storage);
  await first.store.load();
  first.store.change({ body: 'Typed and not sent.' });
  first.store.close();
  const second = reviewer(server, storage);
  await second.store.load();
  second.store.close();
  assert.equal(second.store.state.fields.body, 'Typed and not sent.');
});

test('the list asks with its filters, and only the newest answer counts', async () => {
  const server = new Server();
  const page = (id: string, next: string | null) => ({ items: [article({ id })], total: 2, next });
  server.answers['GET /api/knowledge-base'] = page('a1', 'c1');
  server.answers['GET /api/knowledge-base?limit=30&status=draft&q=refund&tag=x&review_due=true&cursor=c1'] = page('a2', null);
  const store = new ListStore(server, () => undefined);
  store.filter({ text: ' refund ', status: 'draft', tag: 'x', reviewDue: true });
  store.stop();
  await store.refresh();
  assert.equal(server.asked.at(-1)?.path, '/api/knowledge-base?limit=30&status=draft&q=refund&tag=x&review_due=true');
  await store.more();
  assert.deepEqual(store.state.articles.items.map((one) => one.id), ['a1', 'a2']);
  const slow = store.refresh();
  server.answers['GET /api/knowledge-base'] = page('a3', null);
  await store.refresh();
  await slow;
  assert.deepEqual(store.state.articles.items.map((one) => one.id), ['a3']);
});

test('a list that could not be read again keeps what it showed', async () => {
  const server = new Server();
  server.answers['GET /api/knowledge-base'] = { items: [article()], total: 1, next: null };
  const store = new ListStore(server, () => undefined);
  await store.refresh();
  server.answers['GET /api/knowledge-base'] = problem(500, 'internal');
  await store.refresh();
  assert.equal(store.state.articles.phase, 'ready');
  assert.equal(store.state.articles.items.length, 1);
  assert.match(store.state.articles.problem, /problem/);
});

test('contradictions come first, then near duplicates, the most alike first', () => {
  const ordered = worstFirst([
    neighbour('related', { similarity: 0.99 }),
    neighbour('same', { relation: 'near_duplicate' }),
    neighbour('less', { relation: 'contradiction', similarity: 0.5 }),
    neighbour('more', { relation: 'contradiction', similarity: 0.6 }),
  ]);
  assert.deepEqual(ordered.map((one) => one.article_id), ['more', 'less', 'same', 'related']);
});

test('the conflicting sentences are taken out of the reason', () => {
  const told = conflictOf('Other amounts: 14 days against 5 days. Yours: “It takes 14 days.” There: “It takes 5 days.”');
  assert.deepEqual(told, { about: 'Other amounts: 14 days against 5 days.', own: 'It takes 14 days.', other: 'It takes 5 days.' });
  assert.deepEqual(conflictOf('Says much the same.'), { about: 'Says much the same.', own: null, other: null });
  assert.equal(closestSentence('Hello. Refunds take 14 days. Bye.', 'A refund takes days'), 'Refunds take 14 days.');
});

test('a merged answer becomes a section as deep as the others', () => {
  assert.equal(mergedBody('', 'T', 'B'), 'B');
  assert.equal(mergedBody('Text', 'T', ' '), 'Text');
  assert.equal(mergedBody('# A\n\n### B\n\nx', 'T', 'y'), '# A\n\n### B\n\nx\n\n### T\n\ny\n');
});

test('what the page shows is in its address', () => {
  for (const hash of ['#article/a%2F1', '#draft/d1', '#new', '#transfer', '#']) assert.equal(hashOf(routeOf(hash)), hash);
  assert.deepEqual(routeOf('#article/'), { kind: 'home' });
  assert.deepEqual(routeOf('#nonsense'), { kind: 'home' });
});

test('a file is taken by the end of its name', () => {
  assert.equal(formatOf('A.CSV'), 'csv');
  assert.equal(formatOf('a.md'), 'markdown');
  assert.equal(formatOf('export.zip'), 'markdown');
  assert.equal(formatOf('a.pdf'), null);
});
