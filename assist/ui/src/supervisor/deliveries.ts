import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Notification } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { clock, day } from '../shared/format.js';
import { controls, reset } from '../shared/styles.js';
import { channelWords, eventWords } from './words.js';

const STATES: Readonly<Record<Notification['state'], { words: string; tone: string }>> = {
  sent: { words: 'Sent', tone: 'ok' },
  pending: { words: 'On its way', tone: '' },
  dead: { words: 'Failed', tone: 'bad' },
  cancelled: { words: 'Cancelled', tone: '' },
};

/** Every message and every attempt at it. Sends `resend` with the id. */
@customElement('assist-deliveries')
export class Deliveries extends LitElement {
  @property({ attribute: false }) notifications: readonly Notification[] = [];
  @property({ type: Boolean }) resendable = false;

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        display: block;
      }
      summary {
        width: fit-content;
        min-height: 28px;
        line-height: 28px;
        font-weight: 500;
        color: var(--ink-2);
        cursor: pointer;
        border-radius: 4px;
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 2px 8px;
        align-items: center;
        padding: 8px 0;
        border-top: 1px solid var(--line);
      }
      .what {
        overflow-wrap: anywhere;
      }
      li.attempt {
        display: block;
        padding: 0;
        border: 0;
      }
      .why,
      ol {
        grid-column: 2 / -1;
        font-size: var(--text-xs);
        color: var(--ink-3);
        overflow-wrap: anywhere;
      }
      .why.bad {
        color: var(--bad);
      }
    `,
  ];

  override render() {
    const failed = this.notifications.filter(({ state }) => state === 'dead').length;
    return html`<details ?open=${failed > 0}>
      <summary>
        Messages (${this.notifications.length})${failed ? html` <span class="chip bad">${failed} failed</span>` : nothing}
      </summary>
      <ul>
        ${this.notifications.map((notification) => this.#item(notification))}
      </ul>
    </details>`;
  }

  #item(notification: Notification) {
    const { words, tone } = STATES[notification.state];
    const to = notification.user_name ?? notification.address ?? '';
    return html`<li>
      <span class="chip ${tone}">${words}</span>
      <span class="what">${channelWords(notification.channel)}${to ? ` to ${to}` : ''}: ${eventWords(notification.event)}</span>
      ${
        notification.state === 'dead' && this.resendable
          ? html`<button class="outline small" type="button" @click=${() => this.#resend(notification.id)}>
              Send again
            </button>`
          : html`<span></span>`
      }
      ${
        notification.last_error && notification.state !== 'sent'
          ? html`<p class="why ${tone}">${notification.last_error}</p>`
          : nothing
      }
      ${this.#attempts(notification)}
    </li>`;
  }

  #attempts({ history }: Notification) {
    if (!history?.length) return nothing;
    return html`<ol aria-label="Attempts">
      ${history.map(
        (attempt) =>
          html`<li class="attempt">${day(attempt.at)}, ${clock(attempt.at)}: ${attempt.outcome}
            ${attempt.status_code ? ` (${attempt.status_code})` : ''} ${attempt.detail ?? ''}</li
          >`,
      )}
    </ol>`;
  }

  #resend(id: string): void {
    this.dispatchEvent(new CustomEvent('resend', { detail: id }));
  }
}
