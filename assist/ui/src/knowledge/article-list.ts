import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { formStyles } from '../shared/form-styles.js';
import { ago, day, plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import { articleListStyles } from './article-list-styles.js';
import { NO_FILTERS, type Filters, type ListState, type Part } from './list-store.js';
import { hashOf, type Side } from './routes.js';
import { statusChips, SUPERVISOR_SOURCE } from './status-chips.js';
import type { ArticleSummary, Draft } from './wire.js';

const STATUSES: readonly [Filters['status'], string][] = [
  ['approved', 'Approved'],
  ['draft', 'Drafts'],
  ['archived', 'Archived'],
  ['all', 'All'],
];

/** Articles with search and filters, and the drafts to review. */
@customElement('assist-article-list')
export class ArticleList extends LitElement {
  @property({ attribute: false }) list!: ListState;
  @property() side: Side = 'articles';
  @property() currentId = '';
  @property({ type: Boolean }) mayEdit = false;
  @state() private filtersOpen = false;

  static override styles = [reset, controls, blank, formStyles, articleListStyles];

  override render() {
    return html`<div class="head">
        <div class="switch" role="group" aria-label="What to list">
          ${this.#sideButton('articles', 'Articles')} ${this.#sideButton('drafts', 'To review')}
        </div>
        ${
          this.mayEdit
            ? html`<a class="button outline new" href=${hashOf({ kind: 'new' })}>${icon('pen')}New</a>`
            : nothing
        }
      </div>
      ${this.side === 'articles' ? this.#articles() : this.#drafts()}`;
  }

  #sideButton(side: Side, label: string) {
    const { phase, total } = this.list.drafts;
    const count = side === 'drafts' && phase === 'ready' && total > 0 ? total : null;
    return html`<button
      type="button"
      aria-pressed=${this.side === side}
      @click=${() => this.dispatchEvent(new CustomEvent<Side>('side', { detail: side }))}
    >
      ${label}${count === null ? nothing : html`<span class="count">${count}</span>`}
    </button>`;
  }

  #articles() {
    const { articles } = this.list;
    return html`${this.#filters()}
      <div class="scroll">
        ${this.#remark(articles)} ${articles.phase === 'ready' ? this.#found() : this.#waiting(articles)}
      </div>
      ${this.#foot()}`;
  }

  #filters() {
    const { filters } = this.list;
    const narrowed = [filters.tag.trim(), filters.source.trim(), filters.reviewDue].filter(Boolean).length;
    return html`<search class="filters">
      <input
        type="search"
        aria-label="Search in titles and texts"
        placeholder="Search in titles and texts"
        .value=${filters.text}
        @input=${(event: Event) => this.#filter({ text: valueOf(event) })}
      />
      <div class="row">
        <select
          aria-label="Status"
          .value=${filters.status}
          @change=${(event: Event) => this.#filter({ status: valueOf(event) as Filters['status'] })}
        >
          ${STATUSES.map(
            ([value, label]) => html`<option value=${value} ?selected=${value === filters.status}>${label}</option>`,
          )}
        </select>
        <button
          type="button"
          aria-expanded=${this.filtersOpen}
          aria-controls="more"
          @click=${() => (this.filtersOpen = !this.filtersOpen)}
        >
          More filters${narrowed ? html`<span class="count">${narrowed}</span>` : nothing}${icon('chevron')}
        </button>
      </div>
      <div id="more" class="more" ?hidden=${!this.filtersOpen}>${this.#moreFilters(filters)}</div>
    </search>`;
  }

  #moreFilters(filters: Filters) {
    return html`<label class="field"
        >Tag
        <input
          list="tags"
          autocomplete="off"
          .value=${filters.tag}
          @input=${(event: Event) => this.#filter({ tag: valueOf(event) })}
        />
      </label>
      <datalist id="tags">${this.list.tags.map((tag) => html`<option value=${tag}></option>`)}</datalist>
      <label class="field"
        >Source
        <select @change=${(event: Event) => this.#filter({ source: valueOf(event) })}>
          <option value="" ?selected=${!filters.source}>Any source</option>
          ${[...new Set([SUPERVISOR_SOURCE, ...this.list.sources])].map(
            (source) =>
              html`<option value=${source} ?selected=${source === filters.source}>
                ${source === SUPERVISOR_SOURCE ? 'Supervisors’ answers' : source}
              </option>`,
          )}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          .checked=${filters.reviewDue}
          @change=${(event: Event) => this.#filter({ reviewDue: (event.target as HTMLInputElement).checked })}
        />
        Only what is due for review
      </label>`;
  }

  #found() {
    const { articles } = this.list;
    if (!articles.items.length) return this.#none();
    return html`<ul aria-label="Articles">
        ${repeat(
          articles.items,
          (article) => article.id,
          (article) => this.#article(article),
        )}
      </ul>
      ${
        articles.next
          ? html`<button
              class="outline rest"
              type="button"
              ?disabled=${articles.loadingMore}
              @click=${() => this.dispatchEvent(new CustomEvent('more'))}
            >
              ${articles.loadingMore ? 'Loading…' : `Show more of ${articles.total}`}
            </button>`
          : nothing
      }`;
  }

  #article(article: ArticleSummary) {
    return html`<li>
      <a href=${hashOf({ kind: 'article', id: article.id })} aria-current=${article.id === this.currentId}>
        <span class="title">${article.title}</span>
        <span class="facts">
          ${statusChips(article, { onlyNotable: true })}
          <span class="tags">${article.tags.join(', ')}</span>
          <time datetime=${article.updated_at}>${day(article.updated_at)}</time>
        </span>
      </a>
    </li>`;
  }

  #none() {
    const { filters } = this.list;
    const narrowed = JSON.stringify(filters) !== JSON.stringify(NO_FILTERS);
    return html`<div class="blank">
      ${icon('search')}<strong>${narrowed ? 'Nothing found' : 'No articles yet'}</strong>
      <p>
        ${
          narrowed
            ? 'No article has all these words and matches the filters.'
            : 'Write the first one, or bring in the ones you have.'
        }
      </p>
      ${
        narrowed
          ? html`<button class="outline" type="button" @click=${() => this.#filter(NO_FILTERS)}>
              Clear search and filters
            </button>`
          : nothing
      }
    </div>`;
  }

  #drafts() {
    const { drafts } = this.list;
    if (drafts.phase !== 'ready') return html`<div class="scroll">${this.#waiting(drafts)}</div>`;
    return html`<div class="scroll">
        ${this.#remark(drafts)}
        ${drafts.items.length ? this.#draftItems(drafts.items) : this.#noDrafts()}
        ${
          drafts.next
            ? html`<button
                class="outline rest"
                type="button"
                ?disabled=${drafts.loadingMore}
                @click=${() => this.dispatchEvent(new CustomEvent('more-drafts'))}
              >
                Show more of ${drafts.total}
              </button>`
            : nothing
        }
      </div>
      ${this.#foot()}`;
  }

  #draftItems(items: readonly Draft[]) {
    return html`<ul aria-label="Drafts to review">
      ${repeat(
        items,
        (draft) => draft.id,
        (draft) =>
          html`<li>
            <a href=${hashOf({ kind: 'draft', id: draft.id })} aria-current=${draft.id === this.currentId}>
              <span class="title">${draft.title}</span>
              <span class="said">${draft.body}</span>
              <span class="facts">
                <span class="tags">${draft.author_name}</span>
                <time datetime=${draft.created_at}>${ago(draft.created_at, Date.now())}</time>
              </span>
            </a>
          </li>`,
      )}
    </ul>`;
  }

  #noDrafts() {
    return html`<div class="blank">
      ${icon('check')}<strong>Nothing to review</strong>
      <p>Answers that supervisors give come here before agents find them by themselves.</p>
    </div>`;
  }

  #waiting(part: Part<unknown>) {
    if (part.phase === 'failed') {
      return html`<div class="blank">
        ${icon('warn')}<strong>The list could not be loaded</strong>
        <p>${part.problem}</p>
        <button class="outline" type="button" @click=${() => this.dispatchEvent(new CustomEvent('retry'))}>
          Try again
        </button>
      </div>`;
    }
    return html`<div class="ghosts" role="img" aria-label="Loading"><i></i><i></i><i></i><i></i><i></i></div>`;
  }

  #remark(part: Part<unknown>) {
    if (part.phase !== 'ready' || !part.problem) return nothing;
    return html`<p class="remark" role="status">${icon('warn')}Not up to date. ${part.problem}</p>`;
  }

  #foot() {
    const part = this.side === 'articles' ? this.list.articles : this.list.drafts;
    return html`<footer>
      <span role="status"
        >${part.phase === 'ready' ? plural(part.total, this.side === 'articles' ? 'article' : 'draft') : ''}</span
      >
      ${
        this.mayEdit
          ? html`<a class="button small" href=${hashOf({ kind: 'transfer' })}>${icon('open')}Import and export</a>`
          : nothing
      }
    </footer>`;
  }

  #filter(detail: Partial<Filters>): void {
    this.dispatchEvent(new CustomEvent<Partial<Filters>>('filter', { detail }));
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}
