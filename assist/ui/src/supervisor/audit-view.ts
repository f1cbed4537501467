import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { AuditEntry } from '../api/supervision.js';
import type { Page, User } from '../api/wire.js';
import { formStyles } from '../shared/form-styles.js';
import { clockWithSeconds, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { problemWords } from '../shared/problem-words.js';
import { blank, controls, reset } from '../shared/styles.js';
import type { ConsoleStore } from './console-store.js';
import { changeWords } from './history-words.js';
import { Resource } from './resource.js';
import { hrefOf } from './routes.js';
import { singleStyles } from './single-styles.js';
import { eventWords } from './words.js';

type AuditPage = Page<AuditEntry>;

interface AuditFilters {
  actor: string;
  action: string;
  target: string;
  from: string;
  to: string;
}

const ANY: AuditFilters = { actor: '', action: '', target: '', from: '', to: '' };
const PAUSE_MS = 300;
const DAY_MS = 86_400_000;

@customElement('assist-audit')
export class AuditView extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  @property({ attribute: false }) user!: User;
  @state() private filters = ANY;
  @state() private older: readonly AuditEntry[] = [];
  @state() private next: string | null = null;
  @state() private problem = '';
  #entries: Resource<AuditPage> | null = null;
  #timer: number | null = null;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    blank,
    singleStyles,
    css`
      form {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
        gap: 8px 12px;
      }
      td {
        overflow-wrap: anywhere;
      }
      .when {
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
      .change {
        font-size: var(--text-xs);
        color: var(--ink-2);
        min-width: 200px;
      }
      .more {
        text-align: center;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const { http, onSignedOut } = this.store.ports;
    this.#entries = new Resource<AuditPage>(http, this.#path(), onSignedOut);
    this.#follows.follow(this.#entries);
    this.store.alsoRefresh(() => {
      if (!this.older.length) void this.#entries?.refresh();
    });
    void this.#entries.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.store.alsoRefresh(null);
  }

  override render() {
    const { phase, problem, value } = this.#entries?.state ?? { phase: 'loading', problem: '', value: null };
    const entries = [...(value?.items ?? []), ...this.older];
    return html`<section aria-labelledby="title">
      <header class="bar">
        <h2 id="title">Audit</h2>
        ${this.#export('csv', 'CSV')} ${this.#export('jsonl', 'JSON Lines')}
      </header>
      ${this.#form()}
      ${
        phase === 'failed'
          ? html`<div class="blank">${icon('warn')}<strong>The log could not be loaded</strong><p>${problem}</p></div>`
          : nothing
      }
      ${phase === 'loading' ? html`<p class="quiet" role="status">Loading…</p>` : nothing}
      ${phase === 'ready' ? this.#table(entries) : nothing}
    </section>`;
  }

  #export(format: string, label: string) {
    const query = this.#query();
    query.set('format', format);
    return html`<a class="button outline" href="/api/supervision/audit/export?${query}" download="audit.${format}"
      >${icon('download')}${label}</a
    >`;
  }

  #form() {
    const field = (name: keyof AuditFilters, label: string, type: string, placeholder: string) =>
      html`<label class="field">
        ${label}
        <input type=${type} .value=${this.filters[name]} placeholder=${placeholder} @input=${(event: Event) => this.#filter(name, event)} />
      </label>`;
    return html`<form role="search" aria-label="Audit log" @submit=${(event: Event) => event.preventDefault()}>
      ${field('actor', 'Who', 'text', 'Name')} ${field('action', 'What', 'text', 'help_request')}
      ${field('target', 'On what', 'text', 'Whole id')} ${field('from', 'From', 'date', '')} ${field('to', 'Until', 'date', '')}
    </form>`;
  }

  #table(entries: readonly AuditEntry[]) {
    if (!entries.length)
      return html`<div class="blank">
        ${icon('search')}<strong>Nothing is recorded</strong>
        <p>Every change that a supervisor or an administrator makes appears here.</p>
      </div>`;
    return html`<div class="panel scroll" tabindex="0" role="region" aria-label="Entries">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">On what</th>
              <th scope="col">Before and after</th>
            </tr>
          </thead>
          <tbody>
            ${entries.map((entry) => this.#entry(entry))}
          </tbody>
        </table>
      </div>
      ${
        this.#nextCursor()
          ? html`<p class="more">
              <button class="outline" type="button" @click=${this.#more}>Show older entries</button>
            </p>`
          : nothing
      }
      ${this.problem ? html`<p class="problem" role="alert">${icon('warn')}<span>${this.problem}</span></p>` : nothing}`;
  }

  #entry(entry: AuditEntry) {
    return html`<tr>
      <td class="when"><time datetime=${entry.at}>${day(entry.at)}, ${clockWithSeconds(entry.at)}</time></td>
      <td>${entry.actor_name || entry.actor}</td>
      <td>${eventWords(entry.action)}</td>
      <td>${targetOf(entry)}</td>
      <td class="change">${changeWords(entry) || html`<span class="quiet">–</span>`}</td>
    </tr>`;
  }

  #filter(name: keyof AuditFilters, event: Event): void {
    this.filters = { ...this.filters, [name]: (event.target as HTMLInputElement).value };
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.older = [];
      this.next = null;
      this.#entries?.ask(this.#path());
    }, PAUSE_MS);
  }

  #nextCursor(): string | null {
    return this.older.length ? this.next : (this.#entries?.value?.next ?? null);
  }

  readonly #more = async (): Promise<void> => {
    const cursor = this.#nextCursor();
    if (!cursor) return;
    try {
      const page = await this.store.ports.http.get<AuditPage>(this.#path(cursor));
      this.older = [...this.older, ...page.items];
      this.next = page.next;
      this.problem = '';
    } catch (error) {
      this.problem = problemWords(error);
    }
  };

  #path(cursor = ''): string {
    const query = this.#query();
    query.set('limit', '50');
    if (cursor) query.set('cursor', cursor);
    return `/api/supervision/audit?${query}`;
  }

  #query(): URLSearchParams {
    const query = new URLSearchParams();
    const { actor, action, target, from, to } = this.filters;
    for (const [name, value] of Object.entries({ actor, action, target })) if (value.trim()) query.set(name, value.trim());
    if (from) query.set('from', new Date(`${from}T00:00`).toISOString());
    if (to) query.set('to', new Date(Date.parse(`${to}T00:00`) + DAY_MS).toISOString());
    return query;
  }
}

function targetOf({ target_type: type, target_id: id }: AuditEntry) {
  const label = `${eventWords(type)} ${id.slice(0, 8)}`;
  if (type === 'help_request') return html`<a href=${hrefOf({ view: 'queue', requestId: id })}>${label}</a>`;
  if (type === 'article') return html`<a href="/articles/${encodeURIComponent(id)}">${label}</a>`;
  return html`<span title=${id}>${label}</span>`;
}
