import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpProblem } from '../src/api/http.js';
import type { User } from '../src/api/wire.js';
import { voiceStatus } from '../src/desk/voice-words.js';
import { DeskVoice, offeredCall } from '../src/store/desk-voice.js';
import { ClientProblem } from '../src/voice/client.js';
import { call } from './samples.js';
import { GRANT, PlayedClient, person } from './voice-samples.js';

const AGENT: User = { id: 'u1', email: 'ana@desk.example', name: 'Ana', role: 'agent', agent_id: 'agent-1' };
const SUPERVISOR: User = { ...AGENT, id: 'u2', role: 'supervisor', agent_id: null };
const browserCall = call({ acd_metadata: { source: 'browser' } });

class PlayedDesk {
  readonly client = new PlayedClient();
  readonly posts: string[] = [];
  refusal: unknown = null;
  settings: object | null = { enabled: true, test_calls: true };
  made: string[] = [];
  over = 0;
  readonly voice = new DeskVoice({
    ...this.client.ports(() => false),
    http: {
      get: <Reply>() => (this.settings ? Promise.resolve(this.settings as Reply) : Promise.reject(new Error('404'))),
      post: <Reply>(path: string, body?: unknown) => this.#post(path, body) as Promise<Reply>,
    },
    onMade: (sessionId) => this.made.push(sessionId),
    onOver: () => (this.over += 1),
  });

  get title(): string {
    return voiceStatus(this.voice.state)?.title ?? '';
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    this.posts.push(body === undefined ? path : `${path} ${JSON.stringify(body)}`);
    if (this.refusal) throw this.refusal;
    return GRANT;
  }
}

test('calls are offered where the server has voice, and never to an analyst', async () => {
  const desk = new PlayedDesk();
  await desk.voice.load(AGENT);
  assert.equal(desk.voice.state.enabled, true);
  await desk.voice.load({ ...AGENT, role: 'analyst' });
  assert.equal(desk.voice.state.enabled, false);
  desk.settings = null;
  await desk.voice.load(AGENT);
  assert.equal(desk.voice.state.enabled, false);
});

test('a call that is started comes onto the desk and waits for its customer', async () => {
  const desk = new PlayedDesk();
  await desk.voice.start({ name: 'Ada', phone: '' });
  assert.deepEqual(desk.posts, ['/api/voice/calls {"customer_name":"Ada","customer_phone":null}']);
  assert.deepEqual([desk.made, desk.voice.state.link, desk.title], [['call-1'], '/call?invite=abc', 'Waiting for Ada']);
  desk.client.listener?.onPeople([person('customer', { name: 'Ada' }), person('bot', { publishes: false })]);
  assert.equal(desk.title, 'On the line: Ada');
  desk.client.listener?.onPeople([]);
  assert.equal(desk.title, 'Ada has left');
});

test('after a failure the same call is tried again, not another one made', async () => {
  const desk = new PlayedDesk();
  desk.client.refusal = new ClientProblem('microphone_refused');
  await desk.voice.start({ name: 'Ada', phone: '' });
  assert.deepEqual(desk.posts, []);
  desk.client.refusal = null;
  await desk.voice.start({ name: 'Ada', phone: '' });
  desk.client.listener?.onEnded('lost');
  desk.voice.wish('retry');
  assert.equal(desk.title, 'Connecting…');
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  assert.equal(desk.posts.at(-1), '/api/voice/calls/call-1/join');
  assert.equal(desk.made.length, 1);
});

test('a refusal of the server stays until it is closed', async () => {
  const desk = new PlayedDesk();
  desk.refusal = new HttpProblem({ status: 409, code: 'voice_not_configured', detail: '', retryAfterS: null });
  await desk.voice.start({ name: '', phone: '' });
  assert.equal(desk.title, 'Calls are not set up');
  desk.voice.wish('dismiss');
  assert.equal(voiceStatus(desk.voice.state), null);
});

test('the end of the call ends the visit to its room', async () => {
  const desk = new PlayedDesk();
  await desk.voice.start({ name: 'Ada', phone: '' });
  const ended = call({ status: 'ended', ended_at: '2026-01-05T10:05:00Z' });
  desk.voice.notice({ phase: 'ready', active: [], ended: [{ ...ended, session_id: 'another' }] }, null);
  assert.equal(desk.client.closed, false);
  desk.voice.notice({ phase: 'ready', active: [], ended: [ended] }, null);
  assert.deepEqual([desk.client.closed, desk.over, desk.voice.state.room.phase], [true, 1, 'idle']);
});

test('after a reload one may go back to the own call that still goes on', async () => {
  const desk = new PlayedDesk();
  await desk.voice.load(AGENT);
  const { state } = desk.voice;
  const second = call({ session_id: 'call-2', acd_metadata: { source: 'browser' } });
  assert.equal(offeredCall(state, [call(), browserCall, second], 'call-2', AGENT)?.session_id, 'call-2');
  assert.equal(offeredCall(state, [browserCall, second], null, AGENT)?.session_id, 'call-1');
  assert.equal(offeredCall(state, [call()], 'call-1', AGENT), null);
  assert.equal(offeredCall(state, [browserCall], 'call-1', SUPERVISOR), null);
  assert.equal(offeredCall(state, [browserCall], 'call-1', { ...SUPERVISOR, agent_id: 'AGENT-1' })?.session_id, 'call-1');
  await desk.voice.start({ name: '', phone: '' });
  assert.equal(offeredCall(desk.voice.state, [browserCall], null, AGENT), null);
});
