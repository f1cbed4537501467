import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Call } from '../api/wire.js';
import { act } from '../shared/actions.js';
import { callSeconds, clock, customerLabel, duration } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';
import type { CallsState } from '../store/desk-state.js';

@customElement('assist-call-list')
export class CallList extends LitElement {
  @property({ attribute: false }) calls!: CallsState;
  @property({ attribute: false }) selectedId: string | null = null;
  /** A supervisor sees everybody's calls, so each says whose it is. */
  @property({ type: Boolean }) all = false;
  /** A call can be made from here. */
  @property({ type: Boolean }) mayCall = false;
  /** One call by voice at a time. */
  @property({ type: Boolean }) inCall = false;

  protected readonly ticker = new Ticker(this);

  static override styles = [
    reset,
    controls,
    blank,
    css`
      :host {
        display: block;
        overflow-y: auto;
        padding: 0 8px 16px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0 8px;
        min-height: 48px;
        padding: 8px;
      }
      h2 {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 32px;
      }
      button[aria-disabled='true'] {
        color: var(--ink-3);
        background: none;
        cursor: default;
      }
      .count {
        color: var(--ink-3);
        font-weight: 500;
        font-variant-numeric: tabular-nums;
      }
      h3 {
        padding: 16px 8px 4px;
        font-size: var(--text-xs);
        color: var(--ink-3);
        font-weight: 500;
      }
      ul {
        display: grid;
        gap: 2px;
      }
      li button {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        justify-content: stretch;
        gap: 2px 8px;
        width: 100%;
        padding: 8px;
        text-align: left;
        border-radius: var(--radius);
        font-weight: 400;
      }
      li button[aria-current='true'] {
        background: var(--surface);
        box-shadow:
          inset 2px 0 0 var(--accent),
          var(--shadow);
        border-radius: 4px var(--radius) var(--radius) 4px;
      }
      .name {
        font-weight: 600;
        color: var(--ink);
      }
      .ended .name {
        font-weight: 500;
        color: var(--ink-2);
      }
      .name,
      .said,
      .agent {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .time {
        font-size: var(--text-xs);
        line-height: 20px;
        color: var(--ink-3);
        font-variant-numeric: tabular-nums;
      }
      .said,
      .agent {
        grid-column: 1 / -1;
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      .agent {
        color: var(--ink-2);
      }
      .ghost {
        height: 52px;
        border-radius: var(--radius);
        background: var(--hover);
      }
    `,
  ];

  override render() {
    const title = this.all ? 'All calls' : 'My calls';
    return html`<div class="head">
        <h2 id="title">
          ${title}
          ${this.calls.phase === 'ready' ? html`<span class="count">${this.calls.active.length}</span>` : nothing}
        </h2>
        ${
          this.mayCall
            ? html`<button
                class="outline"
                type="button"
                aria-disabled=${this.inCall}
                title=${this.inCall ? 'You are in a call' : nothing}
                @click=${this.#startCall}
              >
                ${icon('phone')}Start call
              </button>`
            : nothing
        }
      </div>
      ${this.#active(title)} ${this.#ended()}`;
  }

  #startCall(): void {
    if (!this.inCall) act(this, { kind: 'askForCall' });
  }

  #active(title: string) {
    const { phase, active } = this.calls;
    if (phase === 'loading') return html`<div class="ghost" role="img" aria-label="Loading calls"></div>`;
    if (phase === 'failed') return this.#failed();
    if (!active.length) {
      return html`<div class="blank">
        ${icon('phone')}<strong>No live calls</strong>
        <p>A call appears here as soon as it begins.</p>
      </div>`;
    }
    return html`<ul aria-label=${title}>
      ${repeat(
        active,
        (call) => call.session_id,
        (call) => this.#item(call),
      )}
    </ul>`;
  }

  #failed() {
    return html`<div class="blank">
      ${icon('warn')}<strong>The list could not be loaded</strong>
      <p>It is tried again by itself.</p>
      <button class="outline" type="button" @click=${() => act(this, { kind: 'retry' })}>Try now</button>
    </div>`;
  }

  #ended() {
    const { ended } = this.calls;
    if (!ended.length) return nothing;
    return html`<h3>Ended</h3>
      <ul aria-label="Ended calls" class="ended">
        ${repeat(
          ended,
          (call) => call.session_id,
          (call) => this.#item(call),
        )}
      </ul>`;
  }

  #item(call: Call) {
    const ended = call.status === 'ended';
    const time = ended ? clock(call.ended_at ?? call.started_at) : duration(callSeconds(call, Date.now()));
    const said = call.last_segment?.text ?? (ended ? '' : 'Waiting for the first words');
    return html`<li>
      <button
        type="button"
        aria-current=${call.session_id === this.selectedId}
        @click=${() => act(this, { kind: 'select', sessionId: call.session_id })}
      >
        <span class="name">${customerLabel(call)}</span>
        <span class="time">${time}</span>
        ${this.all ? html`<span class="agent">with ${call.agent_name ?? call.agent_id}</span>` : nothing}
        ${said && !ended ? html`<span class="said">${said}</span>` : nothing}
      </button>
    </li>`;
  }
}
