import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Socket, SocketListeners } from '../src/api/call-stream.js';
import { CallController } from '../src/store/call-controller.js';
import { answered, segment, snapshot, suggestion } from './samples.js';

class MapStorage {
  readonly #values = new Map<string, string>();
  getItem = (key: string): string | null => this.#values.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.#values.set(key, value);
  removeItem = (key: string): void => void this.#values.delete(key);
}

/** One call, followed through a server that the test plays. */
class Desk {
  readonly paths: string[] = [];
  sent: unknown[] = [];
  #listeners: SocketListeners | null = null;
  #timers: (() => void)[] = [];
  readonly #call = snapshot({ seq: 1, suggestions: [suggestion('a')] });
  readonly controller: CallController;

  constructor(storage = new MapStorage()) {
    this.controller = new CallController('call-1', {
      http: { get: <Reply>() => Promise.resolve(this.#call as Reply) },
      storage,
      newId: () => 'request-1',
      nowMs: () => 0,
      random: () => 0,
      ticket: () => Promise.resolve({ ticket: 'once' }),
      open: (path, listeners) => this.#open(path, listeners),
      setTimer: (run) => this.#timers.push(run),
      clearTimer: () => undefined,
      onChange: () => undefined,
      onError: () => undefined,
      onSignedOut: () => undefined,
    });
  }

  get view() {
    return this.controller.view;
  }

  async open(): Promise<void> {
    this.controller.start();
    await this.greet();
  }

  async greet(seq = 1): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    this.#listeners?.onOpen();
    this.receive({ type: 'hello', session_id: 'call-1', epoch: 'epoch-1', seq });
  }

  receive(...messages: object[]): void {
    for (const message of messages) this.#listeners?.onText(JSON.stringify(message));
  }

  lose(): void {
    this.#listeners?.onClose(1012);
    this.#listeners = null;
  }

  async reconnect(seq: number): Promise<void> {
    this.#timers.pop()?.();
    await this.greet(seq);
  }

  #open(path: string, listeners: SocketListeners): Socket {
    this.paths.push(path);
    this.#listeners = listeners;
    return { send: (text) => this.sent.push(JSON.parse(text)) > 0, close: () => undefined };
  }
}

function said(seq: number) {
  return { type: 'segment', seq, segment: segment(seq) };
}

function words(desk: Desk): string[] {
  return desk.view.state.segments.map((each) => each.text);
}

test('events that come again after a reconnect change nothing', async () => {
  const desk = new Desk();
  await desk.open();
  desk.receive(said(2), said(3));
  desk.lose();
  await desk.reconnect(4);
  desk.receive(said(2), said(3), said(4));
  assert.deepEqual(words(desk), ['words 2', 'words 3', 'words 4']);
  assert.deepEqual(
    desk.paths.map((path) => path.split('?')[1]),
    ['after=1&epoch=epoch-1', 'after=3&epoch=epoch-1'],
  );
});

test('a missing event is not skipped: the desk resumes after the last one it has', async () => {
  const desk = new Desk();
  await desk.open();
  desk.receive(said(2), said(4));
  assert.deepEqual([words(desk), desk.view.connection.phase], [['words 2'], 'reconnecting']);
  await desk.reconnect(4);
  assert.match(desk.paths[1] ?? '', /after=2/);
});

test('until everything missed has come the desk is catching up', async () => {
  const desk = new Desk();
  await desk.open();
  desk.lose();
  await desk.reconnect(3);
  assert.equal(desk.view.connection.phase, 'catching_up');
  desk.receive(said(2), said(3));
  assert.equal(desk.view.connection.phase, 'live');
});

test('a reset forgets the call and follows the new log', async () => {
  const desk = new Desk();
  await desk.open();
  desk.receive(said(2), { type: 'reset', epoch: 'epoch-2', reason: 'unknown_epoch' }, said(7), said(8));
  assert.deepEqual([words(desk), desk.view.state.epoch], [['words 7', 'words 8'], 'epoch-2']);
});

test('feedback given while disconnected is sent once the connection is back, also after a reload', async () => {
  const storage = new MapStorage();
  const desk = new Desk(storage);
  await desk.open();
  desk.lose();
  desk.controller.feedback('a', 'helpful');
  const feedback = { type: 'feedback', suggestion_id: 'a', feedback: 'helpful' };
  assert.equal(
    desk.sent.some((message) => (message as { type: string }).type === 'feedback'),
    false,
  );
  await desk.reconnect(1);
  assert.deepEqual(desk.sent.at(-1), feedback);
  const reloaded = new Desk(storage);
  await reloaded.open();
  assert.deepEqual(reloaded.sent.at(-1), feedback);
});

test('each fact about a card is reported once', async () => {
  const desk = new Desk();
  await desk.open();
  desk.controller.report('shown', 'a');
  desk.controller.report('shown', 'a');
  assert.equal(desk.sent.filter((message) => (message as { type: string }).type === 'shown').length, 1);
});

test('the next question of the call ends the mute, and an answer to an earlier one does not', async () => {
  const desk = new Desk();
  await desk.open();
  desk.receive(answered(2, ['b'], { turn: 5 }));
  desk.controller.toggleMute();
  desk.receive(answered(3, ['c'], { turn: 5 }));
  assert.equal(desk.view.mutedAtTurn, 5);
  desk.receive(answered(4, ['d'], { turn: 6 }));
  assert.equal(desk.view.mutedAtTurn, null);
});

test('unfinished words of a model move no cursor, and are gone after a break', async () => {
  const desk = new Desk();
  await desk.open();
  desk.receive({ type: 'suggestion_delta', suggestion_id: 'a', text: 'Pay on', done: false });
  assert.deepEqual([desk.view.state.seq, desk.view.state.cards[0]?.draft], [1, 'Pay on']);
  desk.lose();
  assert.equal(desk.view.state.cards[0]?.draft, null);
  const whole = suggestion('a', { text: 'Pay online.', answered_by: 'small' });
  await desk.reconnect(2);
  desk.receive({ type: 'suggestion_delta', seq: 2, suggestion_id: 'a', text: 'Pay online.', done: true, suggestion: whole });
  assert.deepEqual([desk.view.state.seq, desk.view.state.cards[0]?.text], [2, 'Pay online.']);
});

test('a correction is sent as what the agent did', async () => {
  const desk = new Desk();
  await desk.open();
  desk.controller.correctSubject('HomeHub X200', true);
  assert.deepEqual(desk.sent.at(-1), { type: 'dismiss_subject', name: 'HomeHub X200' });
});
