import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpProblem } from '../src/api/http.js';
import { isForMe } from '../src/call/call-store.js';
import { ClientProblem, type Person } from '../src/voice/client.js';
import { chosenDevices, keepDevice } from '../src/voice/devices.js';
import { RoomStore } from '../src/voice/room.js';
import { endWords, namesOf, roomProblemWords } from '../src/voice/words.js';
import { GRANT, PlayedClient, person, settled } from './voice-samples.js';

const WITH_MICROPHONE = { microphone: true };
const isCustomer = ({ role }: Person) => role === 'customer';

async function joined(client: PlayedClient, aloneMs: number | null = null): Promise<RoomStore> {
  const room = new RoomStore(client.ports(isCustomer, aloneMs));
  await room.join(() => Promise.resolve(GRANT), WITH_MICROPHONE);
  return room;
}

test('the microphone comes first, then leave to enter, then the room', async () => {
  const client = new PlayedClient();
  const room = new RoomStore(client.ports(isCustomer));
  const steps: string[] = [];
  room.addEventListener('change', () => steps.push(`${room.state.phase} ${room.state.step}`));
  await room.join(() => Promise.resolve(GRANT), WITH_MICROPHONE);
  assert.deepEqual([...new Set(steps)], ['connecting microphone', 'connecting grant', 'connecting room', 'waiting room']);
  assert.deepEqual(client.calls, ['volume 1', 'microphone', 'connect wss://livekit.example']);
  assert.equal(room.state.microphone, 'on');
});

test('a refused microphone ends the visit before anything was asked of the server', async () => {
  const client = new PlayedClient();
  client.refusal = new ClientProblem('microphone_refused');
  const room = new RoomStore(client.ports(isCustomer));
  let asked = false;
  await room.join(() => {
    asked = true;
    return Promise.resolve(GRANT);
  }, WITH_MICROPHONE);
  assert.equal(asked, false);
  assert.deepEqual([room.state.phase, room.state.end], ['ended', 'failed']);
  assert.match(roomProblemWords(room.state.problem).title, /not allowed/);
  assert.equal(client.closed, true);
});

test('a server that refuses is quoted and the microphone let go', async () => {
  const client = new PlayedClient();
  const room = new RoomStore(client.ports(isCustomer));
  const problem = { status: 410, code: 'invite_expired', detail: '', retryAfterS: null };
  await room.join(() => Promise.reject(new HttpProblem(problem)), WITH_MICROPHONE);
  assert.match(endWords(room.state.end!, room.state.problem).title, /expired/);
  assert.equal(client.closed, true);
  assert.equal(room.state.microphone, 'none');
});

test('whoever listens takes no microphone', async () => {
  const client = new PlayedClient();
  const room = new RoomStore(client.ports(isCustomer));
  await room.join(() => Promise.resolve(GRANT), { microphone: false });
  assert.deepEqual(client.calls, ['volume 1', 'connect wss://livekit.example']);
  assert.equal(room.state.microphone, 'none');
});

test('the one that is waited for comes, goes and comes back', async () => {
  const client = new PlayedClient();
  const room = await joined(client);
  client.listener?.onPeople([person('bot', { publishes: false })]);
  assert.deepEqual([room.state.phase, room.state.met], ['waiting', false]);
  client.listener?.onPeople([person('customer')]);
  assert.deepEqual([room.state.phase, room.state.metAtMs], ['connected', 5_000]);
  client.listener?.onPeople([]);
  assert.deepEqual([room.state.phase, room.state.met], ['waiting', true]);
  client.listener?.onPeople([person('customer')]);
  assert.equal(room.state.phase, 'connected');
});

test('a connection that is lost for a moment goes on where it was', async () => {
  const client = new PlayedClient();
  const room = await joined(client);
  client.listener?.onPeople([person('customer')]);
  client.listener?.onReconnecting();
  client.listener?.onPeople([]);
  assert.equal(room.state.phase, 'reconnecting');
  client.listener?.onPeople([person('customer')]);
  client.listener?.onReconnected();
  assert.equal(room.state.phase, 'connected');
});

test('a connection that is lost for good, or taken over by another window, says so', async () => {
  for (const reason of ['lost', 'elsewhere', 'over'] as const) {
    const client = new PlayedClient();
    const room = await joined(client);
    client.listener?.onEnded(reason);
    assert.deepEqual([room.state.phase, room.state.end, client.closed], ['ended', reason, true]);
  }
});

