/** Keeps cards where they are while a hand is on them, so that a click never lands on a card that just arrived. */

import type { Card } from './call-state.js';
import type { Deck } from './card-deck.js';

/** How long after the last movement on the cards new ones wait. */
export const HOLD_MS = 2_500;

export interface HeldDeck extends Deck {
  /** New cards that wait until the hand is off. */
  waiting: number;
}

export class DeckHold {
  #ids: readonly string[] = [];
  #known = new Set<string>();
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

  settle(deck: Deck, nowMs: number): HeldDeck {
    const all = [...deck.visible, ...deck.older];
    const kept = this.#ids
      .map((id) => all.find((card) => card.id === id))
      .filter((card): card is Card => card !== undefined && !card.dismissed);
    const waiting = deck.visible.filter((card) => !this.#known.has(card.id)).length;
    if (!waiting || !kept.length || this.remainingMs(nowMs) === 0) {
      this.#ids = deck.visible.map((card) => card.id);
      this.#known = new Set(all.map((card) => card.id));
      return { ...deck, waiting: 0 };
    }
    return { visible: kept, older: all.filter((card) => !kept.includes(card)), waiting };
  }
}
