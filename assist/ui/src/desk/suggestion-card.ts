import { LitElement, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { WithdrawReason } from '../api/wire.js';
import { act } from '../shared/actions.js';
import {
  blocksOf,
  CONFIDENCE_WORDS,
  confidenceOf,
  plainText,
  quotedPieces,
  showsQuote,
  splitAnswer,
  type Block,
} from '../shared/answer-text.js';
import { ago } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { pagesLabel, sourceHref, sourceLabel, sourcesOf, type Source } from '../shared/sources.js';
import { controls, reset } from '../shared/styles.js';
import { shownText, type Card } from '../store/call-state.js';
import type { Keymap } from '../store/shortcuts.js';
import './feedback-bar.js';
import { cardStyles } from './suggestion-card-styles.js';
import { VisibleOnce } from './visible-once.js';

/** Longer texts scroll inside the card, so the keyboard must reach them. */
const LONG_CHARS = 220;

/** The parts of the card that hold the answer. */
const ANSWER_PARTS = ['h3', '.rest'] as const;

const WITHDRAWN_WORDS: Readonly<Record<WithdrawReason, string>> = {
  superseded: 'Replaced by a newer answer',
  call_moved_on: 'The call has moved on',
  answered: 'Already answered',
};

@customElement('assist-card')
export class SuggestionCard extends LitElement {
  @property({ attribute: false }) card!: Card;
  @property({ attribute: false }) keymap!: Keymap;
  /** Place on the table, 1 to 3; 0 in the list of earlier cards. */
  @property({ type: Number }) place = 0;
  @property({ type: Boolean, reflect: true }) open = false;
  @property({ type: Boolean, reflect: true }) pinned = false;
  @property({ type: Boolean }) unsent = false;
  @property({ type: Boolean }) connected = true;
  /** The person may look on, not act. */
  @property({ type: Boolean }) watching = false;

  protected readonly visible = new VisibleOnce(this, () =>
    act(this, { kind: 'report', report: 'shown', id: this.card.id }),
  );

  #floors: readonly (readonly [string, number])[] | null = null;

  static override styles = [reset, controls, cardStyles];

  /** What is below the words stays where it is while they are replaced. */
  override willUpdate(): void {
    if (!this.card || this.card.draft === null) this.#floors = null;
    else this.#floors ??= ANSWER_PARTS.map((part) => [part, this.#part(part)?.offsetHeight ?? 0] as const);
  }

  override updated(): void {
    for (const part of ANSWER_PARTS) {
      const height = this.#floor(part);
      this.#part(part)?.style.setProperty('min-height', height ? `${height}px` : '');
    }
  }

  override render() {
    const { card } = this;
    const { headline, rest } = splitAnswer(shownText(card) || card.title);
    const withdrawn = card.status === 'withdrawn';
    return html`<article
      aria-label=${card.title}
      aria-busy=${card.draft === null ? nothing : 'true'}
      class=${withdrawn ? 'withdrawn' : card.origin}
      data-suggestion=${card.id}
    >
      <h3>
        <button
          class="headline"
          type="button"
          aria-expanded=${this.open}
          aria-keyshortcuts=${this.#keys() ?? nothing}
          @click=${this.#toggle}
        >
          <span>${this.open ? this.#marked(headline) : headline}</span
          >${this.place ? html`<kbd aria-hidden="true">${this.#keys()}</kbd>` : nothing}
        </button>
      </h3>
      ${this.#meta()} ${this.open ? this.#details(rest) : nothing}
    </article>`;
  }

  #meta() {
    const { card } = this;
    const confidence = confidenceOf(card.confidence_score);
    const percent = Math.round(card.confidence_score * 100);
    const reason = card.withdrawnReason ? WITHDRAWN_WORDS[card.withdrawnReason] : 'No longer fits the call';
    const state =
      card.status === 'withdrawn'
        ? html`<span class="state">${reason}</span>`
        : card.origin === 'supervisor'
          ? html`<span class="state person">${icon('person')}${card.answered_by}</span>`
          : html`<span class="state ${confidence}" title="Confidence ${percent} %">
            <i class="dot"></i>${CONFIDENCE_WORDS[confidence]}<span class="visually-hidden"
              >, ${percent} %</span
            >
          </span>`;
    return html`<p class="meta">
      ${state} ${this.open ? nothing : this.#author()} ${this.pinned ? html`<span class="pin">${icon('pin')}Pinned</span>` : nothing}
      <span class="title"
        >${this.open && this.#titleIsSource() ? nothing : card.title.replaceAll(' > ', ' › ')}</span
      >
      <time datetime=${card.created_at}>${ago(card.created_at, Date.now())}</time>
    </p>`;
  }

  /** In the closed card only what is out of the ordinary: a model writes or has written. */
  #author() {
    const { card } = this;
    if (card.draft !== null) return html`<span class="author">${icon('pen')}Writing…</span>`;
    if (isQuoted(card) || card.origin === 'supervisor') return nothing;
    return html`<span class="author" title=${card.answered_by}>${icon('pen')}By a model</span>`;
  }

  #origin() {
    const { card } = this;
    if (card.draft !== null)
      return html`<p class="origin">${icon('pen')}Writing an answer from these sources…</p>`;
    if (card.origin === 'supervisor')
      return html`<p class="origin">
        ${icon('person')}Answered by ${card.answered_by}<span class="quiet">for this call</span>
      </p>`;
    if (isQuoted(card)) return html`<p class="origin">${icon('check')}Quoted word for word</p>`;
    return html`<p class="origin" title=${card.answered_by}>
      ${icon('pen')}Written by a model<span class="quiet">from the sources below</span>
    </p>`;
  }

  #details(rest: string) {
    const { card } = this;
    return html`<div class="details">
      ${rest || this.#floor('.rest') ? html`<div class="rest" tabindex=${rest.length > LONG_CHARS ? 0 : nothing}>${blocksOf(rest).map((block) => this.#block(block))}</div>` : nothing}
      ${this.#origin()} ${sourcesOf(card.citations).map((source) => this.#source(source))}
      ${this.#buttons()}
      ${
        this.watching
          ? nothing
          : html`<assist-feedback
              .card=${card}
              .keymap=${this.keymap}
              ?unsent=${this.unsent && !this.connected}
            ></assist-feedback>`
      }
    </div>`;
  }

  #source(source: Source) {
    const { headline, rest } = splitAnswer(shownText(this.card) || this.card.title);
    const unseen = source.quotes.filter((quote) => quote.trim() && !showsQuote([headline, rest], quote));
    const quote = unseen.map(plainText).join(' … ');
    return html`<figure>
      ${
        quote
          ? html`<blockquote tabindex=${quote.length > LONG_CHARS ? 0 : nothing}>
              <mark>${quote}</mark>
            </blockquote>`
          : nothing
      }
      <figcaption>
        ${icon('article')}
        <a href=${sourceHref(source)} target="_blank" rel="noopener" @click=${this.#clicked}
          >${sourceLabel(source)}<span class="visually-hidden"> (opens in a new tab)</span></a
        >
        <span class="version"
          >${pagesLabel(source) ? html`<span>${pagesLabel(source)}</span>` : nothing}<span
            >Version ${source.version}</span
          ><assist-article-date .articleId=${source.articleId} .version=${source.version}></assist-article-date
        ></span>
      </figcaption>
    </figure>`;
  }

  #buttons() {
    const { card, keymap } = this;
    return html`<div class="buttons">
      <button
        class="outline small"
        type="button"
        aria-keyshortcuts=${keymap.copy}
        title=${keymap.copy}
        @click=${() => act(this, { kind: 'copy', text: shownText(card), what: 'Answer', id: card.id })}
      >
        ${icon('copy')}Copy answer
      </button>
      <button
        class="small"
        type="button"
        aria-pressed=${this.pinned}
        aria-keyshortcuts=${keymap.pin}
        title=${keymap.pin}
        @click=${() => act(this, { kind: 'pin', id: card.id })}
      >
        ${icon('pin')}${this.pinned ? 'Unpin' : 'Pin'}
      </button>
      ${
        card.dismissed || this.watching
          ? nothing
          : html`<button
              class="small"
              type="button"
              @click=${() => act(this, { kind: 'report', report: 'dismissed', id: card.id })}
            >
              ${icon('close')}Dismiss
            </button>`
      }
    </div>`;
  }

  /** The open card names its source below; saying it twice is noise. */
  #titleIsSource(): boolean {
    return this.card.citations.some((citation) => this.card.title.startsWith(citation.title));
  }

  #marked(part: string) {
    const quotes = this.card.citations.map((citation) => citation.quote).filter(Boolean);
    return quotedPieces(part, quotes).map((piece) =>
      piece.quoted ? html`<mark>${piece.text}</mark>` : piece.text,
    );
  }

  #block(block: Block) {
    if (block.kind === 'paragraph') return block.lines.map((line) => html`<p>${this.#marked(line)}</p>`);
    const items = block.lines.map((line) => html`<li>${this.#marked(line)}</li>`);
    return block.kind === 'steps'
      ? html`<ol>
          ${items}
        </ol>`
      : html`<ul>
          ${items}
        </ul>`;
  }

  /** Height in pixels that a part keeps while its words are replaced; 0 for none. */
  #floor(name: string): number {
    return this.#floors?.find(([part]) => part === name)?.[1] ?? 0;
  }

  #part(name: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(name);
  }

  #keys(): string | null {
    const { open1, open2, open3 } = this.keymap;
    return [open1, open2, open3][this.place - 1] ?? null;
  }

  #toggle(): void {
    if (!this.open) this.#clicked();
    this.dispatchEvent(
      new CustomEvent('card-toggle', { detail: this.card.id, bubbles: true, composed: true }),
    );
  }

  #clicked(): void {
    act(this, { kind: 'report', report: 'clicked', id: this.card.id });
  }
}

function isQuoted(card: Card): boolean {
  return card.answered_by === 'extractive';
}