test('whoever cancels while the browser asks for the microphone does not get in later', async () => {
  const client = new PlayedClient();
  client.asks = true;
  const room = new RoomStore(client.ports(isCustomer));
  let asked = false;
  const joining = room.join(() => {
    asked = true;
    return Promise.resolve(GRANT);
  }, WITH_MICROPHONE);
  await settled();
  room.leave();
  client.allow();
  await joining;
  assert.deepEqual([asked, client.closed, room.state.end], [false, true, 'left']);
});

test('nothing that a room left behind tells counts any more', async () => {
  const client = new PlayedClient();
  const room = await joined(client);
  const { listener } = client;
  room.leave();
  listener?.onPeople([person('customer')]);
  listener?.onReconnected();
  assert.deepEqual([room.state.phase, room.state.people], ['ended', []]);
});

test('muting, and a microphone that was unplugged and comes back', async () => {
  const client = new PlayedClient();
  const room = await joined(client);
  await room.toggleMute();
  assert.equal(room.state.microphone, 'muted');
  await room.toggleMute();
  assert.equal(room.state.microphone, 'on');
  client.listener?.onMicrophoneLost();
  assert.equal(room.state.microphone, 'lost');
  client.refusal = new ClientProblem('microphone_missing');
  await room.toggleMute();
  assert.equal(room.state.microphone, 'lost');
  assert.match(roomProblemWords(room.state.problem).title, /No microphone/);
  client.refusal = null;
  await room.toggleMute();
  assert.deepEqual([room.state.microphone, room.state.problem], ['on', null]);
});

test('the volume stays from one call to the next', async () => {
  const client = new PlayedClient();
  const room = await joined(client);
  room.setVolume(0.4);
  room.leave();
  room.clear();
  await room.join(() => Promise.resolve(GRANT), WITH_MICROPHONE);
  assert.equal(client.calls.filter((what) => what === 'volume 0.4').length, 2);
});

test('alone for long after a meeting is the end, but not before anybody came', async () => {
  const client = new PlayedClient();
  const room = await joined(client, 45_000);
  assert.equal(client.timers.length, 0);
  client.listener?.onPeople([person('customer')]);
  client.listener?.onPeople([]);
  assert.equal(client.timers.length, 1);
  client.timers[0]?.();
  assert.deepEqual([room.state.phase, room.state.end], ['ended', 'alone']);
});

test('a customer waits for somebody who speaks, not for the silent listener', () => {
  assert.equal(isForMe(person('bot', { publishes: false })), false);
  assert.equal(isForMe(person('bot')), true);
  assert.equal(isForMe(person('supervisor')), false);
  assert.equal(isForMe(person('agent')), true);
});

test('people are called by their names, and a machine by what it does', () => {
  const people = [person('agent', { name: 'Marcus' }), person('bot', { name: 'agent-AJ_x' }), person('unknown')];
  assert.equal(namesOf(people), 'Marcus, Receptionist and Somebody');
});

test('a server without room for another call is busy', () => {
  const busy = { status: 409, code: 'no_capacity', detail: 'x', retryAfterS: null };
  assert.equal(roomProblemWords(new HttpProblem(busy)).title, 'All lines are busy');
  const missing = { ...busy, code: 'voice_not_configured' };
  assert.equal(roomProblemWords(new HttpProblem(missing)).title, 'Calls are not set up');
});

test('a device is changed, and one that cannot be used is told until another is chosen', async () => {
  const client = new PlayedClient();
  const room = await joined(client);
  const devices = {
    microphone: { devices: [{ id: 'm1', label: 'Headset' }], current: 'm1' },
    speaker: { devices: [], current: 'default' },
  };
  client.listener?.onDevices(devices);
  assert.deepEqual(room.state.devices, devices);
  client.refusal = new ClientProblem('microphone_busy');
  await room.useDevice('microphone', 'm2');
  assert.equal(room.state.deviceRefused, 'microphone');
  client.refusal = null;
  await room.useDevice('microphone', 'm1');
  assert.equal(room.state.deviceRefused, null);
  assert.deepEqual(client.calls.slice(-2), ['microphone m2', 'microphone m1']);
  room.leave();
  assert.equal(room.state.devices, null);
});

test('the chosen devices are kept, and what others have stored counts as nothing', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as Storage;
  keepDevice(storage, 'microphone', 'm1');
  keepDevice(storage, 'speaker', 's1');
  assert.deepEqual(chosenDevices(storage), { microphone: 'm1', speaker: 's1' });
  for (const broken of ['{', 'null', '[1]', '{"microphone": 7}']) {
    kept.set('assist.devices', broken);
    assert.deepEqual(chosenDevices(storage), {});
  }
  const full = { ...storage, setItem: () => assert.fail('full') } as Storage;
  assert.doesNotThrow(() => keepDevice(full, 'speaker', 's2'));
});
