import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SupervisionFeed, type Source } from '../src/api/supervision-feed.js';
import { Arrivals } from '../src/supervisor/arrivals.js';
import { consoleShortcut } from '../src/supervisor/keys.js';
import { ListStore } from '../src/supervisor/list-store.js';
import { fatesOf } from '../src/supervisor/outcome-words.js';
import { changeWords } from '../src/supervisor/history-words.js';
import { hrefOf, placeOf } from '../src/supervisor/routes.js';
import { countdownOf, leftWords } from '../src/supervisor/sla.js';
import { NOW_MS, request, settled } from './supervisor-samples.js';

const MINUTE_MS = 60_000;

test('the time that is left is said in words', () => {
  assert.equal(leftWords(4 * MINUTE_MS + 30_000), '4 min left');
  assert.equal(leftWords(35_400), '35 s left');
  assert.equal(leftWords(-2 * MINUTE_MS), 'overdue 2 min');
  assert.equal(leftWords(95 * MINUTE_MS), '1 h 35 min left');
  assert.equal(leftWords(26 * 60 * MINUTE_MS), '26 h left');
  assert.equal(leftWords(80 * 60 * MINUTE_MS), '3 days left');
});

test('the first reply counts until somebody has it in hand, then the answer', () => {
  const waiting = countdownOf(request('a'), NOW_MS);
  assert.deepEqual([waiting?.what, waiting?.words], ['first reply', '10 min left']);
  const inHand = request('a', { status: 'in_progress', first_response_at: '2026-11-20T10:01:00Z' });
  assert.deepEqual(countdownOf(inHand, NOW_MS)?.what, 'answer');
  assert.equal(countdownOf(request('a', { status: 'resolved' }), NOW_MS), null);
});

test('what breaches soon is told apart from what is late', () => {
  const urgency = (minutes: number) => countdownOf(request('a'), NOW_MS + minutes * MINUTE_MS)?.urgency;
  assert.deepEqual([urgency(0), urgency(8), urgency(11)], ['fine', 'soon', 'late']);
});

test('addresses name a view and a request, and are made of them', () => {
  const at = (path: string) => placeOf(new URL(path, 'http://x.example'));
  assert.deepEqual(at('/pending'), { view: 'queue', requestId: null });
  assert.deepEqual(at('/unresolved?request=7'), { view: 'unresolved', requestId: '7' });
  assert.deepEqual(at('/supervisor?view=team'), { view: 'team', requestId: null });
  assert.deepEqual(at('/supervisor#7'), { view: 'queue', requestId: '7' });
  assert.equal(at('/knowledge'), null);
  for (const view of ['queue', 'unresolved', 'answered', 'audit'] as const) {
    const place = { view, requestId: 'a/b' };
    assert.deepEqual(at(hrefOf(place)), place);
  }
});

test('each request is news once, and what one did oneself is none', () => {
  const arrivals = new Arrivals();
  assert.deepEqual(arrivals.look([request('a')], 'user-1').arrived, []);
  const second = arrivals.look([request('a'), request('b')], 'user-1');
  assert.deepEqual(second.arrived.map(({ id }) => id), ['b']);
  assert.deepEqual(arrivals.look([request('b')], 'user-1').arrived, []);
  const mine = request('b', { assigned_to: 'user-1' });
  assert.deepEqual(arrivals.look([mine], 'user-1').mine.map(({ id }) => id), ['b']);
  const claimed = request('a', { assigned_to: 'user-1' });
  arrivals.did(claimed);
  assert.deepEqual(arrivals.look([claimed, mine], 'user-1').mine, []);
});

test('shortcuts need a modifier, and Alt with an arrow walks the list', () => {
  const press = (key: string, altKey: boolean, ctrlKey = false) =>
    consoleShortcut({ key, code: '', altKey, ctrlKey, metaKey: false, shiftKey: false });
  assert.deepEqual([press('ArrowDown', true), press('ArrowUp', true), press('a', true)], ['next', 'previous', 'answer']);
  assert.deepEqual([press('ArrowDown', false), press('a', false), press('ArrowDown', true, true)], [null, null, null]);
});

