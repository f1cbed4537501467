/** Which suggestion cards are on the table, in which order, and which are put away. */

import type { Card } from './call-state.js';

export const VISIBLE_CARDS = 3;
export const PINNED_CARDS = 2;
/** How long a card that no longer fits stays, greyed, before it collapses into the list. */
export const WITHDRAWN_GRACE_MS = 8_000;

export interface Deck {
  /** The newest card first, then pinned cards, then the others; at most three. */
  visible: readonly Card[];
  older: readonly Card[];
}

export function dealCards(cards: readonly Card[], pinned: readonly string[], nowMs: number): Deck {
  const candidates = cards.filter((card) => belongsOnTable(card, pinned, nowMs));
  const [newest, ...rest] = candidates;
  const ranked = [...rest].sort((a, b) => rank(a, pinned) - rank(b, pinned));
  const visible = newest ? [newest, ...ranked].slice(0, VISIBLE_CARDS) : [];
  return { visible, older: cards.filter((card) => !visible.includes(card)) };
}

/** The pinned ids after one is toggled; a third pin lets go of the oldest, so the newest card keeps its place. */
export function togglePin(pinned: readonly string[], id: string): readonly string[] {
  if (pinned.includes(id)) return pinned.filter((other) => other !== id);
  return [...pinned, id].slice(-PINNED_CARDS);
}

/** Milliseconds until the next greyed card collapses, or null when none is waiting. */
export function nextCollapseMs(cards: readonly Card[], nowMs: number): number | null {
  const waits = cards
    .map((card) => (card.withdrawnAtMs ? card.withdrawnAtMs + WITHDRAWN_GRACE_MS - nowMs : 0))
    .filter((wait) => wait > 0);
  return waits.length ? Math.min(...waits) : null;
}

export function searchCards(cards: readonly Card[], text: string): readonly Card[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return cards.filter((card) => {
    const haystack = `${card.title} ${card.text} ${card.query ?? ''}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

function belongsOnTable(card: Card, pinned: readonly string[], nowMs: number): boolean {
  if (card.dismissed) return false;
  if (card.status === 'active' || pinned.includes(card.id)) return true;
  return nowMs - (card.withdrawnAtMs ?? 0) < WITHDRAWN_GRACE_MS;
}

function rank(card: Card, pinned: readonly string[]): number {
  if (pinned.includes(card.id)) return 0;
  return card.status === 'active' ? 1 : 2;
}
