import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Question } from '../api/wire.js';
import { act } from '../shared/actions.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';

const SHOWN = 3;

@customElement('assist-questions')
export class Questions extends LitElement {
  @property({ attribute: false }) questions: readonly Question[] = [];

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
        margin: 4px 0;
      }
      h3 {
        display: flex;
        align-items: center;
        gap: 6px;
        padding: 0 4px 8px;
        font-size: var(--text-xs);
        font-weight: 500;
        color: var(--ink-2);
      }
      ul {
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        box-shadow: var(--shadow);
      }
      li {
        display: flex;
        align-items: flex-start;
        gap: 12px;
        padding: 10px 8px 10px 16px;
      }
      li + li {
        border-top: 1px solid var(--line);
      }
      p {
        flex: 1;
        min-width: 0;
        line-height: 24px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const open = this.questions.filter((question) => question.status === 'active');
    this.toggleAttribute('hidden', !open.length);
    if (!open.length) return nothing;
    const shown = [...open].sort((a, b) => a.priority - b.priority).slice(0, SHOWN);
    return html`<h3 id="title">${icon('question')}Ask the customer</h3>
      <ul aria-labelledby="title">
        ${repeat(
          shown,
          (question) => question.id,
          (question) => this.#item(question),
        )}
      </ul>`;
  }

  #item(question: Question) {
    return html`<li data-question=${question.id}>
      <p title=${question.purpose ?? ''}>${question.text}</p>
      <button
        class="small"
        type="button"
        aria-label="Copy question: ${question.text}"
        @click=${() => act(this, { kind: 'copy', text: question.text, what: 'Question', id: null })}
      >
        ${icon('copy')}Copy
      </button>
    </li>`;
  }
}
