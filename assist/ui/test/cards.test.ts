import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromSnapshot, type Card } from '../src/store/call-state.js';
import {
  WITHDRAWN_GRACE_MS,
  dealCards,
  nextCollapseMs,
  searchCards,
  togglePin,
} from '../src/store/card-deck.js';
import { DeckHold, HOLD_MS } from '../src/store/deck-hold.js';
import { snapshot, suggestion } from './samples.js';

const NOW_MS = 100_000;

function cards(...changes: Partial<Card>[]): readonly Card[] {
  const suggestions = changes.map((_, index) => suggestion(`card-${index + 1}`));
  return fromSnapshot(snapshot({ suggestions })).cards.map((card, index) => ({ ...card, ...changes[index] }));
}

function ids(some: readonly Card[]): string[] {
  return some.map((card) => card.id);
}

test('at most three cards lie on the table and the others are put away', () => {
  const deck = dealCards(cards({}, {}, {}, {}, {}), [], NOW_MS);
  assert.deepEqual(ids(deck.visible), ['card-1', 'card-2', 'card-3']);
  assert.deepEqual(ids(deck.older), ['card-4', 'card-5']);
});

test('a pinned card stays when newer ones arrive, and the newest keeps the first place', () => {
  const deck = dealCards(cards({}, {}, {}, {}, {}), ['card-5'], NOW_MS);
  assert.deepEqual(ids(deck.visible), ['card-1', 'card-5', 'card-2']);
});

test('a third pin lets go of the oldest pin', () => {
  assert.deepEqual(togglePin(['a', 'b'], 'c'), ['b', 'c']);
  assert.deepEqual(togglePin(['a', 'b'], 'a'), ['b']);
});

test('a withdrawn card is greyed for a while, then collapses unless it is pinned', () => {
  const greyed = cards({ status: 'withdrawn', withdrawnAtMs: NOW_MS - 1 }, {});
  assert.deepEqual(ids(dealCards(greyed, [], NOW_MS).visible), ['card-1', 'card-2']);
  assert.equal(nextCollapseMs(greyed, NOW_MS), WITHDRAWN_GRACE_MS - 1);
  const later = NOW_MS + WITHDRAWN_GRACE_MS;
  assert.deepEqual(ids(dealCards(greyed, [], later).visible), ['card-2']);
  assert.deepEqual(ids(dealCards(greyed, ['card-1'], later).visible), ['card-1', 'card-2']);
});

test('a dismissed card leaves the table but can be found again', () => {
  const deck = dealCards(cards({ dismissed: true }, {}), [], NOW_MS);
  assert.deepEqual([ids(deck.visible), ids(deck.older)], [['card-2'], ['card-1']]);
});

test('the search looks for every word in title, answer and question', () => {
  const found = searchCards(
    cards({ text: 'Reset the router' }, { title: 'Router lights', text: 'Blue' }),
    'ROUTER blue',
  );
  assert.deepEqual(ids(found), ['card-2']);
});

test('a new card waits while a hand is on the cards, and comes when it is off', () => {
  const hold = new DeckHold();
  const before = cards({ id: 'old' });
  hold.settle(dealCards(before, [], NOW_MS), NOW_MS);
  hold.touch(NOW_MS);
  const after = dealCards([...cards({ id: 'new' }), ...before], [], NOW_MS);
  const held = hold.settle(after, NOW_MS);
  assert.deepEqual([ids(held.visible), held.waiting], [['old'], 1]);
  const free = hold.settle(after, NOW_MS + HOLD_MS);
  assert.deepEqual([ids(free.visible), free.waiting], [['new', 'old'], 0]);
});

test('a card that takes the place of a dismissed one is not new and does not wait', () => {
  const hold = new DeckHold();
  hold.settle(dealCards(cards({}, {}, {}, {}), [], NOW_MS), NOW_MS);
  hold.touch(NOW_MS);
  const held = hold.settle(dealCards(cards({ dismissed: true }, {}, {}, {}), [], NOW_MS), NOW_MS);
  assert.deepEqual([ids(held.visible), held.waiting], [['card-2', 'card-3', 'card-4'], 0]);
});

test('the first card never waits', () => {
  const hold = new DeckHold();
  hold.touch(NOW_MS);
  assert.deepEqual(ids(hold.settle(dealCards(cards({}), [], NOW_MS), NOW_MS).visible), ['card-1']);
});

test('the words of a card stay while a hand is on it or words of it are selected, and then change', () => {
  const hold = new DeckHold();
  const before = cards({});
  const after = before.map((card) => ({ ...card, text: 'New words', agent_feedback: 'helpful' as const }));
  const settled = (nowMs: number, selecting: boolean) => {
    const held = hold.settle(dealCards(after, [], nowMs), nowMs, selecting);
    const [card] = held.visible;
    return [card?.text, card?.agent_feedback, held.rewording];
  };
  hold.settle(dealCards(before, [], NOW_MS), NOW_MS);
  hold.touch(NOW_MS);
  assert.deepEqual(settled(NOW_MS, false), ['Answer card-1.', 'helpful', true]);
  assert.deepEqual(settled(NOW_MS + HOLD_MS, true), ['Answer card-1.', 'helpful', true]);
  assert.deepEqual(settled(NOW_MS + HOLD_MS, false), ['New words', 'helpful', false]);
});
