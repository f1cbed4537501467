import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { PRIORITIES, isOpen, type HelpRequest } from '../api/supervision.js';
import type { Priority } from '../api/wire.js';
import { formStyles } from '../shared/form-styles.js';
import { fieldLabel } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { controls, reset } from '../shared/styles.js';
import type { RequestStore } from './request-store.js';
import { PRIORITY_WORDS, channelWords, customerOf, originWords } from './words.js';

/** Who asks, how they are reached, and how the request is sorted. */
@customElement('assist-request-facts')
export class RequestFacts extends LitElement {
  @property({ attribute: false }) store!: RequestStore;
  @state() private tag = '';
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        display: block;
        padding: 16px 20px;
        border-bottom: 1px solid var(--line);
      }
      h3 {
        margin-bottom: 8px;
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: 88px minmax(0, 1fr);
        gap: 4px 8px;
        align-items: baseline;
      }
      dt {
        color: var(--ink-3);
        font-size: var(--text-xs);
      }
      dd {
        overflow-wrap: anywhere;
      }
      select {
        width: auto;
        min-height: 28px;
        margin-left: -9px;
        border-color: transparent;
        background: none;
      }
      select:hover {
        border-color: var(--line-strong);
      }
      option {
        background: var(--surface);
        color: var(--ink);
      }
      .tags {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .tags .chip {
        padding: 0 0 0 8px;
        line-height: 24px;
        max-width: 100%;
        overflow: hidden;
      }
      .tags .chip.fixed {
        padding-right: 8px;
      }
      .tags .chip span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .tags .chip button {
        min-width: 24px;
        min-height: 24px;
        padding: 0;
        border-radius: 4px;
      }
      .tags form {
        display: flex;
      }
      .tags input {
        width: 96px;
        min-height: 24px;
        padding: 0 6px;
        font-size: var(--text-xs);
        border-color: var(--line-strong);
        border-style: dashed;
      }
    `,
  ];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  override render() {
    const { request } = this.store.state;
    if (!request) return nothing;
    const editable = isOpen(request) && this.store.mayAct;
    return html`<section aria-label="Customer">
      <h3>${customerOf(request)}</h3>
      <dl>
        ${this.#row('Contact', this.#contact(request))} ${this.#row('Channel', channelWords(request.channel))}
        ${this.#row('Queue', request.queue)}
        <dt>Priority</dt>
        <dd>${editable ? this.#priority(request) : PRIORITY_WORDS[request.priority]}</dd>
        <dt>Tags</dt>
        <dd>${this.#tags(request, editable)}</dd>
        ${this.#row('Group', request.group)} ${this.#row('Asked', originWords(request.origin))}
        ${this.#row('Topic', request.topic)} ${this.#row('Notes', isOpen(request) ? request.notes : null)}
        ${Object.entries(request.metadata)
          .filter(([, value]) => value !== null && typeof value !== 'object')
          .map(([name, value]) => this.#row(fieldLabel(name), String(value)))}
      </dl>
    </section>`;
  }

  #row(label: string, value: unknown) {
    return value ? html`<dt>${label}</dt><dd>${value}</dd>` : nothing;
  }

  #contact({ customer_contact: contact }: HelpRequest) {
    if (!contact) return html`<span class="quiet">Unknown: no follow-up can be sent</span>`;
    const href = contact.includes('@') ? `mailto:${contact}` : `tel:${contact.replace(/[^+\d]/g, '')}`;
    return html`<a href=${href}>${contact}</a>`;
  }

  #priority(request: HelpRequest) {
    return html`<select
      aria-label="Priority"
      @change=${(event: Event) => {
        const priority = (event.target as HTMLSelectElement).value as Priority;
        void this.store.edit({ priority }, 'The priority');
      }}
    >
      ${PRIORITIES.map(
        (name) =>
          html`<option value=${name} .selected=${name === request.priority}>${PRIORITY_WORDS[name]}</option>`,
      )}
    </select>`;
  }

  #tags(request: HelpRequest, editable: boolean) {
    if (!editable) return request.tags.length ? html`<div class="tags">${request.tags.map((tag) => html`<span class="chip fixed"><span>${tag}</span></span>`)}</div>` : html`<span class="quiet">None</span>`;
    return html`<div class="tags">
      ${request.tags.map(
        (tag) =>
          html`<span class="chip"
            ><span>${tag}</span
            ><button type="button" aria-label="Remove the tag ${tag}" @click=${() => this.#without(request, tag)}>
              ${icon('close')}
            </button></span
          >`,
      )}
      <form @submit=${(event: SubmitEvent) => this.#added(event, request)}>
        <input
          aria-label="Add a tag"
          placeholder="Add a tag"
          maxlength="50"
          .value=${this.tag}
          @input=${(event: Event) => (this.tag = (event.target as HTMLInputElement).value)}
        />
      </form>
    </div>`;
  }

  #without(request: HelpRequest, tag: string): void {
    void this.store.edit({ tags: request.tags.filter((other) => other !== tag) }, `The tag “${tag}”`);
  }

  #added(event: SubmitEvent, request: HelpRequest): void {
    event.preventDefault();
    const tag = this.tag.trim().toLowerCase();
    this.tag = '';
    if (tag && !request.tags.includes(tag)) void this.store.edit({ tags: [...request.tags, tag] }, `The tag “${tag}”`);
  }
}
