import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { splitAnswer } from '../shared/answer-text.js';
import { clock } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import type { Card } from '../store/call-state.js';
import { searchCards } from '../store/card-deck.js';
import type { Keymap } from '../store/shortcuts.js';
import './suggestion-card.js';

/** Below this many a search box is in the way. */
const SEARCH_FROM = 4;

@customElement('assist-older-cards')
export class OlderCards extends LitElement {
  @property({ attribute: false }) cards: readonly Card[] = [];
  @property({ attribute: false }) pinned: readonly string[] = [];
  @property({ attribute: false }) keymap!: Keymap;
  @property({ type: Boolean }) watching = false;
  @state() private search = '';
  @state() private openId: string | null = null;

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
      }
      summary {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 32px;
        padding: 0 4px;
        border-radius: var(--radius-s);
        color: var(--ink-2);
        font-weight: 500;
        cursor: pointer;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        color: var(--ink);
      }
      details:not([open]) summary .icon {
        transform: rotate(-90deg);
      }
      .count {
        color: var(--ink-3);
        font-variant-numeric: tabular-nums;
      }
      input {
        min-height: 32px;
        margin: 4px 0 8px;
      }
      ul {
        display: grid;
        gap: 2px;
      }
      .row {
        display: grid;
        grid-template-columns: 44px minmax(0, 1fr) auto;
        align-items: baseline;
        justify-content: stretch;
        gap: 8px;
        width: 100%;
        padding: 6px 4px;
        font-weight: 400;
        text-align: left;
      }
      .line {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        color: var(--ink-2);
      }
      .time,
      .why {
        font-size: var(--text-xs);
        color: var(--ink-3);
        font-variant-numeric: tabular-nums;
      }
      assist-card {
        margin: 4px 0 8px;
      }
      .none {
        padding: 8px 4px;
        color: var(--ink-3);
      }
    `,
  ];

  override render() {
    if (!this.cards.length) return nothing;
    const found = searchCards(this.cards, this.search);
    return html`<details>
      <summary>${icon('chevron')}Earlier suggestions <span class="count">${this.cards.length}</span></summary>
      ${this.cards.length >= SEARCH_FROM ? this.#searchBox() : nothing}
      ${found.length ? nothing : html`<p class="none">None of them has these words.</p>`}
      <ul aria-label="Earlier suggestions">
        ${repeat(
          found,
          (card) => card.id,
          (card) => html`<li>${this.#item(card)}</li>`,
        )}
      </ul>
    </details>`;
  }

  #searchBox() {
    return html`<input
      type="search"
      aria-label="Search earlier suggestions"
      placeholder="Search earlier suggestions"
      .value=${this.search}
      @input=${(event: InputEvent) => (this.search = (event.target as HTMLInputElement).value)}
    />`;
  }

  #item(card: Card) {
    if (card.id === this.openId) {
      return html`<assist-card
        .card=${card}
        .keymap=${this.keymap}
        ?pinned=${this.pinned.includes(card.id)}
        ?watching=${this.watching}
        open
        @card-toggle=${this.#close}
      ></assist-card>`;
    }
    return html`<button
      class="row"
      type="button"
      aria-label="${card.title}: show again"
      @click=${() => (this.openId = card.id)}
    >
      <span class="time">${clock(card.created_at)}</span>
      <span class="line">${splitAnswer(card.text || card.title).headline}</span>
      <span class="why">${card.dismissed ? 'Dismissed' : ''}</span>
    </button>`;
  }

  #close(event: Event): void {
    event.stopPropagation();
    this.openId = null;
  }
}
