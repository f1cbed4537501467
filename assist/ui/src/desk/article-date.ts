import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Article } from '../api/wire.js';
import { Http } from '../api/http.js';
import { day } from '../shared/format.js';
import { reset } from '../shared/styles.js';

const http = new Http();
const known = new Map<string, Promise<string>>();

/** A citation carries no date; the article does, and is asked for once. Without it nothing is shown. */
@customElement('assist-article-date')
export class ArticleDate extends LitElement {
  @property({ attribute: false }) articleId = '';
  @property({ attribute: false }) version = 0;
  @state() private updatedAt = '';

  static override styles = [reset];

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('articleId') || changed.has('version')) void this.#load(this.articleId, this.version);
  }

  override render() {
    const text = day(this.updatedAt);
    return text ? html`<time datetime=${this.updatedAt}>${text}</time>` : nothing;
  }

  async #load(articleId: string, version: number): Promise<void> {
    this.updatedAt = '';
    const updatedAt = await updatedAtOf(articleId, version);
    if (articleId === this.articleId && version === this.version) this.updatedAt = updatedAt;
  }
}

function updatedAtOf(articleId: string, version: number): Promise<string> {
  const path = `/api/knowledge-base/${encodeURIComponent(articleId)}?version=${version}`;
  const cached = known.get(path);
  if (cached) return cached;
  const asked = http.get<Article>(path).then(
    (article) => article.updated_at,
    () => forget(path),
  );
  known.set(path, asked);
  return asked;
}

function forget(path: string): string {
  known.delete(path);
  return '';
}
