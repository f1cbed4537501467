/**
 * Keeps cards where they are, and in the words they have, while a hand is on them: a click never lands on a card that
 * just arrived, and nobody's place in a text is lost.
 */

import { shownText, type Card } from './call-state.js';
import type { Deck } from './card-deck.js';

/** How long after the last movement on the cards new ones wait. */
export const HOLD_MS = 2_500;

export interface HeldDeck extends Deck {
  /** New cards that wait until the hand is off. */
  waiting: number;
  /** A card has new words that wait until the hand is off. */
  rewording: boolean;
}

export class DeckHold {
  #ids: readonly string[] = [];
  #known = new Set<string>();
  #shown = new Map<string, Card>();
  #untilMs = 0;

  touch(nowMs: number): void {
    this.#untilMs = nowMs + HOLD_MS;
  }

  release(): void {
    this.#untilMs = 0;
  }

  remainingMs(nowMs: number): number {
    return Math.max(0, this.#untilMs - nowMs);
  }

  /** `selecting`: some text on the cards is selected, for however long. */
  settle(dealt: Deck, nowMs: number, selecting = false): HeldDeck {
    const held = selecting || this.remainingMs(nowMs) > 0;
    const [deck, rewording] = held ? this.#worded(dealt) : [dealt, false];
    const all = [...deck.visible, ...deck.older];
    this.#shown = new Map(all.map((card) => [card.id, card]));
    const kept = this.#ids
      .map((id) => all.find((card) => card.id === id))
      .filter((card): card is Card => card !== undefined && !card.dismissed);
    const waiting = deck.visible.filter((card) => !this.#known.has(card.id)).length;
    if (!waiting || !kept.length || this.remainingMs(nowMs) === 0) {
      this.#ids = deck.visible.map((card) => card.id);
      this.#known = new Set(all.map((card) => card.id));
      return { ...deck, waiting: 0, rewording };
    }
    return { visible: kept, older: all.filter((card) => !kept.includes(card)), waiting, rewording };
  }

  /** The deck in the words that are on the screen, and whether there are newer ones. */
  #worded(deck: Deck): [Deck, boolean] {
    let rewording = false;
    const worded = (card: Card): Card => {
      const before = this.#shown.get(card.id);
      if (!before || shownText(before) === shownText(card)) return card;
      rewording = true;
      return { ...card, ...wordsOf(before) };
    };
    return [{ visible: deck.visible.map(worded), older: deck.older.map(worded) }, rewording];
  }
}

function wordsOf({ title, text, citations, confidence_score, answered_by, refined_at, draft }: Card) {
  return { title, text, citations, confidence_score, answered_by, refined_at, draft };
}
