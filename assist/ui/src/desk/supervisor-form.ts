import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { act } from '../shared/actions.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';

const LONGEST_CHARS = 2_000;

/** A question to a supervisor, in the agent's words. What is typed stays until it is sent or put away. */
@customElement('assist-supervisor-form')
export class SupervisorForm extends LitElement {
  @property({ type: Boolean }) connected = false;
  @query('textarea') private readonly words!: HTMLTextAreaElement;

  static override styles = [
    reset,
    controls,
    css`
      form {
        display: grid;
        gap: 8px;
        padding: 12px 16px;
        border-top: 1px solid var(--line);
        background: var(--surface);
      }
      label {
        display: flex;
        align-items: center;
        gap: 6px;
        font-weight: 600;
      }
      textarea {
        width: 100%;
        min-height: 72px;
        max-height: 30vh;
        padding: 8px 12px;
        resize: vertical;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-s);
        background: var(--surface);
        color: var(--ink);
        font: var(--text-s) / 1.5 var(--font);
      }
      textarea:focus-visible {
        outline: 2px solid var(--accent);
        outline-offset: -1px;
        border-color: var(--accent);
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: flex-end;
        gap: 8px;
      }
      .hint {
        flex: 1 1 160px;
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
    `,
  ];

  /** Fills in the question unless something is being typed already; called because the person asked for it. */
  begin(question: string): void {
    if (!this.words.value.trim()) this.words.value = question;
    this.words.focus();
    this.words.setSelectionRange(this.words.value.length, this.words.value.length);
  }

  override render() {
    return html`<form @submit=${this.#submit} @keydown=${this.#keydown} aria-label="Ask a supervisor">
      <label for="question">${icon('person')}Question for a supervisor</label>
      <textarea
        id="question"
        name="question"
        maxlength=${LONGEST_CHARS}
        required
        aria-describedby="hint"
      ></textarea>
      <div class="foot">
        <p class="hint" id="hint">
          ${this.connected ? 'They see the last lines of the call. The answer appears here.' : 'Sent as soon as the connection is back.'}
        </p>
        <button type="button" @click=${this.#close}>Cancel</button>
        <button class="primary" type="submit" title="Ctrl+Enter">${icon('send')}Send</button>
      </div>
    </form>`;
  }

  #keydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.#close();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#submit(event);
  }

  #submit(event: Event): void {
    event.preventDefault();
    const question = this.words.value.trim();
    if (!question) return this.words.focus();
    act(this, { kind: 'escalate', question });
    this.words.value = '';
    this.#close();
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('form-close', { bubbles: true, composed: true }));
  }
}
