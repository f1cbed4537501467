import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formStyles } from '../shared/form-styles.js';
import { clock } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { controls, reset } from '../shared/styles.js';
import { copyText } from './copy-text.js';
import type { RequestStore } from './request-store.js';

/** Somebody was first: their answer beside one's own text. */
@customElement('assist-conflict')
export class ConflictView extends LitElement {
  @property({ attribute: false }) store!: RequestStore;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        display: block;
      }
      section {
        display: grid;
        gap: 12px;
        padding: 16px;
        border: 1px solid var(--warn);
        border-radius: 12px;
        background: var(--surface);
      }
      h3 {
        display: flex;
        gap: 8px;
        color: var(--warn);
      }
      h3 .icon {
        margin-top: 2px;
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(240px, 1fr));
        gap: 12px;
      }
      h4 {
        margin: 0 0 4px;
        font-size: var(--text-xs);
        font-weight: 500;
        color: var(--ink-3);
      }
      .text {
        max-height: 240px;
        overflow-y: auto;
        padding: 8px 12px;
        border-radius: var(--radius-s);
        background: var(--surface-2);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
    `,
  ];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  override render() {
    const { conflict, composition } = this.store.state;
    if (!conflict) return nothing;
    return html`<section aria-labelledby="title">
      <h3 id="title" role="alert">${icon('warn')}<span>${this.#title()}</span></h3>
      <div class="pair">
        <div>
          <h4>${conflict.answer ? `The answer of ${conflict.answered_by_name ?? 'a colleague'}, which counts` : 'How it ended'}</h4>
          <div class="text" tabindex="0">${conflict.answer ?? 'The time ran out, and it ended unresolved.'}</div>
        </div>
        <div>
          <h4>Your text, which was not sent</h4>
          <div class="text" tabindex="0">${composition.answer}</div>
        </div>
      </div>
      <div class="buttons">
        <button class="outline" type="button" @click=${this.#copied}>${icon('copy')}Copy your text</button>
        <button type="button" @click=${() => this.store.dismissConflict()}>Let your text go</button>
      </div>
    </section>`;
  }

  #title(): string {
    const conflict = this.store.state.conflict;
    if (!conflict?.answer) return 'This request ended before your answer';
    const when = conflict.resolved_at ? ` at ${clock(conflict.resolved_at)}` : '';
    return `${conflict.answered_by_name ?? 'A colleague'} answered first${when}`;
  }

  readonly #copied = async (): Promise<void> => {
    const copied = await copyText(this.store.state.composition.answer);
    this.store.told(copied ? 'Your text is copied' : 'The browser did not allow copying. Select the text instead.');
  };
}
