import { LitElement, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { Http, HttpProblem } from '../api/http.js';
import type { Article } from '../api/wire.js';
import { day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import { articleStyles } from './article-styles.js';
import { renderMarkdown } from './render-markdown.js';
import { toRange } from './source-range.js';

/** An article in any other status deserves a remark. */
const IN_FORCE = new Set(['approved', 'published', 'active']);

interface Wanted {
  id: string;
  version: string | null;
  start: number;
  end: number;
}

@customElement('assist-article')
export class ArticlePage extends LitElement {
  @state() private article: Article | null = null;
  @state() private problem = '';
  #body: DocumentFragment | null = null;
  #cited = false;
  readonly #wanted = wantedFrom(location);

  static override styles = [reset, controls, blank, articleStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  override render() {
    if (this.problem) return this.#failed();
    if (!this.article) return html`<main class="blank" aria-busy="true"><p>Opening the article…</p></main>`;
    return this.#article(this.article);
  }

  override updated(): void {
    const place = this.renderRoot.querySelector('.body');
    if (!place || !this.#body) return;
    place.replaceChildren(this.#body);
    this.#body = null;
    this.#jump();
  }

  #article(article: Article) {
    const updated = day(article.updated_at);
    return html`<main>
      <header>
        <h1>${article.title}</h1>
        <p class="facts">
          <span>Version ${article.version}</span>
          ${updated ? html`<span>Updated <time datetime=${article.updated_at}>${updated}</time></span>` : nothing}
          ${
            article.status && !IN_FORCE.has(article.status)
              ? html`<span class="status">${article.status}</span>`
              : nothing
          }
        </p>
        ${
          article.tags.length
            ? html`<ul class="tags" aria-label="Tags">
                ${article.tags.map((tag) => html`<li>${tag}</li>`)}
              </ul>`
            : nothing
        }
        ${this.#links(article)}
      </header>
      <div class="body" lang=${article.language ?? nothing}></div>
    </main>`;
  }

  #links(article: Article) {
    const external = article.url && /^https?:/.test(article.url) ? article.url : null;
    if (!external && !this.#cited) return nothing;
    return html`<p class="links">
      ${
        this.#cited
          ? html`<button class="outline small" type="button" @click=${this.#jump}>
              ${icon('arrowDown')}Go to the cited passage
            </button>`
          : nothing
      }
      ${
        external
          ? html`<a class="button small" href=${external} target="_blank" rel="noopener noreferrer">
              ${icon('open')}Original page
            </a>`
          : nothing
      }
    </p>`;
  }

  #failed() {
    return html`<main class="blank">
      ${icon('warn')}<strong>The article cannot be shown</strong>
      <p>${this.problem}</p>
      <button class="outline" type="button" @click=${this.#load}>Try again</button>
    </main>`;
  }

  readonly #load = async (): Promise<void> => {
    this.problem = '';
    const { id, version, start, end } = this.#wanted;
    const query = version ? `?version=${encodeURIComponent(version)}` : '';
    try {
      const article = await new Http().get<Article>(`/api/knowledge-base/${encodeURIComponent(id)}${query}`);
      const body = article.body ?? '';
      this.#body = renderMarkdown(body, toRange(body, start, end), article.title);
      this.#cited = this.#body.querySelector('mark') !== null;
      this.article = article;
      document.title = `${article.title} · Assist`;
    } catch (error) {
      this.problem = problemOf(error);
    }
  };

  readonly #jump = (): void => {
    const mark = this.renderRoot.querySelector('.body mark');
    requestAnimationFrame(() => mark?.scrollIntoView({ block: 'center' }));
  };
}

function wantedFrom(place: Location): Wanted {
  const query = new URLSearchParams(place.search);
  return {
    id: decodeURIComponent(place.pathname.replace(/^.*\/articles\//, '').replace(/\/$/, '')),
    version: query.get('version'),
    start: numberOf(query.get('start')),
    end: numberOf(query.get('end')),
  };
}

function numberOf(text: string | null): number {
  return text !== null && /^\d+$/.test(text) ? Number(text) : -1;
}

function problemOf(error: unknown): string {
  if (!(error instanceof HttpProblem)) return 'The server cannot be reached. Check your network.';
  const { status, detail } = error.problem;
  if (status === 401) return 'You are signed out. Sign in at the desk, then try again.';
  if (status === 404) return 'This article or version is no longer kept. Look for a newer one from the desk.';
  return detail || 'The server had a problem. Try again in a moment.';
}
