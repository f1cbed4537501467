import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { Follows } from '../shared/observable.js';
import { controls, reset } from '../shared/styles.js';
import type { ConsoleStore } from './console-store.js';

/** Whether new requests are given to me. */
@customElement('assist-availability-switch')
export class AvailabilitySwitch extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
        flex: none;
      }
      .dot {
        width: 8px;
        height: 8px;
        border-radius: 4px;
        background: var(--ok);
      }
      [aria-checked='false'] .dot {
        background: none;
        border: 2px solid var(--ink-3);
      }
      button {
        min-height: 32px;
      }
      @media (max-width: 719px) {
        button {
          padding: 0 6px;
          font-size: var(--text-xs);
        }
      }
    `,
  ];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  override render() {
    const { availability } = this.store;
    if (!availability) return nothing;
    const there = availability === 'available';
    return html`<button
      class="outline"
      type="button"
      role="switch"
      aria-checked=${there}
      aria-label="Available"
      title=${there ? 'New requests are given to you. Press to be away.' : 'No new requests are given to you. Press to be available.'}
      @click=${() => void this.store.setAvailability(there ? 'away' : 'available')}
    >
      <span class="dot"></span>${there ? 'Available' : 'Away'}
    </button>`;
  }
}
