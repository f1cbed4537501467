import { LitElement, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { PRIORITIES, isOpen, type HelpRequest } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import './countdown.js';
import { NO_FILTERS, isFiltered, type Filters, type ListStore } from './list-store.js';
import { requestListStyles } from './request-list-styles.js';
import { hrefOf, type ViewName } from './routes.js';
import { PRIORITY_TONES, PRIORITY_WORDS, customerOf, firstLine, sinceWords, whereWords } from './words.js';

const TITLES: Readonly<Partial<Record<ViewName, string>>> = {
  queue: 'Open requests',
  unresolved: 'Unresolved requests',
  answered: 'Answered requests',
};
const SEARCH_PAUSE_MS = 250;
const TAGS_SHOWN = 3;

@customElement('assist-request-list')
export class RequestList extends LitElement {
  @property({ attribute: false }) store!: ListStore;
  @property() view: ViewName = 'queue';
  @property() selectedId: string | null = null;
  @property() userId = '';
  /** What can be chosen from. */
  @property({ attribute: false }) tags: readonly string[] = [];
  @property({ attribute: false }) groups: readonly string[] = [];
  #searchTimer: number | null = null;
  readonly #follows = new Follows(this);

  static override styles = [reset, controls, formStyles, blank, requestListStyles];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('selectedId')) return;
    this.renderRoot.querySelector('a[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }

  focusSearch(): void {
    this.renderRoot.querySelector<HTMLInputElement>('input[type=search]')?.focus();
  }

  override render() {
    const { phase, items, total, next, extending, filters } = this.store.state;
    return html`<section aria-label=${TITLES[this.view] ?? 'Requests'}>
      ${this.#filters(filters)}
      <div class="scroll" tabindex="-1">
        ${phase === 'loading' ? this.#loading() : nothing}
        ${phase === 'failed' ? this.#failed() : nothing}
        ${phase === 'ready' && !items.length ? this.#empty() : nothing}
        <ul>
          ${repeat(
            items,
            ({ id }) => id,
            (request) => this.#row(request),
          )}
        </ul>
        ${
          next
            ? html`<p class="more">
                <button class="outline" type="button" ?disabled=${extending} @click=${() => void this.store.more()}>
                  ${extending ? 'Reading…' : `Show more of ${total}`}
                </button>
              </p>`
            : nothing
        }
      </div>
    </section>`;
  }

  #filters(filters: Filters) {
    return html`<form role="search" aria-label="Requests" @submit=${(event: Event) => event.preventDefault()}>
      <div class="search">
        ${icon('search')}
        <input
          type="search"
          aria-label="Search requests"
          placeholder="Search questions and customers"
          .value=${filters.text}
          @input=${this.#searched}
        />
      </div>
      <div class="filters">
        ${this.view === 'queue' ? this.#assigned(filters) : nothing}
        ${this.#select('priority', 'Priority', filters.priority, PRIORITIES.map((name) => [name, PRIORITY_WORDS[name]]))}
        ${this.#select('tag', 'Tag', filters.tag, this.tags.map((tag) => [tag, tag]))}
        ${
          this.groups.length > 1
            ? this.#select('group', 'Group', filters.group, this.groups.map((group) => [group, group]))
            : nothing
        }
      </div>
      ${isFiltered(filters) ? this.#filtered() : nothing}
    </form>`;
  }

  #filtered() {
    const { phase, total } = this.store.state;
    return html`<p class="filtered">
      <span role="status">${phase === 'ready' ? `${plural(total, 'request')} found` : 'Looking…'}</span>
      <button class="small" type="button" @click=${() => this.store.filter(NO_FILTERS)}>
        ${icon('close')}Clear filters
      </button>
    </p>`;
  }

  #assigned(filters: Filters) {
    const value = filters.status ? `status:${filters.status}` : filters.assigned;
    const options: readonly (readonly [string, string])[] = [
      ['me', 'Mine'],
      ['none', 'Nobody’s'],
      ['status:pending', 'Waiting'],
      ['status:in_progress', 'In hand'],
    ];
    return html`<select
      aria-label="Which requests"
      data-set=${value !== ''}
      @change=${(event: Event) => this.#chooseAssigned((event.target as HTMLSelectElement).value)}
    >
      <option value="" ?selected=${value === ''}>All</option>
      ${options.map(([name, label]) => html`<option value=${name} ?selected=${name === value}>${label}</option>`)}
    </select>`;
  }

  #chooseAssigned(value: string): void {
    const status = value.startsWith('status:') ? (value.slice(7) as Filters['status']) : '';
    this.store.filter({ status, assigned: status ? '' : (value as Filters['assigned']) });
  }

  #select(name: 'priority' | 'tag' | 'group', label: string, value: string, options: readonly (readonly [string, string])[]) {
    const known = options.some(([option]) => option === value) || value === '';
    const all = known ? options : [...options, [value, value] as const];
    return html`<select
      aria-label=${label}
      data-set=${value !== ''}
      @change=${(event: Event) => this.store.filter({ [name]: (event.target as HTMLSelectElement).value })}
    >
      <option value="" ?selected=${value === ''}>${label}</option>
      ${all.map(
        ([option, words]) => html`<option value=${option} ?selected=${option === value}>${words}</option>`,
      )}
    </select>`;
  }

  #row(request: HelpRequest) {
    const current = request.id === this.selectedId;
    return html`<li>
      <a
        href=${hrefOf({ view: this.view, requestId: request.id })}
        aria-current=${current ? 'true' : nothing}
        data-status=${request.status}
      >
        <span class="question">${firstLine(request.question)}</span>
        <span class="time">${this.#time(request)}</span>
        <span class="who">
          <span class="customer">${customerOf(request)}</span>
          ${request.call_active ? html`<span class="live">${icon('phone')}On the line</span>` : nothing}
        </span>
        <span class="facts">
          ${this.#priority(request)}
          ${request.escalated ? html`<span class="chip warn">Level ${request.level + 1}</span>` : nothing}
          ${request.tags.slice(0, TAGS_SHOWN).map((tag) => html`<span class="chip">${tag}</span>`)}
          ${
            request.tags.length > TAGS_SHOWN
              ? html`<span class="chip">+${request.tags.length - TAGS_SHOWN}</span>`
              : nothing
          }
          <span class="where">${this.#where(request)}</span>
        </span>
      </a>
    </li>`;
  }

  #time(request: HelpRequest) {
    if (isOpen(request)) return html`<assist-countdown .request=${request}></assist-countdown>`;
    return sinceWords(request.resolved_at ?? request.updated_at, Date.now());
  }

  #priority(request: HelpRequest) {
    const tone = PRIORITY_TONES[request.priority];
    return html`<span class="chip ${isOpen(request) ? tone : ''}">${PRIORITY_WORDS[request.priority]}</span>`;
  }

  #where(request: HelpRequest): string {
    if (isOpen(request)) return whereWords(request, this.userId);
    if (request.resolution === 'timed_out') return 'Nobody answered in time';
    return request.answered_by_name ? `By ${request.answered_by_name}` : '';
  }

  #loading() {
    return html`<div class="ghosts" role="img" aria-label="Loading requests"><i></i><i></i><i></i></div>`;
  }

  #failed() {
    return html`<div class="blank">
      ${icon('warn')}<strong>The list could not be loaded</strong>
      <p>${this.store.state.problem}</p>
      <button class="outline" type="button" @click=${() => void this.store.refresh()}>Try now</button>
    </div>`;
  }

  #empty() {
    if (isFiltered(this.store.state.filters))
      return html`<div class="blank">
        ${icon('search')}<strong>Nothing matches</strong>
        <p>Change the search or clear the filters.</p>
      </div>`;
    const [title, text] = EMPTY_WORDS[this.view] ?? ['Nothing here', ''];
    return html`<div class="blank">${icon('check')}<strong>${title}</strong><p>${text}</p></div>`;
  }

  readonly #searched = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value;
    if (this.#searchTimer !== null) window.clearTimeout(this.#searchTimer);
    this.#searchTimer = window.setTimeout(() => this.store.filter({ text }), SEARCH_PAUSE_MS);
  };
}

const EMPTY_WORDS: Readonly<Partial<Record<ViewName, readonly [string, string]>>> = {
  queue: ['Nothing waits', 'A question that the knowledge base cannot answer appears here by itself.'],
  unresolved: ['Nothing is unresolved', 'Requests that nobody could answer, or not in time, are kept here.'],
  answered: ['Nothing answered yet', 'What was answered stays here, the newest first.'],
};