test('a list that changed while it was read is read once more, and not more', async () => {
  const paths: string[] = [];
  const pages: ((page: unknown) => void)[] = [];
  const get = <Reply>(path: string) => {
    paths.push(path);
    return new Promise<Reply>((resolve) => pages.push(resolve as (page: unknown) => void));
  };
  const list = new ListStore({ get }, 'pending', () => undefined);
  void list.refresh();
  void list.refresh();
  void list.refresh();
  pages[0]?.({ items: [request('a')], total: 1, next: null });
  await settled();
  pages[1]?.({ items: [request('a'), request('b')], total: 2, next: null });
  await settled();
  assert.equal(paths.length, 2);
  assert.deepEqual([list.state.phase, list.state.total], ['ready', 2]);
});

test('filters go to the server, and the answer to an older filter is ignored', async () => {
  const pages: ((page: unknown) => void)[] = [];
  const paths: string[] = [];
  const get = <Reply>(path: string) => {
    paths.push(path);
    return new Promise<Reply>((resolve) => pages.push(resolve as (page: unknown) => void));
  };
  const list = new ListStore({ get }, 'pending,in_progress', () => undefined);
  list.filter({ text: 'gas' });
  list.filter({ priority: 'urgent' });
  pages[1]?.({ items: [request('b')], total: 1, next: null });
  pages[0]?.({ items: [request('a')], total: 1, next: null });
  await settled();
  assert.match(paths[1] ?? '', /q=gas&priority=urgent/);
  assert.deepEqual(list.state.items.map(({ id }) => id), ['b']);
});

test('a list that cannot be read again keeps what it shows', async () => {
  let fails = false;
  const get = <Reply>() =>
    fails ? Promise.reject(new TypeError('no network')) : Promise.resolve({ items: [request('a')], total: 1, next: null } as Reply);
  const list = new ListStore({ get }, 'pending', () => undefined);
  await list.refresh();
  fails = true;
  await list.refresh();
  assert.deepEqual([list.state.phase, list.state.items.length], ['ready', 1]);
  assert.match(list.state.problem, /cannot be reached/);
});

test('the feed says that it is lost, tries again, and everything is read once it is back', () => {
  const sources: Source[] = [];
  const timers: (() => void)[] = [];
  let changes = 0;
  const feed = new SupervisionFeed(
    () => (changes += 1),
    () => undefined,
    {
      open: () => {
        const source: Source = { onopen: null, onmessage: null, onerror: null, close: () => undefined };
        sources.push(source);
        return source;
      },
      nowMs: () => NOW_MS,
      random: () => 0,
      setTimer: (run) => timers.push(run),
      clearTimer: () => undefined,
    },
  );
  feed.start();
  sources[0]?.onopen?.();
  assert.deepEqual([feed.state.phase, changes], ['live', 1]);
  sources[0]?.onerror?.();
  assert.deepEqual([feed.state.phase, feed.state.lostAtMs], ['reconnecting', NOW_MS]);
  timers.at(-1)?.();
  sources[1]?.onopen?.();
  assert.deepEqual([feed.state.phase, changes], ['live', 2]);
});

test('what became of an answer is said in the order it happened', () => {
  const at = '2026-11-20T10:05:00Z';
  const line = (action: string, after: Record<string, unknown> | null = null) => ({
    at,
    actor: 'x',
    actor_name: 'x',
    action,
    before: null,
    after,
    note: null,
  });
  const live = request('a', { status: 'resolved', suggestion_id: 's', history: [line('delivered')] });
  assert.match(fatesOf(live, [])[0]?.words ?? '', /On the agent’s desk at/);
  const callback = request('a', { status: 'resolved', history: [line('followed_up', { channel: 'callback' })] });
  assert.match(fatesOf(callback, [])[0]?.words ?? '', /ring the customer/);
  assert.match(fatesOf(request('a', { status: 'resolved' }), [])[0]?.words ?? '', /on its way/);
});

test('a change is told with what was before', () => {
  assert.equal(changeWords({ before: { priority: 'medium' }, after: { priority: 'high' } }), 'Priority: medium → high');
  assert.equal(changeWords({ before: { tags: ['a'] }, after: { tags: [] } }), 'Tags: a removed');
  const id = 'dfae63fc-dc99-408b-9e7b-9dd52e7161e3';
  const given = { group_name: 'owners', assigned_to: id, assigned_to_name: 'Anna' };
  assert.equal(changeWords({ before: null, after: given }), 'Group: owners; Assigned to: Anna');
  assert.equal(changeWords({ before: null, after: null }), '');
});
