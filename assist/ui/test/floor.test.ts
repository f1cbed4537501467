import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeedPorts, Source } from '../src/api/supervision-feed.js';
import { agentLabel, choicesOf, rowsOf, sorted, waitsToMove, type FloorRow } from '../src/floor/floor-order.js';
import { FloorStore } from '../src/floor/floor-store.js';
import { moodOf } from '../src/floor/sentiment.js';
import type { FloorCall, FloorReply } from '../src/floor/wire.js';

function call(id: string, change: Partial<FloorCall> = {}): FloorCall {
  return {
    session_id: id,
    call_id: id,
    agent_id: `agent-${id}`,
    agent_name: null,
    customer_name: null,
    queue: null,
    started_at: '2026-01-05T10:00:00Z',
    status: 'active',
    last_lines: [],
    sentiment: { label: 'neutral', score: 0 },
    open_requests: 0,
    escalated: false,
    ...change,
  };
}

const ids = (rows: readonly FloorCall[]) => rows.map((row) => row.session_id).join(' ');
const sounding = (score: number) => ({ label: 'negative' as const, score });
const EARLY = '2026-01-05T09:00:00Z';

test('sorts: the longest, the most negative, what is escalated and open', () => {
  const calls = [call('a'), call('b', { started_at: EARLY, open_requests: 1 }), call('c', { sentiment: sounding(-0.7) })];
  assert.equal(ids(sorted(calls, 'longest')), 'b a c');
  assert.equal(ids(sorted(calls, 'negative')), 'c b a');
  assert.equal(ids(sorted([...calls, call('d', { open_requests: 1, escalated: true })], 'requests')), 'd b a c');
});

test('while somebody aims, no row moves: ended calls are marked and new ones come last', () => {
  const before = rowsOf([], [call('a'), call('b'), call('c')], 'negative', false);
  const now = [call('b', { sentiment: sounding(-0.9) }), call('c'), call('new', { sentiment: sounding(-1) })];
  const held = rowsOf(before, now, 'negative', true);
  assert.equal(ids(held), 'a b c new');
  assert.deepEqual(held.map((row: FloorRow) => row.gone), [true, false, false, false]);
  assert.equal(waitsToMove(held, 'negative'), true);
  const settled = rowsOf(held, now, 'negative', false);
  assert.equal(ids(settled), 'new b c');
  assert.equal(waitsToMove(settled, 'negative'), false);
});

test('the choices of the filters are what is on the floor', () => {
  const { agents, queues } = choicesOf([call('a', { agent_name: 'Ana', queue: 'Sales' }), call('b', { agent_name: 'Ana' })]);
  assert.deepEqual(agents, ['Ana']);
  assert.deepEqual(queues, ['Sales']);
  assert.equal(agentLabel(call('x', { agent_id: null })), 'No agent yet');
});

test('a mood is a word', () => {
  assert.equal(moodOf({ label: 'negative', score: -0.8 }).word, 'Very negative');
  assert.equal(moodOf({ label: 'negative', score: -0.3 }).word, 'Negative');
  assert.equal(moodOf({ label: 'neutral', score: 0.1 }).word, 'Neutral');
  assert.equal(moodOf({ label: 'positive', score: 0.3 }).word, 'Positive');
});

/** A floor whose stream and clock the test plays. */
class Played {
  items: FloorCall[] = [call('a'), call('b')];
  fails = false;
  reads = 0;
  path = '';
  source: Source = { onopen: null, onmessage: null, onerror: null, close: () => undefined };
  timers: { run: () => void; delayMs: number }[] = [];
  readonly ports: FeedPorts = {
    open: (path) => {
      this.path = path;
      return this.source;
    },
    nowMs: () => 1000,
    random: () => 0,
    setTimer: (run, delayMs) => this.timers.push({ run, delayMs }),
    clearTimer: () => undefined,
  };
  readonly store = new FloorStore({ get: <Reply>() => this.#read() as Promise<Reply> }, () => undefined, this.ports);

  async #read(): Promise<FloorReply> {
    this.reads += 1;
    if (this.fails) throw new Error('down');
    return { items: this.items, total: this.items.length };
  }

  /** Runs what is to be run soon. */
  async soon(): Promise<void> {
    const due = this.timers.filter((timer) => timer.delayMs <= 500);
    this.timers = this.timers.filter((timer) => timer.delayMs > 500);
    for (const timer of due) timer.run();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}

test('a burst of changes is read once', async () => {
  const floor = new Played();
  floor.store.start();
  await floor.soon();
  assert.equal(floor.path, '/api/floor/stream');
  const before = floor.reads;
  floor.items = [call('a'), call('b'), call('c')];
  for (let change = 0; change < 5; change += 1) floor.source.onmessage?.();
  await floor.soon();
  assert.equal(floor.reads, before + 1);
  assert.equal(ids(floor.store.state.rows), 'a b c');
});

test('a held floor says that it would move, and moves when it is let go', async () => {
  const floor = new Played();
  floor.store.start();
  await floor.soon();
  floor.store.hold(true);
  floor.items = [call('b')];
  await floor.store.refresh();
  assert.equal(ids(floor.store.state.rows), 'a b');
  assert.equal(floor.store.state.waiting, true);
  floor.store.hold(false);
  assert.equal(ids(floor.store.state.rows), 'b');
  assert.equal(floor.store.state.waiting, false);
});

test('what was shown stays when the server is gone', async () => {
  const floor = new Played();
  floor.store.start();
  await floor.soon();
  floor.fails = true;
  await floor.store.refresh();
  assert.equal(floor.store.state.phase, 'ready');
  assert.equal(ids(floor.store.state.rows), 'a b');
  assert.notEqual(floor.store.state.problem, '');
});

test('filters by agent', async () => {
  const floor = new Played();
  floor.store.start();
  await floor.soon();
  floor.store.filter({ agent: 'agent-b' });
  assert.equal(ids(floor.store.state.rows), 'b');
});
