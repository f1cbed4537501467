import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Verdict } from '../api/wire.js';
import { act } from '../shared/actions.js';
import { icon, type IconName } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import type { Card } from '../store/call-state.js';
import type { Keymap } from '../store/shortcuts.js';

const LONGEST_REASON_CHARS = 500;
const REASONS = ['Wrong product', 'Out of date', 'Already said', 'Too long'];

const VERDICTS: readonly { verdict: Verdict; label: string; icon: IconName }[] = [
  { verdict: 'helpful', label: 'Helpful', icon: 'up' },
  { verdict: 'not_helpful', label: 'Not helpful', icon: 'down' },
  { verdict: 'irrelevant', label: 'Irrelevant', icon: 'off' },
];

@customElement('assist-feedback')
export class FeedbackBar extends LitElement {
  @property({ attribute: false }) card!: Card;
  @property({ attribute: false }) keymap!: Keymap;
  /** The verdict waits for the connection. */
  @property({ type: Boolean }) unsent = false;
  @state() private asking = false;

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
        margin: 0 -16px -12px;
        padding: 8px 10px;
        border-top: 1px solid var(--line);
      }
      .verdicts,
      .reasons {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px;
      }
      form {
        display: grid;
        gap: 8px;
        padding: 8px 6px 4px;
      }
      .own {
        display: flex;
        gap: 4px;
      }
      .own input {
        min-height: 32px;
        padding: 0 8px;
      }
      .own button {
        min-height: 32px;
      }
      .note {
        padding: 4px 6px 0;
        font-size: var(--text-xs);
        color: var(--ink-3);
        overflow-wrap: anywhere;
      }
      .unsent {
        color: var(--warn);
      }
    `,
  ];

  override render() {
    const { agent_feedback: given, feedback_reason: reason } = this.card;
    return html`<div class="verdicts" role="group" aria-label="Did it help?">
        ${VERDICTS.map(
          (option) =>
            html`<button
              class="small"
              type="button"
              aria-pressed=${given === option.verdict}
              aria-keyshortcuts=${this.#keys(option.verdict) ?? nothing}
              title=${this.#keys(option.verdict) ?? ''}
              @click=${() => this.#give(option.verdict)}
            >
              ${icon(option.icon)}${option.label}
            </button>`,
        )}
      </div>
      ${this.asking ? this.#form() : nothing}
      ${reason && !this.asking ? html`<p class="note">Reason: ${reason}</p>` : nothing}
      ${this.unsent ? html`<p class="note unsent">Will be sent once connected</p>` : nothing}`;
  }

  #form() {
    return html`<form @submit=${this.#submit} @keydown=${this.#escape}>
      <div class="reasons" role="group" aria-label="Reason">
        ${REASONS.map(
          (reason) =>
            html`<button class="outline small" type="button" @click=${() => this.#because(reason)}>
              ${reason}
            </button>`,
        )}
      </div>
      <div class="own">
        <input
          name="reason"
          aria-label="Other reason"
          placeholder="Other reason"
          maxlength=${LONGEST_REASON_CHARS}
        />
        <button class="outline" type="submit">Send</button>
        <button type="button" @click=${() => (this.asking = false)}>Skip</button>
      </div>
    </form>`;
  }

  #give(verdict: Verdict): void {
    this.asking = verdict !== 'helpful';
    act(this, { kind: 'feedback', id: this.card.id, verdict });
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason') ?? '').trim();
    if (reason) this.#because(reason);
    else this.asking = false;
  }

  #because(reason: string): void {
    this.asking = false;
    const verdict = this.card.agent_feedback ?? 'not_helpful';
    act(this, { kind: 'feedback', id: this.card.id, verdict, reason });
  }

  #escape(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.asking = false;
  }

  #keys(verdict: Verdict): string | null {
    if (verdict === 'helpful') return this.keymap.helpful;
    return verdict === 'not_helpful' ? this.keymap.notHelpful : null;
  }
}
