import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterAttempt, confirmedBy, put, withPending, withPendingSubjects, type Outbox } from '../src/store/outbox.js';
import { fromSnapshot } from '../src/store/call-state.js';
import { answered, snapshot, suggestion } from './samples.js';

const helpful = { type: 'feedback', suggestion_id: 'a', feedback: 'helpful' } as const;

function updated(change: object) {
  const { shown_to_agent, agent_clicked, agent_copied, dismissed, agent_feedback, feedback_reason } =
    suggestion('a');
  const marks = { shown_to_agent, agent_clicked, agent_copied, dismissed, agent_feedback, feedback_reason };
  return { type: 'suggestion_updated', seq: 1, suggestion_id: 'a', ...marks, ...change } as const;
}

test('a later verdict on a card replaces one that was not sent yet', () => {
  const outbox = put(put([], helpful), { ...helpful, feedback: 'irrelevant' });
  assert.deepEqual(
    outbox.map((item) => item.message),
    [{ ...helpful, feedback: 'irrelevant' }],
  );
});

test('a verdict waits until the server repeats it, reason included', () => {
  const outbox = put([], { ...helpful, reason: 'clear' });
  assert.equal(confirmedBy(outbox, updated({ agent_feedback: 'helpful' })).length, 1);
  assert.equal(
    confirmedBy(outbox, updated({ agent_feedback: 'helpful', feedback_reason: 'clear' })).length,
    0,
  );
});

test('a mark on one card does not confirm the same mark on another', () => {
  const outbox = put([], { type: 'copied', suggestion_id: 'b' });
  assert.equal(confirmedBy(outbox, updated({ agent_copied: true })).length, 1);
});

test('an answer confirms the question with its words before any other', () => {
  const asks = ['line test', 'refund'].reduce<Outbox>(
    (outbox, text) => put(outbox, { type: 'ask', text, request_id: text }),
    [],
  );
  const left = confirmedBy(asks, answered(1, [], { origin: 'ask', query: 'Refund' }));
  assert.deepEqual(
    left.map((item) => item.key),
    ['ask:line test'],
  );
});

test('an answer to the call confirms no question that was asked by hand', () => {
  const outbox = put([], { type: 'ask', text: 'refund', request_id: '1' });
  assert.equal(confirmedBy(outbox, answered(1, [], { query: 'refund' })).length, 1);
});

test('what the server keeps ignoring is given up in the end', () => {
  let outbox: Outbox = put([], helpful);
  for (let attempt = 0; attempt < 5; attempt += 1) outbox = afterAttempt(outbox, ['feedback:a']);
  assert.equal(outbox.length, 0);
});

test('a card shows the verdict that still waits', () => {
  const { cards } = fromSnapshot(snapshot({ suggestions: [suggestion('a')] }));
  const [card] = withPending(cards, put(put([], helpful), { type: 'dismissed', suggestion_id: 'a' }));
  assert.deepEqual([card?.agent_feedback, card?.dismissed], ['helpful', true]);
});

const context = {
  has_sufficient_context: true,
  detected_issue: null,
  detected_entities: [],
  needs_clarification: false,
  confidence: 1,
  subjects: [
    { name: 'Hub', kind: 'product', salience: 1 },
    { name: 'App', kind: 'product', salience: 0.5 },
  ],
  dismissed_subjects: [],
};

test('a subject that is taken off is gone at once, and waits until the server says so', () => {
  const outbox = put([], { type: 'dismiss_subject', name: 'Hub' });
  const shown = withPendingSubjects(context, outbox);
  assert.deepEqual(
    [shown?.subjects?.map((subject) => subject.name), shown?.dismissed_subjects],
    [['App'], ['Hub']],
  );
  const told = { type: 'context', seq: 1, context } as const;
  assert.equal(confirmedBy(outbox, told).length, 1);
  const dismissed = { ...context, dismissed_subjects: ['Hub'] };
  assert.equal(confirmedBy(outbox, { ...told, context: dismissed }).length, 0);
});

test('putting a subject back replaces taking it off', () => {
  const outbox = put(put([], { type: 'dismiss_subject', name: 'Hub' }), { type: 'restore_subject', name: 'Hub' });
  assert.deepEqual(
    outbox.map((item) => item.message.type),
    ['restore_subject'],
  );
  const shown = withPendingSubjects({ ...context, dismissed_subjects: ['Hub'] }, outbox);
  assert.deepEqual(shown?.dismissed_subjects, []);
  assert.equal(withPendingSubjects(null, outbox), null);
});

test('a mark on a card confirms no correction of a subject', () => {
  const outbox = put([], { type: 'dismiss_subject', name: 'a' });
  assert.equal(confirmedBy(outbox, updated({ dismissed: true })).length, 1);
});
