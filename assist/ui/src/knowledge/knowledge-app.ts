import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { User } from '../api/wire.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { PageApp, pageStyles } from '../shared/page-app.js';
import { blank, controls, reset } from '../shared/styles.js';
import './article-editor.js';
import './article-list.js';
import './draft-review.js';
import { EditStore } from './edit-store.js';
import { knowledgeStyles } from './knowledge-styles.js';
import { ListStore, type Filters } from './list-store.js';
import { NeighbourCheck } from './neighbour-check.js';
import { ReviewStore } from './review-store.js';
import { hashOf, routeOf, type Route, type Side } from './routes.js';
import './transfer.js';
import type { Decision, Draft, FullArticle } from './wire.js';

const DECIDED: Readonly<Record<Decision, string>> = {
  new: 'Approved. Agents find it as soon as it is searchable.',
  merge: 'Merged. The article has a new version.',
  replace: 'Replaced. The earlier text stays in its versions.',
  one_off: 'Not learned. The answer stays with its request.',
};

@customElement('assist-knowledge')
export class KnowledgeApp extends PageApp {
  protected override readonly page = 'knowledge';
  @state() private route: Route = routeOf(location.hash);
  @state() private side: Side = 'articles';
  @state() private editing: EditStore | null = null;
  @state() private reviewing: ReviewStore | null = null;
  readonly #list = new ListStore(this.http, () => this.session.expired());
  #check = new NeighbourCheck(this.http);
  /** Signed in, and may be here. */
  #user: User | null = null;

  static override styles = [reset, controls, blank, pageStyles, knowledgeStyles];

  constructor() {
    super();
    new Follows(this).follow(this.#list);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('hashchange', this.#moved);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hashchange', this.#moved);
    this.#list.stop();
  }

  protected override opened(user: User): void {
    this.#user = user;
    this.#list.start();
    this.#show(routeOf(location.hash));
  }

  protected override closed(): void {
    this.#user = null;
    this.#list.stop();
    this.editing?.close();
    this.reviewing?.close();
    this.editing = null;
    this.reviewing = null;
  }

  protected override content(user: User) {
    const mayEdit = user.role === 'supervisor' || user.role === 'admin';
    const { route } = this;
    return html`<main data-route=${route.kind}>
      ${route.kind === 'home' ? html`<h1 class="visually-hidden">Knowledge</h1>` : nothing}
      <nav class="side" aria-label="Articles and drafts">
        <assist-article-list
          .list=${this.#list.state}
          .side=${this.side}
          .currentId=${'id' in route ? route.id : ''}
          ?mayEdit=${mayEdit}
          @side=${(event: CustomEvent<Side>) => (this.side = event.detail)}
          @filter=${(event: CustomEvent<Partial<Filters>>) => this.#list.filter(event.detail)}
          @more=${() => void this.#list.more()}
          @more-drafts=${() => void this.#list.moreDrafts()}
          @retry=${() => this.#retry()}
        ></assist-article-list>
      </nav>
      <div class="page">
        ${
          route.kind === 'home'
            ? nothing
            : html`<a class="button back" href="#">${icon('chevron')}All articles</a>`
        }
        ${this.#page(mayEdit)}
      </div>
    </main>`;
  }

  #page(mayEdit: boolean) {
    if (this.route.kind === 'transfer')
      return html`<assist-transfer
        .http=${this.http}
        ?mayEdit=${mayEdit}
        @imported=${() => void this.#list.refresh()}
        @signed-out=${() => this.session.expired()}
      ></assist-transfer>`;
    if (this.reviewing)
      return html`<assist-draft-review .store=${this.reviewing} ?mayEdit=${mayEdit}></assist-draft-review>`;
    if (this.editing)
      return html`<assist-article-editor
        .store=${this.editing}
        .check=${this.#check}
        .http=${this.http}
        ?mayEdit=${mayEdit}
        @archive=${() => void this.#archive(true)}
        @restore=${() => void this.#archive(false)}
        @rollback=${(event: CustomEvent<number>) => void this.#rollback(event.detail)}
        @discarded=${(event: CustomEvent<() => void>) => this.notify('Changes discarded', event.detail)}
      ></assist-article-editor>`;
    return this.#home(mayEdit);
  }

