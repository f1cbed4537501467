import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { clock, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import './diff-view.js';
import type { Fields } from './fields.js';
import { diffTexts } from './text-diff.js';
import type { FullArticle } from './wire.js';

/** Somebody else has saved meanwhile: both texts, and nothing is lost before a person has chosen. */
@customElement('assist-conflict')
export class Conflict extends LitElement {
  @property({ attribute: false }) theirs!: FullArticle;
  @property({ attribute: false }) mine!: Fields;

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 16px;
      }
      .told {
        display: flex;
        gap: 8px;
        padding: 12px 16px;
        border-radius: var(--radius);
        background: var(--warn-soft);
        color: var(--warn);
        overflow-wrap: anywhere;
      }
      .told .icon {
        margin-top: 2px;
      }
      .told p {
        color: var(--ink);
      }
      .both {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 16px;
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        grid-template-rows: auto auto 1fr auto;
        gap: 8px;
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        overflow-wrap: anywhere;
      }
      pre {
        margin: 0;
        max-height: 36vh;
        overflow-y: auto;
        white-space: pre-wrap;
        font: inherit;
        color: var(--ink-2);
      }
      h2:focus-visible {
        outline: none;
      }
      h3 {
        padding-bottom: 4px;
      }
      .by {
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      section button {
        justify-self: start;
        min-height: 36px;
        padding: 0 12px;
      }
      @media (max-width: 719px) {
        .both {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('h2')?.focus();
  }

  override render() {
    const { theirs, mine } = this;
    const when = `${day(theirs.updated_at)}, ${clock(theirs.updated_at)}`;
    return html`<div class="told">
        ${icon('warn')}
        <div>
          <h2 tabindex="-1">Somebody else has changed this article meanwhile</h2>
          <p>
            ${theirs.author ?? 'Another person'} saved version ${theirs.version} (${when}) while you were writing.
            Nothing is lost: choose the text to go on with.
          </p>
        </div>
      </div>
      <div class="both">
        <section aria-labelledby="theirs">
          <h3 id="theirs">Stored now: version ${theirs.version}</h3>
          <p class="by">${theirs.title}</p>
          <pre tabindex="0" role="region" aria-label="Stored text">${theirs.body}</pre>
          <button class="outline" type="button" @click=${() => this.#choose('take-theirs')}>Take this text</button>
        </section>
        <section aria-labelledby="mine">
          <h3 id="mine">Yours: not saved</h3>
          <p class="by">${mine.title}</p>
          <pre tabindex="0" role="region" aria-label="Your text">${mine.body}</pre>
          <button class="primary" type="button" @click=${() => this.#choose('keep-mine')}>
            Go on with my text
          </button>
        </section>
      </div>
      <div>
        <h3>From the stored text to yours</h3>
        <assist-diff label="From the stored text to yours" .rows=${diffTexts(theirs.body, mine.body)}></assist-diff>
      </div>`;
  }

  #choose(kind: 'take-theirs' | 'keep-mine'): void {
    this.dispatchEvent(new CustomEvent(kind));
  }
}
