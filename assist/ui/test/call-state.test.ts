import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEvent } from '../src/api/wire.js';
import {
  afterReset,
  applyDraft,
  applyEvent,
  applyInterim,
  classify,
  fromSnapshot,
  shownText,
  withoutUnfinished,
  type CallState,
} from '../src/store/call-state.js';
import { answered, call, question, segment, snapshot, suggestion } from './samples.js';

const NOW_MS = 1_000;

function follow(state: CallState, ...events: StoredEvent[]): CallState {
  return events.reduce((next, event) => applyEvent(next, event, NOW_MS), state);
}

const interim = { type: 'interim', speaker: 'customer', text: 'my rou', start_time: 1, end_time: 2 } as const;

test('that nothing was found is still told after the page was loaded anew', () => {
  const latest = { seq: 7, turn: 3, query: 'parking?', outcome: 'no_answer', origin: 'call' } as const;
  assert.deepEqual(fromSnapshot(snapshot({ seq: 9, latest })).turn, latest);
});

test('an event at or below the cursor is a repeat, and one beyond the next is a gap', () => {
  const state = fromSnapshot(snapshot({ seq: 4 }));
  assert.deepEqual(
    [3, 4, 5, 6].map((seq) => classify(state, seq)),
    ['repeated', 'repeated', 'applied', 'gap'],
  );
});

test('after a reset nothing of the call is left and the log may begin anywhere', () => {
  const followed = follow(
    fromSnapshot(snapshot()),
    { type: 'segment', seq: 1, segment: segment(1) },
    answered(2, ['a']),
  );
  const state = afterReset(followed, 'epoch-2');
  assert.deepEqual([state.segments, state.cards, state.epoch, state.seq], [[], [], 'epoch-2', 0]);
  assert.equal(classify(state, 57), 'applied');
  assert.equal(classify(follow(state, { type: 'segment', seq: 57, segment: segment(9) }), 57), 'repeated');
});

test('a final segment replaces the interim words of its speaker only', () => {
  const agent = { ...interim, speaker: 'agent', text: 'one mo' } as const;
  const heard = applyInterim(applyInterim(fromSnapshot(snapshot()), interim), agent);
  const state = follow(heard, { type: 'segment', seq: 1, segment: segment(1) });
  assert.deepEqual(Object.keys(state.interims), ['agent']);
});

test('later interim words replace the earlier ones, and empty ones clear them', () => {
  const first = applyInterim(fromSnapshot(snapshot()), interim);
  const second = applyInterim(first, { ...interim, text: 'my router' });
  assert.equal(second.interims.customer?.text, 'my router');
  assert.deepEqual(applyInterim(second, { ...interim, text: ' ' }).interims, {});
});

test('a segment that is sent again under its id is corrected in place', () => {
  const state = follow(
    fromSnapshot(snapshot()),
    { type: 'segment', seq: 1, segment: segment(1) },
    { type: 'segment', seq: 2, segment: segment(2) },
    { type: 'segment', seq: 3, segment: segment(1, { text: 'corrected' }) },
  );
  assert.deepEqual(
    state.segments.map((each) => each.text),
    ['corrected', 'words 2'],
  );
});

test('the newest suggestions come first, the best of a turn before the others', () => {
  const state = follow(fromSnapshot(snapshot()), answered(1, ['a', 'b']), answered(2, ['c']));
  assert.deepEqual(
    state.cards.map((card) => card.id),
    ['c', 'a', 'b'],
  );
});

test('a withdrawn card stays known, with the reason and the time', () => {
  const state = follow(fromSnapshot(snapshot()), answered(1, ['a']), {
    type: 'suggestion_withdrawn',
    seq: 2,
    suggestion_id: 'a',
    reason: 'call_moved_on',
  });
  const [card] = state.cards;
  assert.deepEqual(
    [card?.status, card?.withdrawnReason, card?.withdrawnAtMs],
    ['withdrawn', 'call_moved_on', NOW_MS],
  );
});