  #home(mayEdit: boolean) {
    const { drafts } = this.#list.state;
    return html`<div class="blank">
      ${icon('article')}<strong>Choose an article</strong>
      <p>Or look at what supervisors have answered and nobody has reviewed yet.</p>
      ${
        drafts.total > 0
          ? html`<button class="outline" type="button" @click=${() => this.#firstDraft()}>
              Review ${drafts.total === 1 ? 'the open draft' : `${drafts.total} open drafts`}
            </button>`
          : mayEdit
            ? html`<a class="button outline" href=${hashOf({ kind: 'new' })}>${icon('pen')}Write an article</a>`
            : nothing
      }
    </div>`;
  }

  readonly #moved = (): void => {
    if (this.#user) this.#show(routeOf(location.hash));
  };

  #show(route: Route): void {
    const before = this.route;
    this.route = route;
    if (route.kind === 'draft') this.side = 'drafts';
    else if (route.kind === 'article' || route.kind === 'new') this.side = 'articles';
    const stays = this.editing?.state.id !== undefined && hashOf(before) === hashOf(route);
    if (stays && (this.editing || this.reviewing)) return;
    if (route.kind === 'article' && this.editing?.state.id === route.id) return;
    this.editing?.close();
    this.reviewing?.close();
    this.#check.stop();
    this.#check = new NeighbourCheck(this.http);
    this.editing = this.#editStore(route);
    this.reviewing = route.kind === 'draft' ? this.#reviewStore(route.id) : null;
    void this.editing?.load();
    void this.reviewing?.load();
  }

  #editStore(route: Route): EditStore | null {
    if (route.kind !== 'article' && route.kind !== 'new') return null;
    return new EditStore(route.kind === 'article' ? route.id : null, {
      http: this.http,
      storage: sessionStorage,
      onSignedOut: () => this.session.expired(),
      onSaved: (article) => this.#saved(article),
    });
  }

  #reviewStore(id: string): ReviewStore {
    return new ReviewStore(id, {
      http: this.http,
      storage: sessionStorage,
      onSignedOut: () => this.session.expired(),
      onDecided: (draft, decision) => this.#decided(draft, decision),
    });
  }

  #saved(article: FullArticle): void {
    this.#list.changed(article);
    void this.#list.refresh();
    if (this.route.kind !== 'new') return;
    this.route = { kind: 'article', id: article.id };
    history.replaceState(null, '', hashOf(this.route));
    this.notify(article.status === 'approved' ? 'Saved. Agents find it as soon as it is searchable.' : 'Saved.');
  }

  #decided(draft: Draft, decision: Decision): void {
    this.notify(DECIDED[decision]);
    void this.#list.refreshDrafts();
    void this.#list.refresh();
    if (draft.article_id && decision !== 'one_off') location.hash = hashOf({ kind: 'article', id: draft.article_id });
    else location.hash = '';
  }

  async #archive(archive: boolean): Promise<void> {
    const store = this.editing;
    if (!store || !(await store.command(archive ? 'archive' : 'restore'))) return;
    const undo = () => void store.command(archive ? 'restore' : 'archive');
    this.notify(archive ? 'Archived. Agents no longer find it.' : 'Restored. Agents find it again.', undo);
  }

  async #rollback(version: number): Promise<void> {
    const store = this.editing;
    const before = store?.state.base?.version;
    if (!store || !before || !(await store.command('rollback', { version }))) return;
    this.notify(`Back to the text of version ${version}`, () => void store.command('rollback', { version: before }));
  }

  #firstDraft(): void {
    this.side = 'drafts';
    const [first] = this.#list.state.drafts.items;
    if (first) location.hash = hashOf({ kind: 'draft', id: first.id });
  }

  #retry(): void {
    void this.#list.refresh();
    void this.#list.refreshDrafts();
  }
}
