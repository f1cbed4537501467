import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { FeedState } from '../api/supervision-feed.js';
import { clockWithSeconds } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';

/** Whether what is shown is what is. */
@customElement('assist-feed-status')
export class FeedStatus extends LitElement {
  @property({ attribute: false }) feed!: FeedState;

  protected readonly ticker = new Ticker(this);

  static override styles = [
    reset,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      p {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 28px;
        padding: 0 8px;
        border-radius: var(--radius-s);
        color: var(--ink-3);
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
      .live {
        color: var(--ok);
      }
      .reconnecting {
        color: var(--bad);
        background: var(--bad-soft);
      }
      .detail {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      @media (max-width: 1180px) {
        .detail {
          display: none;
        }
      }
      @media (max-width: 719px) {
        p:not(.reconnecting) strong {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        .reconnecting strong {
          font-size: var(--text-xs);
        }
        p {
          padding: 0 4px;
        }
      }
      strong {
        font-weight: 500;
      }
    `,
  ];

  override render() {
    const { phase, lostAtMs, retryAtMs } = this.feed;
    if (phase === 'live') return html`<p class="live" data-feed=${phase} title="Everything is shown as it happens">${icon('check')}<strong>Connected</strong></p>`;
    if (phase === 'connecting') return html`<p data-feed=${phase}>${icon('lines')}<strong>Connecting…</strong></p>`;
    const seconds = Math.ceil(((retryAtMs ?? 0) - Date.now()) / 1000);
    const next = seconds > 0 ? `trying again in ${seconds} s` : 'trying now';
    const detail = `changes since ${clockWithSeconds(lostAtMs ?? Date.now())} may be missing; ${next}`;
    return html`<p class="reconnecting" data-feed=${phase} title=${detail}>
      ${icon('warn')}<strong>Reconnecting</strong> <span class="detail">· ${detail}</span>
    </p>`;
  }
}
