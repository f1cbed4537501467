import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Escalation } from '../api/wire.js';
import { minutesUntil } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';

const TICK_MS = 15_000;

/** Questions that wait for a supervisor, and those that found none. An answered one is a card. */
@customElement('assist-escalations')
export class Escalations extends LitElement {
  @property({ attribute: false }) escalations: readonly Escalation[] = [];
  /** Sent by the agent and not confirmed yet. */
  @property({ attribute: false }) sending: readonly string[] = [];
  @property({ type: Boolean }) connected = false;
  @state() private hiddenIds: ReadonlySet<string> = new Set();
  protected readonly ticker = new Ticker(this, TICK_MS);

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
      }
      ul {
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
      }
      li {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr) auto;
        align-items: start;
        gap: 0 8px;
        padding: 8px 8px 8px 12px;
      }
      li + li {
        border-top: 1px solid var(--line);
      }
      li > .icon {
        margin-top: 2px;
        color: var(--accent);
      }
      .unresolved > .icon {
        color: var(--warn);
      }
      .state {
        font-weight: 500;
      }
      .question {
        grid-column: 2;
        font-size: var(--text-xs);
        color: var(--ink-3);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  override render() {
    const open = this.escalations.filter((one) => one.status !== 'resolved' && !this.hiddenIds.has(one.id));
    this.toggleAttribute('hidden', !open.length && !this.sending.length);
    return html`<ul aria-label="Questions to supervisors">
      ${this.sending.map((question) => this.#sending(question))}
      ${repeat(
        open,
        (one) => one.id,
        (one) => this.#item(one),
      )}
    </ul>`;
  }

  #sending(question: string) {
    const words = this.connected ? 'Asking a supervisor…' : 'A supervisor is asked once connected';
    return html`<li>
      ${icon('send')}<span class="state">${words}</span><span class="question">${question}</span>
    </li>`;
  }

  #item(one: Escalation) {
    const ended = one.status === 'unresolved';
    return html`<li class=${one.status} data-escalation=${one.id}>
      ${icon(ended ? 'warn' : 'person')}
      <span class="state">${stateWords(one, Date.now())}</span>
      ${
        ended
          ? html`<button
              class="small"
              type="button"
              aria-label="Hide this question"
              @click=${() => (this.hiddenIds = new Set([...this.hiddenIds, one.id]))}
            >
              ${icon('close')}Hide
            </button>`
          : nothing
      }
      <span class="question" title=${one.question}>${one.question}</span>
    </li>`;
  }
}

/** What happens with a question now, in words. */
export function stateWords(one: Escalation, nowMs: number): string {
  if (one.status === 'unresolved') return 'No supervisor could answer this';
  const due = one.due_at ? `, ${minutesUntil(one.due_at, nowMs)}` : '';
  if (one.status === 'in_progress') return `${one.assigned_to_name ?? 'A supervisor'} is answering${due}`;
  const passed = one.escalated ? 'Passed on: waiting for' : 'Waiting for';
  return `${passed} ${one.assigned_to_name ?? 'a supervisor'}${due}`;
}
