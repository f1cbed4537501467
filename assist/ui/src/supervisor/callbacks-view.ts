import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CallBack, FollowUp } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { clock, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import './deliveries.js';
import type { ConsoleStore } from './console-store.js';
import { hrefOf } from './routes.js';
import { singleStyles } from './single-styles.js';
import { callBackWords, channelWords, sinceWords } from './words.js';

/** Customers whom somebody has to ring, because no message could take the answer to them. */
@customElement('assist-callbacks')
export class Callbacks extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    blank,
    singleStyles,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 4px 16px;
        padding: 16px;
      }
      .who {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 4px 12px;
      }
      .call-back {
        grid-column: 1;
        display: flex;
        align-items: flex-start;
        gap: 8px;
        color: var(--ink-2);
      }
      .call-back .icon {
        margin-top: 2px;
      }
      .given-up {
        color: var(--warn);
        font-weight: 500;
      }
      .question,
      .text {
        grid-column: 1;
        overflow-wrap: anywhere;
      }
      .question {
        color: var(--ink-3);
      }
      .text {
        white-space: pre-line;
        max-height: 160px;
        overflow-y: auto;
      }
      .dead {
        padding: 8px 16px;
      }
      .buttons {
        grid-column: 2;
        grid-row: 1 / span 4;
        display: grid;
        gap: 8px;
        align-content: start;
      }
      @media (max-width: 719px) {
        li {
          grid-template-columns: minmax(0, 1fr);
        }
        .buttons {
          grid-column: 1;
          grid-row: auto;
          display: flex;
        }
        .buttons {
          flex-wrap: wrap;
        }
        .buttons > * {
          white-space: nowrap;
          min-height: 40px;
        }
      }
    `,
  ];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  override render() {
    const { phase, problem, value } = this.store.followUps.state;
    return html`<section aria-labelledby="title">
      <header>
        <h2 id="title">Callbacks</h2>
        <p>The answer is there, the call is over, and no message can reach the customer: somebody has to ring.</p>
      </header>
      ${phase === 'failed' ? this.#failed(problem) : nothing}
      ${phase === 'loading' ? html`<p class="quiet" role="status">Loading…</p>` : nothing}
      ${
        value && !value.items.length
          ? html`<div class="blank">${icon('check')}<strong>Nobody waits for a call</strong></div>`
          : nothing
      }
      <ul class="panel" ?hidden=${!value?.items.length}>
        ${value?.items.map((followUp) => this.#item(followUp))}
      </ul>
      ${this.#dead()}
    </section>`;
  }

  /** What was tried for hours and given up. */
  #dead() {
    const items = this.store.dead.value?.items ?? [];
    if (!items.length) return nothing;
    return html`<div class="panel dead">
      <assist-deliveries
        .notifications=${items}
        ?resendable=${this.#supervises}
        @resend=${(event: CustomEvent<string>) => void this.store.resend(event.detail)}
      ></assist-deliveries>
    </div>`;
  }

  get #supervises(): boolean {
    const { role } = this.store.user;
    return role === 'supervisor' || role === 'admin';
  }

  #item(followUp: FollowUp) {
    const phone = followUp.address && !followUp.address.includes('@') ? followUp.address : null;
    return html`<li>
      <div class="who">
        <strong>${followUp.customer_name ?? followUp.address ?? 'Unknown customer'}</strong>
        <span class="chip ${followUp.state === 'failed' ? 'bad' : ''}"
          >${followUp.state === 'failed' ? `${channelWords(followUp.channel)} failed` : channelWords(followUp.channel)}</span
        >
        <time class="quiet" datetime=${followUp.created_at} title="${day(followUp.created_at)} ${clock(followUp.created_at)}"
          >${sinceWords(followUp.created_at, Date.now())}</time
        >
      </div>
      ${followUp.call_back ? this.#callBack(followUp.call_back) : nothing}
      ${followUp.question ? html`<p class="question">${followUp.question}</p>` : nothing}
      <p class="text">${followUp.text}</p>
      <div class="buttons">
        ${phone ? html`<a class="button outline" href="tel:${phone.replace(/[^+\d]/g, '')}">${icon('phone')}${phone}</a>` : nothing}
        <a class="button outline" href=${hrefOf({ view: 'answered', requestId: followUp.request_id })}>Open the request</a>
        ${
          this.#supervises
            ? html`<button class="outline" type="button" @click=${() => void this.store.callbackDone(followUp)}>
                ${icon('check')}Done
              </button>`
            : nothing
        }
      </div>
    </li>`;
  }

  #callBack(callBack: CallBack) {
    const givenUp = callBack.state === 'given_up';
    return html`<p class="call-back ${givenUp ? 'given-up' : ''}">
      ${icon(givenUp ? 'warn' : 'phone')}<span>${callBackWords(callBack)}</span>
    </p>`;
  }

  #failed(problem: string) {
    return html`<div class="blank">
      ${icon('warn')}<strong>The callbacks could not be loaded</strong>
      <p>${problem}</p>
      <button class="outline" type="button" @click=${() => void this.store.followUps.refresh()}>Try now</button>
    </div>`;
  }
}
