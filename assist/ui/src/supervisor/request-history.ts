import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { HelpRequest, HistoryLine } from '../api/supervision.js';
import { clock, day } from '../shared/format.js';
import { reset } from '../shared/styles.js';
import { changeWords } from './history-words.js';
import { actionWords } from './words.js';

/** Who did what, when, from what to what. */
@customElement('assist-request-history')
export class RequestHistory extends LitElement {
  @property({ attribute: false }) request!: HelpRequest;

  static override styles = [
    reset,
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
        grid-template-columns: 72px minmax(0, 1fr);
        gap: 8px;
        padding: 6px 0;
        border-top: 1px solid var(--line);
      }
      time {
        font-size: var(--text-xs);
        line-height: 20px;
        color: var(--ink-3);
        font-variant-numeric: tabular-nums;
      }
      .what {
        overflow-wrap: anywhere;
      }
      .who,
      .detail {
        color: var(--ink-3);
      }
      .detail {
        font-size: var(--text-xs);
      }
    `,
  ];

  override render() {
    const { history } = this.request;
    if (!history.length) return nothing;
    return html`<details>
      <summary>History (${history.length})</summary>
      <ol>
        ${history.map((line) => this.#line(line))}
      </ol>
    </details>`;
  }

  #line(line: HistoryLine) {
    const change = changeWords(line);
    return html`<li>
      <time datetime=${line.at} title="${day(line.at)} ${clock(line.at)}">${clock(line.at)}</time>
      <div class="what">
        ${actionWords(line.action)} <span class="who">· ${line.actor_name}</span>
        ${change ? html`<p class="detail">${change}</p>` : nothing}
        ${line.note ? html`<p class="detail">“${line.note}”</p>` : nothing}
      </div>
    </li>`;
  }
}
