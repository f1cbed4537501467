import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../src/api/backoff.js';
import { CallStream, type SocketListeners, type StopReason } from '../src/api/call-stream.js';

/** A server, a clock and a die that the test moves by hand. */
class Bench {
  readonly paths: string[] = [];
  readonly sent: string[] = [];
  readonly timers = new Map<number, { run: () => void; delayMs: number }>();
  readonly lost: number[] = [];
  stopped: StopReason | null = null;
  cursor = { seq: 0, epoch: 'epoch-1' as string | null };
  ticket: { ticket: string } | { stop: StopReason } | null = { ticket: 'once' };
  nowMs = 0;
  #listeners: SocketListeners | null = null;
  #timer = 0;

  readonly stream = new CallStream(
    'call/1',
    {
      cursor: () => this.cursor,
      onMessage: () => undefined,
      onConnecting: () => undefined,
      onLost: (retryInMs) => this.lost.push(retryInMs),
      onStopped: (reason) => (this.stopped = reason),
    },
    {
      ticket: () => Promise.resolve(this.ticket),
      open: (path, listeners) => this.#open(path, listeners),
      random: () => 0,
      nowMs: () => this.nowMs,
      setTimer: (run, delayMs) => this.#setTimer(run, delayMs),
      clearTimer: (timer) => this.timers.delete(timer as number),
    },
  );

  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }

  async connect(): Promise<void> {
    this.stream.start();
    await this.settle();
    this.#listeners?.onOpen();
    this.receive({ type: 'hello', session_id: 'call/1', epoch: 'epoch-1', seq: 0 });
  }

  receive(message: object): void {
    this.#listeners?.onText(JSON.stringify(message));
  }

  end(code: number): void {
    this.#listeners?.onClose(code);
  }

  async fire(): Promise<void> {
    for (const [timer, { run }] of [...this.timers]) {
      this.timers.delete(timer);
      run();
    }
    await this.settle();
  }

  #open(path: string, listeners: SocketListeners) {
    this.paths.push(path);
    this.#listeners = listeners;
    return { send: (text: string) => this.sent.push(text) > 0, close: () => undefined };
  }

  #setTimer(run: () => void, delayMs: number): number {
    this.#timer += 1;
    this.timers.set(this.#timer, { run, delayMs });
    return this.#timer;
  }
}

test('the ticket is the first message and nothing else is sent before hello', async () => {
  const bench = new Bench();
  bench.stream.start();
  await bench.settle();
  assert.equal(bench.stream.send({ type: 'shown', suggestion_id: 'a' }), false);
  assert.deepEqual(bench.sent, []);
  const greeted = new Bench();
  await greeted.connect();
  assert.deepEqual(greeted.sent, ['{"type":"auth","ticket":"once"}']);
  assert.equal(greeted.stream.send({ type: 'shown', suggestion_id: 'a' }), true);
});

test('a lost connection resumes after the last applied event of the epoch', async () => {
  const bench = new Bench();
  await bench.connect();
  bench.cursor = { seq: 41, epoch: 'epoch-1' };
  bench.end(1012);
  await bench.fire();
  assert.deepEqual(bench.paths, [
    '/api/realtime/ws/call%2F1?after=0&epoch=epoch-1',
    '/api/realtime/ws/call%2F1?after=41&epoch=epoch-1',
  ]);
});

test('the delays double until the longest, and begin anew after a good connection', async () => {
  const bench = new Bench();
  bench.ticket = null;
  bench.stream.start();
  await bench.settle();
  for (let attempt = 0; attempt < 6; attempt += 1) await bench.fire();
  assert.deepEqual(bench.lost, [250, 500, 1000, 2000, 4000, 7500, 7500]);
  bench.ticket = { ticket: 'again' };
  await bench.fire();
  bench.receive({ type: 'hello', session_id: 'call/1', epoch: 'epoch-1', seq: 0 });
  bench.nowMs = 60_000;
  bench.end(1006);
  assert.equal(bench.lost.at(-1), 250);
});

test('the delay is spread over the upper half', () => {
  assert.deepEqual([backoffMs(3, () => 0), backoffMs(3, () => 0.999)], [1000, 1999]);
});

test('a server that falls silent counts as lost', async () => {
  const bench = new Bench();
  await bench.connect();
  assert.deepEqual(
    [...bench.timers.values()].map((timer) => timer.delayMs),
    [40_000],
  );
  await bench.fire();
  assert.equal(bench.lost.length, 1);
});

for (const [code, reason] of [
  [4401, 'signed_out'],
  [4403, 'forbidden'],
  [4404, 'unknown_call'],
] as const) {
  test(`close code ${code} ends the stream for good: ${reason}`, async () => {
    const bench = new Bench();
    await bench.connect();
    bench.end(code);
    assert.deepEqual([bench.stopped, bench.timers.size], [reason, 0]);
  });
}
