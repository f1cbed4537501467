import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { act } from '../shared/actions.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import type { Keys } from '../store/shortcuts.js';

const LONGEST_CHARS = 500;

@customElement('assist-ask-box')
export class AskBox extends LitElement {
  @property({ attribute: false }) keys: Keys = '';
  @property({ attribute: false }) supervisorKeys: Keys = '';
  /** What was asked and is not answered yet. */
  @property({ attribute: false }) pending: readonly string[] = [];
  @property({ type: Boolean }) connected = false;
  /** Why nothing can be asked now; empty when it can. */
  @property({ attribute: false }) obstacle = '';
  @query('input') private readonly input!: HTMLInputElement;

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
        padding: 12px 16px;
        border-top: 1px solid var(--line);
      }
      form {
        position: relative;
        display: flex;
        gap: 8px;
      }
      .field {
        position: relative;
        flex: 1;
        min-width: 0;
      }
      .field .icon {
        position: absolute;
        left: 10px;
        top: 12px;
        color: var(--ink-3);
        pointer-events: none;
      }
      input {
        min-height: 40px;
        padding-left: 34px;
        padding-right: 56px;
      }
      kbd {
        position: absolute;
        right: 8px;
        top: 10px;
        pointer-events: none;
      }
      input:focus ~ kbd {
        visibility: hidden;
      }
      button {
        min-height: 40px;
        padding: 0 12px;
      }
      @media (max-width: 1180px) and (min-width: 720px) {
        .person span {
          display: none;
        }
      }
      @media (max-width: 719px) {
        kbd {
          display: none;
        }
        input {
          padding-right: 12px;
        }
      }
      .pending {
        margin-bottom: 8px;
        padding: 0 4px;
        font-size: var(--text-xs);
        color: var(--ink-3);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  /** Only ever called because the person asked for it. */
  focusInput(): void {
    this.input.focus();
    this.input.select();
  }

  override render() {
    return html`${this.pending.map((text) => this.#waiting(text))}
      <form @submit=${this.#submit} role="search" aria-label="Knowledge base">
        <div class="field">
          ${icon('search')}
          <input
            name="text"
            aria-label="Ask the knowledge base"
            aria-keyshortcuts=${this.keys}
            placeholder=${this.obstacle || 'Ask the knowledge base'}
            autocomplete="off"
            maxlength=${LONGEST_CHARS}
            ?disabled=${this.obstacle !== ''}
          />
          <kbd aria-hidden="true">${this.keys}</kbd>
        </div>
        <button class="outline" type="submit" ?disabled=${this.obstacle !== ''}>Ask</button>
        <button
          class="outline person"
          type="button"
          aria-label="Ask a supervisor"
          aria-keyshortcuts=${this.supervisorKeys}
          title="Ask a supervisor (${this.supervisorKeys})"
          ?disabled=${this.obstacle !== ''}
          @click=${this.#supervisor}
        >
          ${icon('person')}<span>Supervisor</span>
        </button>
      </form>`;
  }

  #waiting(text: string) {
    const state = this.connected ? 'Looking for' : 'Will be asked once connected:';
    return text ? html`<p class="pending">${state} “${text}”</p>` : nothing;
  }

  #supervisor(): void {
    const words = this.input.value.trim();
    this.dispatchEvent(new CustomEvent('ask-supervisor', { detail: words, bubbles: true, composed: true }));
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    act(this, { kind: 'ask', text });
    this.input.value = '';
  }
}
