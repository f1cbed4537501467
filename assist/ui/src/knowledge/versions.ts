import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Http } from '../api/http.js';
import type { Page } from '../api/wire.js';
import { clock, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { problemWords } from '../shared/problem-words.js';
import { blank, controls, reset } from '../shared/styles.js';
import './diff-view.js';
import { withWords, type DiffRow } from './text-diff.js';
import type { DiffLine, FullArticle, VersionSummary } from './wire.js';

/** The versions of an article, what each changed, and the way back. */
@customElement('assist-versions')
export class Versions extends LitElement {
  @property({ attribute: false }) article!: FullArticle;
  @property({ attribute: false }) http!: Http;
  @property({ type: Boolean }) mayEdit = false;
  /** Something is typed and not saved: going back would mix two changes. */
  @property({ type: Boolean }) dirty = false;
  @state() private versions: readonly VersionSummary[] = [];
  @state() private problem = '';
  @state() private chosen = 0;
  @state() private against: 'previous' | 'current' = 'previous';
  @state() private rows: readonly DiffRow[] | null = null;
  @state() private diffProblem = '';
  #listed = '';
  #compared = '';

  static override styles = [
    reset,
    controls,
    blank,
    css`
      :host {
        display: grid;
        grid-template-columns: 288px minmax(0, 1fr);
        align-items: start;
      }
      .list {
        padding: 12px;
        border-right: 1px solid var(--line);
        min-height: 100%;
      }
      ol {
        display: grid;
        gap: 2px;
      }
      li button {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        justify-content: stretch;
        justify-items: start;
        gap: 0;
        width: 100%;
        padding: 8px;
        text-align: left;
        font-weight: 400;
        overflow-wrap: anywhere;
      }
      li button[aria-current='true'] {
        background: var(--accent-soft);
        box-shadow: inset 2px 0 0 var(--accent);
      }
      li strong {
        color: var(--ink);
        font-weight: 600;
      }
      .by {
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      .changes {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 12px;
        padding: 16px 24px 24px;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
      }
      .line div {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      @media (max-width: 899px) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
        .list {
          border-right: 0;
          border-bottom: 1px solid var(--line);
          max-height: 240px;
          min-height: 0;
          overflow-y: auto;
        }
        .changes {
          padding: 16px;
        }
      }
    `,
  ];

  override willUpdate(): void {
    const { id, version } = this.article;
    if (this.#listed === `${id}@${version}`) return;
    this.#listed = `${id}@${version}`;
    this.chosen = version;
    void this.#list();
  }

  override updated(): void {
    const [from, to] = this.#pair();
    const wanted = `${this.article.id}:${from}-${to}`;
    if (this.#compared === wanted || from < 1 || from === to) return;
    this.#compared = wanted;
    void this.#compare(from, to, wanted);
  }

  override render() {
    if (this.problem)
      return html`<div class="blank">
        ${icon('warn')}<strong>The versions cannot be shown</strong>
        <p>${this.problem}</p>
        <button class="outline" type="button" @click=${() => void this.#list()}>Try again</button>
      </div>`;
    return html`<div class="list">
        <ol aria-label="Versions, newest first">
          ${this.versions.map((version) => this.#version(version))}
        </ol>
      </div>
      <section class="changes" aria-labelledby="changes">${this.#changes()}</section>`;
  }

  #version(one: VersionSummary) {
    const current = one.version === this.article.version;
    return html`<li>
      <button type="button" aria-current=${one.version === this.chosen} @click=${() => (this.chosen = one.version)}>
        <strong>Version ${one.version}${current ? ' · in force' : ''}</strong>
        <span class="by">${[one.author, `${day(one.created_at)}, ${clock(one.created_at)}`].filter(Boolean).join(' · ')}</span>
        ${one.change_note ? html`<span>${one.change_note}</span>` : nothing}
      </button>
    </li>`;
  }

  #changes() {
    const [from, to] = this.#pair();
    const current = this.chosen === this.article.version;
    return html`<div class="line">
        <h2 id="changes">${this.#title(from, to)}</h2>
        <div>
          ${
            current
              ? nothing
              : html`<button
                  class="small"
                  type="button"
                  aria-pressed=${this.against === 'current'}
                  @click=${() => (this.against = this.against === 'current' ? 'previous' : 'current')}
                >
                  Compare with what is in force
                </button>`
          }
          ${current ? nothing : this.#rollback()}
        </div>
      </div>
      ${this.#diff(from, to)}`;
  }

  #rollback() {
    if (this.dirty) return html`<span class="by">Save or discard your changes to go back to this version.</span>`;
    if (!this.mayEdit) return nothing;
    return html`<button class="outline small" type="button" @click=${() => this.#goBack()}>
      ${icon('undo')}Go back to version ${this.chosen}
    </button>`;
  }

  #title(from: number, to: number): string {
    if (from < 1 || from === to) return `Version ${to}: the first one kept`;
    return this.against === 'current' && this.chosen !== this.article.version
      ? `From version ${from} to version ${to}, which is in force`
      : `What version ${to} changed`;
  }

  #diff(from: number, to: number) {
    if (from < 1 || from === to) return html`<p class="by">There is nothing before it to compare with.</p>`;
    if (this.diffProblem) return html`<p role="alert">${this.diffProblem}</p>`;
    if (!this.rows) return html`<p class="by">Comparing…</p>`;
    return html`<assist-diff label="Changes of the text" .rows=${this.rows}></assist-diff>`;
  }

  /** From and to; from is 0 where nothing comes before. */
  #pair(): readonly [number, number] {
    const { version } = this.article;
    if (this.against === 'current' && this.chosen !== version) return [this.chosen, version];
    const before = this.versions.map((one) => one.version).filter((number) => number < this.chosen);
    return [Math.max(0, ...before), this.chosen];
  }

  #goBack(): void {
    this.dispatchEvent(new CustomEvent<number>('rollback', { detail: this.chosen, bubbles: true, composed: true }));
  }

  async #list(): Promise<void> {
    this.problem = '';
    try {
      const path = `/api/knowledge-base/${this.article.id}/versions`;
      const reply = await this.http.get<Page<VersionSummary> | VersionSummary[]>(path);
      const items = Array.isArray(reply) ? reply : reply.items;
      this.versions = [...items].sort((a, b) => b.version - a.version);
    } catch (error) {
      this.problem = problemWords(error);
    }
  }

  async #compare(from: number, to: number, wanted: string): Promise<void> {
    this.rows = null;
    this.diffProblem = '';
    try {
      const path = `/api/knowledge-base/${this.article.id}/diff?from=${from}&to=${to}`;
      const { lines } = await this.http.get<{ lines: DiffLine[] }>(path);
      if (wanted === this.#compared) this.rows = withWords(lines);
    } catch (error) {
      if (wanted === this.#compared) this.diffProblem = problemWords(error);
    }
  }
}
