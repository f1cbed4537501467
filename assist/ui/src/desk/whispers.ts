import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Whisper } from '../api/wire.js';
import { act } from '../shared/actions.js';
import { clock } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';

const SHOWN = 3;

/** What supervisors say to the agent during the call; the customer hears nothing of it. */
@customElement('assist-whispers')
export class Whispers extends LitElement {
  /** Not put away yet, newest last. */
  @property({ attribute: false }) whispers: readonly Whisper[] = [];
  /** The person may look on, not act. */
  @property({ type: Boolean }) watching = false;

  static override styles = [
    reset,
    controls,
    css`
      ul {
        display: grid;
        gap: 8px;
      }
      li {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr) auto;
        gap: 2px 8px;
        align-items: start;
        padding: 10px 8px 10px 12px;
        border: 1px solid color-mix(in srgb, var(--accent) 40%, var(--line));
        border-radius: var(--radius);
        background: var(--accent-soft);
      }
      li > .icon {
        margin-top: 2px;
        color: var(--accent);
      }
      .from {
        font-size: var(--text-xs);
        line-height: 20px;
        color: var(--ink-2);
      }
      .text {
        grid-column: 2 / -1;
        overflow-wrap: anywhere;
        white-space: pre-line;
        font-weight: 500;
      }
    `,
  ];

  override render() {
    const shown = this.whispers.slice(-SHOWN);
    this.toggleAttribute('hidden', !shown.length);
    return html`<ul aria-label="Messages from supervisors">
      ${repeat(
        shown,
        (one) => one.id,
        (one) => html`<li data-whisper=${one.id}>
          ${icon('person')}
          <span class="from">${one.from_name}, only for you · ${clock(one.at)}</span>
          <button
            class="small"
            type="button"
            ?hidden=${this.watching}
            aria-label="Put away the message from ${one.from_name}"
            @click=${() => act(this, { kind: 'heard', id: one.id })}
          >
            ${icon('check')}Got it
          </button>
          <span class="text">${one.text}</span>
        </li>`,
      )}
    </ul>`;
  }
}
