import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { HelpRequest } from '../api/supervision.js';
import type { User } from '../api/wire.js';
import type { Action } from '../shared/actions.js';
import { chime } from '../shared/chime.js';
import { formStyles } from '../shared/form-styles.js';
import { plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { PageApp, pageStyles } from '../shared/page-app.js';
import { blank, controls, reset } from '../shared/styles.js';
import { loadPreferences, savePreferences } from '../store/preferences.js';
import type { News } from './arrivals.js';
import './audit-view.js';
import './availability-switch.js';
import './callbacks-view.js';
import { consoleStyles } from './console-styles.js';
import { ConsoleStore } from './console-store.js';
import './feed-status.js';
import { consoleShortcut, type ConsoleShortcut } from './keys.js';
import './keys-dialog.js';
import type { KeysDialog } from './keys-dialog.js';
import './request-list.js';
import type { RequestList } from './request-list.js';
import './request-page.js';
import type { RequestPage } from './request-page.js';
import { alertsWanted, askForAlerts, canAlert, setAlertsWanted, showAlert } from './browser-alerts.js';
import { VIEWS, hrefOf, listsRequests, placeOf, type Place, type ViewName } from './routes.js';
import './statistics-view.js';
import './team-view.js';
import { PRIORITY_WORDS, customerOf, firstLine } from './words.js';

const TITLE = 'Console · Assist';
/** From here the list and the request stand side by side, and the first request opens by itself. */
const WIDE = window.matchMedia('(min-width: 860px)');

@customElement('assist-console')
export class ConsoleApp extends PageApp {
  protected readonly page = 'console';
  @state() private sounds = loadPreferences(localStorage).sounds;
  @state() private autoScroll = loadPreferences(localStorage).autoScroll;
  @state() private alerts = alertsWanted(localStorage);
  @state() private announced = '';
  @query('assist-request-list') private readonly list!: RequestList | null;
  @query('assist-request-page') private readonly requestPage!: RequestPage | null;
  @query('assist-keys-dialog') private readonly keys!: KeysDialog;
  #store: ConsoleStore | null = null;
  readonly #follows = new Follows(this);

  static override styles = [reset, controls, formStyles, blank, pageStyles, consoleStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#pressed);
    WIDE.addEventListener('change', this.#resized);
    this.addEventListener('click', this.#clicked);
    this.addEventListener('assist-action', (event) => this.#acted((event as CustomEvent<Action>).detail));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#pressed);
    WIDE.removeEventListener('change', this.#resized);
    this.closed();
  }

  override updated(): void {
    const count = this.#store?.openCount ?? 0;
    document.title = count ? `(${count}) ${TITLE}` : TITLE;
    this.#openFirst();
  }

  protected override opened(user: User): void {
    this.#store = new ConsoleStore({
      http: this.http,
      user,
      tell: (text, undo) => this.notify(text, undo),
      complain: (text) => this.complain(text),
      onSignedOut: () => this.session.expired(),
      onNews: (news) => this.#heard(news),
    });
    this.#follows.follow(this.#store);
    this.#store.start();
  }

  protected override closed(): void {
    this.#store?.close();
    this.#store = null;
    this.#follows.follow(null);
    document.title = TITLE;
  }

  protected override bar(user: User) {
    const store = this.#store;
    return html`<assist-site-nav current="console" .user=${user} .pending=${store ? store.openCount : null}>
      ${
        store
          ? html`<assist-feed-status .feed=${store.state.feed}></assist-feed-status>
              ${mayAnswer(user) ? html`<assist-availability-switch .store=${store}></assist-availability-switch>` : nothing}`
          : nothing
      }
      ${store ? this.#menu() : nothing}
    </assist-site-nav>`;
  }

  protected override content(user: User) {
    const store = this.#store;
    if (!store) return html`<main class="blank" role="status"><p>Opening…</p></main>`;
    const { place } = store.state;
    return html`<nav class="views" aria-label="Views" ?data-behind=${place.requestId !== null}>
        ${VIEWS.map(({ view, label }) => this.#viewLink(view, label, place.view))}
      </nav>
      <main data-open=${place.requestId !== null} class=${listsRequests(place.view) ? 'pair' : 'single'}>
        <h1 class="visually-hidden">${VIEWS.find(({ view }) => view === place.view)?.label}</h1>
        ${listsRequests(place.view) ? this.#pair(store) : this.#single(store, place.view, user)}
      </main>
      <div class="visually-hidden" role="status">${this.announced}</div>
      <assist-keys-dialog></assist-keys-dialog>`;
  }

  #menu() {
    return html`<button
        slot="menu"
        type="button"
        title="A tone when a question arrives"
        @click=${this.#toggleSounds}
      >
        ${icon(this.sounds ? 'sound' : 'silent')}${this.sounds ? 'Sound on' : 'Sound off'}
      </button>
      ${
        canAlert()
          ? html`<button
              slot="menu"
              type="button"
              title="A message of the browser when a question arrives and you are elsewhere"
              @click=${this.#toggleAlerts}
            >
              ${icon(this.alerts ? 'bell' : 'bellOff')}${this.alerts ? 'Alerts on' : 'Alerts off'}
            </button>`
          : nothing
      }
      <button slot="menu" type="button" @click=${() => this.keys.toggle()}>${icon('keyboard')}Shortcuts</button>`;
  }

  #viewLink(view: ViewName, label: string, current: ViewName) {
    const count = this.#countOf(view);
    return html`<a href=${hrefOf({ view, requestId: null })} aria-current=${view === current ? 'page' : nothing}
      >${label}${count ? html`<span class="count">${count}</span>` : nothing}</a
    >`;
  }

  #countOf(view: ViewName): number {
    if (view === 'queue') return this.#store?.openCount ?? 0;
    if (view === 'callbacks') return this.#store?.followUps.value?.total ?? 0;
    return 0;
  }

  #pair(store: ConsoleStore) {
    const { place } = store.state;
    const { list, request } = store;
    return html`<assist-request-list
        .store=${list}
        view=${place.view}
        .selectedId=${place.requestId}
        .userId=${store.user.id}
        .tags=${tagsOf(store.open.value?.items ?? [], list?.state.items ?? [])}
        .groups=${store.team.value?.groups.map(({ name }) => name) ?? []}
      ></assist-request-list>
      ${
        request
          ? html`<assist-request-page
              .store=${request}
              .team=${store.team.value}
              view=${place.view}
              ?autoScroll=${this.autoScroll}
              ?narrow=${!WIDE.matches}
              .nextHref=${nextHref(place, list?.state.items ?? [])}
            ></assist-request-page>`
          : html`<div class="blank none">
              ${icon('card')}<strong>No request is open</strong>
              <p>Choose one from the list, or press Alt+↓.</p>
            </div>`
      }`;
  }

  #single(store: ConsoleStore, view: ViewName, user: User) {
    switch (view) {
      case 'callbacks':
        return html`<assist-callbacks .store=${store}></assist-callbacks>`;
      case 'team':
        return html`<assist-team .store=${store}></assist-team>`;
      case 'statistics':
        return html`<assist-statistics .store=${store}></assist-statistics>`;
      default:
        return html`<assist-audit .store=${store} .user=${user}></assist-audit>`;
    }
  }

  /** On a wide screen nothing has to be chosen before one can answer. */
  #openFirst(): void {
    const store = this.#store;
    if (!store || !WIDE.matches) return;
    const { place } = store.state;
    const first = store.list?.state.items[0];
    if (place.requestId === null && first && store.list?.state.phase === 'ready')
      store.go({ view: place.view, requestId: first.id }, 'replace');
  }

  #heard({ arrived, mine }: News): void {
    const news = [...arrived, ...mine];
    if (!news.length) return;
    this.announced = newsWords(arrived, mine);
    if (this.#store?.availability === 'away') return;
    if (this.sounds) chime();
    if (this.alerts && document.hidden) for (const request of news) this.#alert(request);
  }

  #alert(request: HelpRequest): void {
    showAlert(request.id, `${PRIORITY_WORDS[request.priority]}: ${customerOf(request)}`, firstLine(request.question), () =>
      this.#store?.go({ view: 'queue', requestId: request.id }),
    );
  }

  #acted(action: Action): void {
    if (action.kind !== 'autoScroll') return;
    this.autoScroll = action.on;
    savePreferences(localStorage, { ...loadPreferences(localStorage), autoScroll: action.on });
  }

  readonly #resized = (): void => this.requestUpdate();

  readonly #toggleSounds = (): void => {
    this.sounds = !this.sounds;
    savePreferences(localStorage, { ...loadPreferences(localStorage), sounds: this.sounds });
    if (this.sounds) chime();
  };

  readonly #toggleAlerts = async (): Promise<void> => {
    const allowed = !this.alerts && (await askForAlerts());
    if (!this.alerts && !allowed)
      this.complain('The browser does not allow messages of this page. Allow them in its settings for this site.');
    this.alerts = allowed;
    setAlertsWanted(localStorage, allowed);
  };

  /** Links between views open without loading the page again. */
  readonly #clicked = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return;
    const place = placeOf(new URL(link.href));
    if (!place || !this.#store) return;
    event.preventDefault();
    this.#store.go(place);
    if (place.requestId === null) void this.updateComplete.then(() => this.renderRoot.querySelector('main')?.scrollTo(0, 0));
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (!this.#store) return;
    const name = consoleShortcut(event);
    if (!name) return;
    event.preventDefault();
    this.#shortcut(name);
  };

  #shortcut(name: ConsoleShortcut): void {
    switch (name) {
      case 'next':
      case 'previous':
        return this.#store?.step(name === 'next' ? 1 : -1);
      case 'answer':
        return this.requestPage?.focusAnswer();
      case 'claim':
        if (this.#store?.request?.mayAct) void this.#store.request.claim();
        return;
      case 'search':
        return this.list?.focusSearch();
      case 'help':
        return this.keys.toggle();
    }
  }
}

/** Where to go once the open request is done. */
function nextHref(place: Place, items: readonly HelpRequest[]): string | null {
  const next = items.find(({ id }) => id !== place.requestId);
  return place.view === 'queue' && next ? hrefOf({ view: place.view, requestId: next.id }) : null;
}

function mayAnswer({ role }: User): boolean {
  return role === 'supervisor' || role === 'admin';
}

function tagsOf(...lists: readonly (readonly HelpRequest[])[]): readonly string[] {
  return [...new Set(lists.flat().flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b));
}

function newsWords(arrived: readonly HelpRequest[], mine: readonly HelpRequest[]): string {
  const first = arrived[0] ?? mine[0];
  if (!first) return '';
  if (arrived.length > 1) return `${plural(arrived.length, 'new request')}. The first: ${firstLine(first.question)}`;
  const what = arrived.length ? `New request, ${PRIORITY_WORDS[first.priority].toLowerCase()}` : 'Passed to you';
  return `${what}: ${firstLine(first.question)}`;
}