test('a card that was withdrawn before we looked has no time of withdrawal', () => {
  const state = fromSnapshot(snapshot({ suggestions: [suggestion('a', { status: 'withdrawn' })] }));
  assert.equal(state.cards[0]?.withdrawnAtMs, 0);
});

test('marks set on another desk show up on the card', () => {
  const state = follow(fromSnapshot(snapshot()), answered(1, ['a']), {
    type: 'suggestion_updated',
    seq: 2,
    suggestion_id: 'a',
    shown_to_agent: true,
    agent_clicked: true,
    agent_copied: false,
    dismissed: false,
    agent_feedback: 'helpful',
    feedback_reason: null,
  });
  assert.deepEqual([state.cards[0]?.agent_clicked, state.cards[0]?.agent_feedback], [true, 'helpful']);
});

test('an answered question is withdrawn', () => {
  const state = follow(
    fromSnapshot(snapshot()),
    answered(1, [], { outcome: 'clarify', clarifying_questions: [question('q')] }),
    { type: 'question_withdrawn', seq: 2, question_id: 'q', reason: 'answered' },
  );
  assert.equal(state.questions[0]?.status, 'withdrawn');
});

test('the end of the call clears words that were still being spoken', () => {
  const state = follow(applyInterim(fromSnapshot(snapshot()), interim), {
    type: 'call',
    seq: 1,
    call: call({ status: 'ended' }),
  });
  assert.deepEqual(state.interims, {});
});

const draft = { type: 'suggestion_delta', suggestion_id: 'a', text: 'Pay on', done: false } as const;

function refined(seq: number, change: object = {}) {
  const whole = { text: 'Pay online.', answered_by: 'small', refined_at: '2026-01-05T10:00:05Z', ...change };
  const card = suggestion('a', whole);
  return { type: 'suggestion_delta', seq, suggestion_id: 'a', text: card.text, done: true, suggestion: card } as const;
}

function texts(state: CallState): string[] {
  return state.cards.map(shownText);
}

test('what a model writes is shown in its card until it is done, and then the whole stays', () => {
  const quoted = follow(fromSnapshot(snapshot()), answered(1, ['a', 'b']));
  const writing = applyDraft(quoted, draft);
  assert.deepEqual(texts(writing), ['Pay on', 'Answer b.']);
  assert.equal(writing.seq, 1);
  const done = follow(writing, refined(2, { agent_feedback: 'helpful' }));
  assert.deepEqual(texts(done), ['Pay online.', 'Answer b.']);
  assert.deepEqual(
    [done.cards[0]?.draft, done.cards[0]?.answered_by, done.cards[0]?.agent_feedback, done.refined],
    [null, 'small', 'helpful', { seq: 2, id: 'a' }],
  );
});

test('an empty draft, a lost connection, a withdrawal and the end of the call bring the quoted text back', () => {
  const writing = applyDraft(follow(fromSnapshot(snapshot()), answered(1, ['a'])), draft);
  const withdrawn = { type: 'suggestion_withdrawn', seq: 2, suggestion_id: 'a', reason: 'superseded' } as const;
  const ends = [
    applyDraft(writing, { ...draft, text: '' }),
    withoutUnfinished(writing),
    follow(writing, withdrawn),
    follow(writing, { type: 'call', seq: 2, call: call({ status: 'ended' }) }),
  ];
  assert.deepEqual(ends.map(texts), [['Answer a.'], ['Answer a.'], ['Answer a.'], ['Answer a.']]);
});

test('a draft that comes late, or for a card that is gone, changes nothing', () => {
  const done = follow(fromSnapshot(snapshot()), answered(1, ['a', 'b']), refined(2), {
    type: 'suggestion_withdrawn',
    seq: 3,
    suggestion_id: 'b',
    reason: 'call_moved_on',
  });
  const late = [draft, { ...draft, suggestion_id: 'b' }, { ...draft, suggestion_id: 'unknown' }];
  assert.deepEqual(texts(late.reduce(applyDraft, done)), ['Pay online.', 'Answer b.']);
});
