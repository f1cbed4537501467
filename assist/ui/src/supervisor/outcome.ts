import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { HelpRequest } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { clock, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { controls, reset } from '../shared/styles.js';
import './deliveries.js';
import { fatesOf } from './outcome-words.js';
import type { RequestStore } from './request-store.js';

/** How a request ended, and whether the answer has reached whom it is for. */
@customElement('assist-outcome')
export class Outcome extends LitElement {
  @property({ attribute: false }) store!: RequestStore;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        display: block;
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 12px;
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--surface);
      }
      h3 span {
        font-weight: 400;
        color: var(--ink-3);
      }
      .answer {
        font-size: var(--text-m);
        line-height: 24px;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        max-height: 50vh;
        overflow-y: auto;
      }
      ul {
        display: grid;
        gap: 8px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
      }
      li {
        display: flex;
        gap: 8px;
        align-items: flex-start;
        overflow-wrap: anywhere;
      }
      li .icon {
        margin-top: 3px;
        color: var(--ink-3);
      }
      li.ok .icon {
        color: var(--ok);
      }
      li.warn,
      li.warn .icon {
        color: var(--warn);
      }
      li.bad,
      li.bad .icon {
        color: var(--bad);
      }
    `,
  ];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  override render() {
    const { request, deliveries } = this.store.state;
    if (!request) return nothing;
    const fates = fatesOf(request, deliveries);
    return html`<section aria-labelledby="title">
      <h3 id="title">${endTitle(request)}</h3>
      ${request.answer ? html`<p class="answer" tabindex=${request.answer.length > 2000 ? 0 : nothing}>${request.answer}</p>` : nothing}
      ${request.notes ? html`<p class="quiet">Notes: ${request.notes}</p>` : nothing}
      ${
        fates.length
          ? html`<ul aria-label="Delivery">
              ${fates.map((fate) => html`<li class=${fate.tone}>${icon(fate.icon)}<span>${fate.words}</span></li>`)}
            </ul>`
          : nothing
      }
      ${this.#learned(request)}
    </section>`;
  }

  #learned(request: HelpRequest) {
    if (request.learned_article_id)
      return html`<p>
        <a href="/articles/${encodeURIComponent(request.learned_article_id)}">Read the article it became</a>
      </p>`;
    if (request.status !== 'resolved') return nothing;
    return html`<p><a href="/knowledge?view=review">Drafts to review</a></p>`;
  }
}

function endTitle(request: HelpRequest) {
  const when = request.resolved_at ? ` ${day(request.resolved_at)}, ${clock(request.resolved_at)}` : '';
  if (request.resolution === 'timed_out') return html`Nobody answered in time <span>${when}</span>`;
  const who = request.answered_by_name ?? 'a supervisor';
  const verb = request.status === 'resolved' ? 'Answered by' : 'Marked unresolved by';
  return html`${verb} ${who} <span>${when}</span>`;
}
