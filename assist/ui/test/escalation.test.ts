import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Escalation, StoredEvent } from '../src/api/wire.js';
import { Attention } from '../src/desk/attention.js';
import { stateWords } from '../src/desk/escalations.js';
import { minutesUntil } from '../src/shared/format.js';
import { applyEvent, fromSnapshot, type CallState } from '../src/store/call-state.js';
import { loadingView, type CallView } from '../src/store/desk-state.js';
import { confirmedBy, put } from '../src/store/outbox.js';
import { answered, snapshot, suggestion } from './samples.js';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');

function escalation(id: string, change: Partial<Escalation> = {}): Escalation {
  return {
    id,
    question: 'Can I pay in gold?',
    status: 'pending',
    priority: 'medium',
    escalated: false,
    assigned_to_name: null,
    due_at: '2026-01-05T10:04:00Z',
    created_at: '2026-01-05T10:00:00Z',
    resolved_at: null,
    suggestion_id: null,
    origin: 'pipeline',
    ...change,
  };
}

function follow(state: CallState, ...events: StoredEvent[]): CallState {
  return events.reduce((next, event) => applyEvent(next, event, NOW_MS), state);
}

test('a question to a supervisor is told once, newest first, and later news of it replaces the earlier', () => {
  const state = follow(
    fromSnapshot(snapshot()),
    { type: 'escalation', seq: 1, escalation: escalation('a') },
    { type: 'escalation', seq: 2, escalation: escalation('b', { question: 'Other?' }) },
    { type: 'escalation', seq: 3, escalation: escalation('a', { status: 'in_progress' }) },
  );
  assert.deepEqual(
    state.escalations.map(({ id, status }) => [id, status]),
    [
      ['b', 'pending'],
      ['a', 'in_progress'],
    ],
  );
});

test('an offer to ask a supervisor is gone once the question is asked', () => {
  const offered = follow(fromSnapshot(snapshot()), {
    type: 'escalation_offer',
    seq: 1,
    turn: 2,
    question: 'Can I pay in gold?',
  });
  assert.equal(offered.offer?.question, 'Can I pay in gold?');
  const asked = follow(offered, { type: 'escalation', seq: 2, escalation: escalation('a') });
  assert.equal(asked.offer, null);
});

test('a question waits in the outbox until the server tells of the same question, however it is written', () => {
  const message = { type: 'escalate', question: 'Can I pay in gold', request_id: '1' } as const;
  const outbox = put([], message);
  const other = escalation('b', { question: 'Something else' });
  assert.equal(confirmedBy(outbox, { type: 'escalation', seq: 1, escalation: other }).length, 1);
  const same = escalation('a', { question: 'can I pay in gold?' });
  assert.equal(confirmedBy(outbox, { type: 'escalation', seq: 2, escalation: same }).length, 0);
});

test('what happens with a question is said in words, with the time that is left', () => {
  assert.equal(stateWords(escalation('a'), NOW_MS), 'Waiting for a supervisor, due in 4 min');
  const taken = escalation('a', { status: 'in_progress', assigned_to_name: 'Helena' });
  assert.equal(stateWords(taken, NOW_MS + 360_000), 'Helena is answering, overdue 2 min');
  const passed = escalation('a', { escalated: true, assigned_to_name: 'Ines', due_at: null });
  assert.equal(stateWords(passed, NOW_MS), 'Passed on: waiting for Ines');
  assert.equal(stateWords(escalation('a', { status: 'unresolved' }), NOW_MS), 'No supervisor could answer this');
});

test('long waits are told in hours', () => {
  assert.equal(minutesUntil('2026-01-06T10:00:00Z', NOW_MS), 'due in 24 h');
  assert.equal(minutesUntil('2026-01-05T10:00:10Z', NOW_MS), 'due now');
});

test('a supervisor calls for attention once an answer or whisper, and not for what was there before', () => {
  let rung = 0;
  const page = { title: 'Assist', hidden: true };
  const attention = new Attention(() => (rung += 1), page);
  const view = (state: CallState): CallView => ({ ...loadingView('call-1', 0), phase: 'ready', state });
  const early = suggestion('old', { type: 'supervisor_answer' });
  const before = fromSnapshot(snapshot({ suggestions: [early] }));
  attention.notice(view(before), true);
  assert.equal(rung, 0);
  const card = suggestion('new', { type: 'supervisor_answer', turn: null });
  const after = follow(before, answered(1, [], { origin: 'supervisor', suggestions: [card] }));
  attention.notice(view(after), true);
  attention.notice(view(after), true);
  assert.deepEqual([rung, page.title], [1, '(1) Answer from a supervisor']);
  const whisper = { id: 'w', text: 'Offer a refund', from_name: 'Helena', at: '2026-01-05T10:00:00Z' };
  attention.notice(view(follow(after, { type: 'whisper', seq: 2, whisper })), false);
  assert.equal(rung, 1);
  attention.seen();
  assert.equal(page.title, 'Assist');
});

test('a card knows that a supervisor wrote it, live and after a reload', () => {
  const card = suggestion('s', { type: 'supervisor_answer', turn: null });
  const live = follow(fromSnapshot(snapshot()), answered(1, [], { origin: 'supervisor', suggestions: [card] }));
  const reloaded = fromSnapshot(snapshot({ suggestions: [card] }));
  assert.deepEqual([live.cards[0]?.origin, reloaded.cards[0]?.origin], ['supervisor', 'supervisor']);
});
