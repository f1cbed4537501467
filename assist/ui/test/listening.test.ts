import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gap, VoiceHealth } from '../src/api/wire.js';
import { statusOf } from '../src/desk/connection-status.js';
import { applyEvent, afterReset, fromSnapshot } from '../src/store/call-state.js';
import { loadingView, type CallView } from '../src/store/desk-state.js';
import { gapWords, listeningOf } from '../src/store/listening.js';
import { transcriptLines } from '../src/store/transcript-lines.js';
import { callBackWords } from '../src/supervisor/words.js';
import { call, segment, snapshot } from './samples.js';

function gap(id: string, start: number, end: number, change: Partial<Gap> = {}): Gap {
  return { id, speaker: null, start_time: start, end_time: end, reason: 'job_lost', ...change };
}

const voice = (change: Partial<VoiceHealth> = {}): VoiceHealth => ({
  room: 'room-1',
  state: 'listening',
  transcription: 'ok',
  detail: null,
  ...change,
});

const order = (...lines: [Parameters<typeof transcriptLines>[0], readonly Gap[]]) =>
  transcriptLines(...lines).map((line) => line.id);

test('a gap stands between the words before and after it', () => {
  const said = [segment(1), segment(5), segment(9)];
  assert.deepEqual(order(said, [gap('b', 6, 8), gap('a', 2, 4)]), [
    'segment-1',
    'gap-a',
    'segment-5',
    'gap-b',
    'segment-9',
  ]);
  assert.deepEqual(order(said, [gap('first', 0, 1), gap('last', 20, 30)]).at(0), 'gap-first');
  assert.deepEqual(order(said, [gap('first', 0, 1), gap('last', 20, 30)]).at(-1), 'gap-last');
  assert.deepEqual(order([], [gap('only', 0, 3)]), ['gap-only']);
});

test('after a gap the speaker is named again', () => {
  const lines = transcriptLines([segment(1), segment(2), segment(5)], [gap('a', 3, 4)]);
  assert.deepEqual(
    lines.map((line) => line.kind === 'said' && line.goesOn),
    [false, true, false, false],
  );
});

test('a gap that is told again is corrected, not repeated', () => {
  const first = applyEvent(fromSnapshot(snapshot()), { type: 'gap', seq: 1, gap: gap('a', 3, 4) }, 0);
  const state = applyEvent(first, { type: 'gap', seq: 2, gap: gap('a', 3, 7) }, 0);
  assert.deepEqual(state.gaps, [gap('a', 3, 7)]);
  assert.equal(state.seq, 2);
});

test('gaps and the state of the transcription come with the snapshot and go with a reset', () => {
  const state = fromSnapshot(snapshot({ gaps: [gap('a', 1, 2)], voice: voice() }));
  assert.deepEqual([state.gaps.length, state.voice?.state], [1, 'listening']);
  const reset = afterReset(state, 'epoch-2');
  assert.deepEqual([reset.gaps, reset.voice], [[], null]);
});

test('a gap is told in the time of the clock on the wall, with its side', () => {
  const words = gapWords(gap('a', 63, 65), call({ started_at: '2026-01-05T12:00:00Z' }));
  assert.match(words, /^Not transcribed \d+:01:03–\d+:01:05/);
  assert.match(gapWords(gap('a', 63, 65, { speaker: 'customer' }), call()), /^Customer not transcribed /);
  assert.match(gapWords(gap('a', 63, 65, { speaker: 'agent' }), call()), /^Agent not transcribed /);
});

function view(health: VoiceHealth | null, status: 'active' | 'ended' = 'active'): CallView {
  const empty = loadingView('call-1', 0);
  const state = fromSnapshot(snapshot({ voice: health, call: call({ status }) }));
  return { ...empty, phase: 'ready', state, connection: { ...empty.connection, phase: 'live' } };
}

test('the state of the transcription is told in words', () => {
  const title = (health: VoiceHealth | null) => statusOf(view(health), 0).title;
  assert.equal(title(null), 'Connected');
  assert.equal(title(voice()), 'Connected');
  assert.equal(title(voice({ state: 'waiting' })), 'Waiting for the transcriber');
  assert.equal(title(voice({ state: 'lost' })), 'Transcription interrupted');
  assert.equal(title(voice({ transcription: 'degraded' })), 'Transcription delayed');
  assert.equal(title(voice({ transcription: 'unavailable' })), 'Transcription unavailable');
  assert.equal(statusOf(view(voice({ state: 'lost' }), 'ended'), 0).title, 'Call ended');
});

test('a known cause is told, and an unknown code is not', () => {
  const detail = (code: string) =>
    listeningOf(view(voice({ transcription: 'unavailable', detail: code })).state)?.detail;
  assert.match(detail('stt_unauthorized') ?? '', /refused the key; tell your administrator/);
  assert.equal(detail('E_42'), '');
});

test('a lost connection of the desk comes before what it cannot know', () => {
  const lost = view(voice({ transcription: 'unavailable' }));
  const connection = { ...lost.connection, phase: 'reconnecting', lostAtMs: 0, retryAtMs: 0 } as const;
  assert.equal(statusOf({ ...lost, connection }, 0).title, 'Reconnecting');
});

test('where the receptionist rings back, the line says when and how it went', () => {
  const waiting = { state: 'waiting', attempts: 1, next_attempt_at: '2026-01-05T14:05:00Z', last_status: '486' } as const;
  assert.match(callBackWords(waiting), /^The receptionist rings at .+, attempt 2$/);
  assert.equal(
    callBackWords({ ...waiting, state: 'given_up', attempts: 3, last_status: '480' }),
    'Nobody answered (3 attempts): please call yourself',
  );
  assert.match(callBackWords({ ...waiting, state: 'given_up' }), /^The line was busy \(1 attempt\)/);
  assert.equal(callBackWords({ ...waiting, state: 'ringing' }), 'The receptionist rings now, attempt 1');
});
