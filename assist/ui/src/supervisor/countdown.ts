import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { HelpRequest } from '../api/supervision.js';
import { clock, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';
import { countdownOf } from './sla.js';

/** How long there is left, every second. Only itself is rendered again. */
@customElement('assist-countdown')
export class CountdownElement extends LitElement {
  @property({ attribute: false }) request!: HelpRequest;
  /** Also says what the limit is for. */
  @property({ type: Boolean }) long = false;

  protected readonly ticker = new Ticker(this);

  static override styles = [
    reset,
    css`
      :host {
        display: inline-flex;
        font-size: var(--text-xs);
        line-height: 20px;
        white-space: nowrap;
      }
      span {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        font-variant-numeric: tabular-nums;
        color: var(--ink-3);
      }
      .soon {
        color: var(--warn);
        font-weight: 600;
      }
      .late {
        color: var(--bad);
        font-weight: 600;
      }
      .icon {
        width: 14px;
        height: 14px;
      }
    `,
  ];

  override render() {
    const countdown = countdownOf(this.request, Date.now());
    if (!countdown) return nothing;
    const { what, words, urgency, dueAt } = countdown;
    const text = this.long ? `${what === 'answer' ? 'Answer' : 'First reply'}: ${words}` : words;
    return html`<span class=${urgency} title="${what}, due ${day(dueAt)} ${clock(dueAt)}"
      >${urgency === 'fine' ? nothing : icon('warn')}${text}</span
    >`;
  }
}
