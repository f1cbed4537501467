import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Whisper } from '../api/wire.js';
import { formStyles } from '../shared/form-styles.js';
import { clock } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import { readJson, writeJson } from '../store/preferences.js';

const MAX_CHARS = 1_000;

/** A word to the agent that the customer does not hear. */
@customElement('assist-whisper-box')
export class WhisperBox extends LitElement {
  @property({ attribute: false }) whispers: readonly Whisper[] = [];
  @property({ attribute: false }) whisper!: (text: string) => Promise<string>;
  @property() sessionId = '';
  @property({ type: Boolean }) mayWhisper = false;
  @property({ type: Boolean }) ended = false;
  @state() private text = '';
  @state() private sending = false;
  @state() private problem = '';
  #shown = 0;

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        display: block;
        padding: 8px 24px 16px;
        border-top: 1px solid var(--line);
        background: var(--surface-2);
      }
      h3 {
        font-size: var(--text-xs);
        line-height: 24px;
        font-weight: 500;
        color: var(--ink-3);
      }
      ol {
        display: grid;
        gap: 4px;
        max-height: 120px;
        overflow-y: auto;
        padding-bottom: 8px;
        overflow-wrap: anywhere;
      }
      li {
        white-space: pre-line;
      }
      .by {
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 8px;
        align-items: end;
      }
      textarea {
        min-height: 56px;
        max-height: 160px;
        resize: none;
      }
      form button {
        min-height: 36px;
        padding: 0 12px;
      }
      .problem {
        margin-top: 8px;
      }
      @media (max-width: 719px) {
        :host {
          padding: 8px 16px 12px;
        }
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('sessionId')) return;
    this.text = readJson<string>(sessionStorage, this.#key()) ?? '';
    this.problem = '';
    this.#shown = 0;
  }

  override updated(): void {
    if (this.whispers.length === this.#shown) return;
    this.#shown = this.whispers.length;
    const list = this.renderRoot.querySelector('ol');
    if (list) list.scrollTop = list.scrollHeight;
  }

  override render() {
    if (!this.mayWhisper && !this.whispers.length) return nothing;
    return html`<h3 id="title">Whispers to the agent; the customer does not hear them</h3>
      <div role="log" aria-labelledby="title">
        ${
          this.whispers.length
            ? html`<ol tabindex="0" aria-label="Whispers">
                ${repeat(
                  this.whispers,
                  (one) => one.id,
                  (one) =>
                    html`<li><span class="by">${one.from_name}, ${clock(one.at)}</span> ${one.text}</li>`,
                )}
              </ol>`
            : nothing
        }
      </div>
      ${this.mayWhisper ? this.#form() : nothing}`;
  }

  #form() {
    if (this.ended) return html`<p class="quiet">The call has ended; nobody is there to read a whisper.</p>`;
    return html`<form @submit=${this.#submitted}>
        <textarea
          aria-label="Whisper to the agent"
          placeholder="Whisper to the agent"
          rows="2"
          maxlength=${MAX_CHARS}
          .value=${this.text}
          @input=${(event: Event) => this.#typed((event.target as HTMLTextAreaElement).value)}
          @keydown=${this.#pressed}
        ></textarea>
        <button
          class="primary"
          type="submit"
          aria-keyshortcuts="Control+Enter"
          title="Ctrl+Enter"
          ?disabled=${this.sending || !this.text.trim()}
        >
          ${icon('send')}${this.sending ? 'Sending…' : 'Whisper'}
        </button>
      </form>
      <div role="alert">
        ${this.problem ? html`<p class="problem">${icon('warn')}<span>${this.problem}</span></p>` : nothing}
      </div>`;
  }

  #typed(text: string): void {
    this.text = text;
    if (text) writeJson(sessionStorage, this.#key(), text);
    else sessionStorage.removeItem(this.#key());
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    void this.#send();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void this.#send();
  }

  async #send(): Promise<void> {
    const text = this.text.trim();
    if (!text || this.sending) return;
    const { sessionId } = this;
    this.sending = true;
    this.problem = '';
    const problem = await this.whisper(text);
    this.sending = false;
    if (sessionId !== this.sessionId) return;
    this.problem = problem;
    if (problem) return;
    this.#typed('');
    this.renderRoot.querySelector('textarea')?.focus();
  }

  #key(): string {
    return `assist.whisper.${this.sessionId}`;
  }
}
