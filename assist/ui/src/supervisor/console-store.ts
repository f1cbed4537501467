/** Everything the console shows: the lists, the team, and which request is open. */

import type { Http } from '../api/http.js';
import { SupervisionFeed, browserFeedPorts, type FeedState } from '../api/supervision-feed.js';
import type { Availability, FollowUp, HelpRequest, Notification, RequestPage, Team } from '../api/supervision.js';
import type { Page, User } from '../api/wire.js';
import { Observable } from '../shared/observable.js';
import { problemWords } from '../shared/problem-words.js';
import { Arrivals, type News } from './arrivals.js';
import { ListStore, isFiltered } from './list-store.js';
import { RequestStore } from './request-store.js';
import { Resource } from './resource.js';
import { hrefOf, listsRequests, placeOf, type Place } from './routes.js';

export interface ConsoleState {
  place: Place;
  feed: FeedState;
}

export interface ConsolePorts {
  http: Http;
  user: User;
  tell(text: string, undo?: () => void): void;
  complain(text: string): void;
  onSignedOut(): void;
  onNews(news: News): void;
}

const OPEN = 'pending,in_progress';
const OPEN_LOOKED_AT = 100;
/** Several changes at once, such as an answer and its notifications, are read once. */
const TOGETHER_MS = 60;

export class ConsoleStore extends Observable<ConsoleState> {
  readonly lists: Readonly<Record<'queue' | 'unresolved' | 'answered', ListStore>>;
  /** Without any filter: for the count, and to notice what is new. */
  readonly open: Resource<RequestPage>;
  readonly team: Resource<Team>;
  readonly followUps: Resource<Page<FollowUp>>;
  /** Messages that were given up. */
  readonly dead: Resource<Page<Notification>>;
  readonly feed: SupervisionFeed;
  request: RequestStore | null = null;
  readonly #arrivals = new Arrivals();
  #timer: number | null = null;
  #refreshOfView: (() => void) | null = null;

  constructor(readonly ports: ConsolePorts) {
    super({
      place: placeOf(location) ?? { view: 'queue', requestId: null },
      feed: { phase: 'connecting', lostAtMs: null, retryAtMs: null },
    });
    const { http, onSignedOut } = ports;
    const list = (statuses: string) => new ListStore(http, statuses, onSignedOut);
    this.lists = { queue: list(OPEN), unresolved: list('unresolved'), answered: list('resolved') };
    this.open = new Resource(http, `/api/help-requests?status=${OPEN}&limit=${OPEN_LOOKED_AT}`, onSignedOut);
    this.team = new Resource(http, '/api/supervision/team', onSignedOut);
    this.followUps = new Resource(http, '/api/follow-ups?state=open,failed&limit=100', onSignedOut);
    this.dead = new Resource(http, '/api/notifications?state=dead&limit=50', onSignedOut);
    this.open.addEventListener('change', () => this.#openRead());
    for (const store of [this.open, this.team, this.followUps, this.dead, ...Object.values(this.lists)])
      store.addEventListener('change', () => this.set({}));
    this.feed = new SupervisionFeed(() => this.#soon(), (feed) => this.set({ feed }), browserFeedPorts());
  }

  get user(): User {
    return this.ports.user;
  }

  get list(): ListStore | null {
    const { view } = this.state.place;
    return listsRequests(view) ? this.lists[view] : null;
  }

  get openCount(): number {
    return this.open.value?.total ?? 0;
  }

  start(): void {
    window.addEventListener('popstate', this.#moved);
    window.addEventListener('hashchange', this.#moved);
    window.addEventListener('online', this.#online);
    this.go(this.state.place, 'replace');
    void this.team.refresh();
    void this.followUps.refresh();
    void this.open.refresh();
    this.feed.start();
  }

  close(): void {
    window.removeEventListener('popstate', this.#moved);
    window.removeEventListener('hashchange', this.#moved);
    window.removeEventListener('online', this.#online);
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    this.feed.close();
    this.request?.close();
  }

  go(place: Place, how: 'push' | 'replace' = 'push'): void {
    const href = hrefOf(place);
    if (how === 'push' && href !== location.pathname + location.search) history.pushState(null, '', href);
    if (how === 'replace') history.replaceState(null, '', href);
    this.#show(place);
  }

  /** Up or down the list from the open request; from none, the first. */
  step(by: 1 | -1): void {
    const items = this.list?.state.items ?? [];
    const at = items.findIndex(({ id }) => id === this.state.place.requestId);
    const next = at < 0 ? items[0] : items[at + by];
    if (next) this.go({ ...this.state.place, requestId: next.id }, 'replace');
  }

  /** A view with data of its own says how it is read again; null when it is gone. */
  alsoRefresh(refresh: (() => void) | null): void {
    this.#refreshOfView = refresh;
  }

  async setAvailability(availability: Availability): Promise<void> {
    const before = this.team.value;
    if (before) this.team.put(withAvailability(before, this.user.id, availability));
    try {
      await this.ports.http.put('/api/supervision/availability', { availability });
    } catch (error) {
      if (before) this.team.put(before);
      this.ports.complain(problemWords(error));
    }
    void this.team.refresh();
  }

  get availability(): Availability | null {
    return this.team.value?.items.find(({ user_id }) => user_id === this.user.id)?.availability ?? null;
  }

  async callbackDone(followUp: FollowUp): Promise<void> {
    try {
      await this.ports.http.post(`/api/follow-ups/${encodeURIComponent(followUp.id)}/done`);
      this.ports.tell(`The callback to ${followUp.customer_name ?? followUp.address ?? 'the customer'} is done`);
    } catch (error) {
      this.ports.complain(problemWords(error));
    }
    void this.followUps.refresh();
  }

  async resend(id: string): Promise<void> {
    try {
      await this.ports.http.post(`/api/notifications/${encodeURIComponent(id)}/resend`);
      this.ports.tell('It is being sent again');
    } catch (error) {
      this.ports.complain(problemWords(error));
    }
    void this.dead.refresh();
  }

  /** Reads again everything that can be seen. */
  refresh(): void {
    void this.open.refresh();
    void this.team.refresh();
    void this.followUps.refresh();
    if (this.state.place.view === 'callbacks') void this.dead.refresh();
    const { list } = this;
    if (list && (list !== this.lists.queue || isFiltered(list.state.filters) || this.#showsMore())) void list.refresh();
    void this.request?.refresh();
    this.#refreshOfView?.();
  }

  #showsMore(): boolean {
    return this.lists.queue.state.phase !== 'ready' || this.lists.queue.state.items.length > OPEN_LOOKED_AT;
  }

  /** The list without filters is the same that was just read for the count. */
  #openRead(): void {
    const { value } = this.open;
    if (!value) return;
    this.ports.onNews(this.#arrivals.look(value.items, this.user.id));
    this.lists.queue.know(value, OPEN_LOOKED_AT);
  }

  #show(place: Place): void {
    const before = this.state.place;
    if (place.requestId !== this.request?.id) this.#open(place.requestId);
    this.set({ place });
    if (place.view === 'callbacks') void this.dead.refresh();
    const list = this.list;
    if (list && (place.view !== before.view || list.state.phase === 'loading')) void list.refresh();
  }

  #open(id: string | null): void {
    this.request?.close();
    this.request = id === null ? null : new RequestStore(id, this.#requestPorts());
    void this.request?.start();
  }

  #requestPorts() {
    const { http, user, tell, complain, onSignedOut } = this.ports;
    return {
      http,
      user,
      tell,
      complain,
      onSignedOut,
      storage: sessionStorage,
      onChanged: (request: HelpRequest) => {
        this.#arrivals.did(request);
        for (const list of Object.values(this.lists)) list.replace(request);
        this.#soon();
      },
    };
  }

  #soon(): void {
    if (this.#timer !== null) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = null;
      this.refresh();
    }, TOGETHER_MS);
  }

  readonly #moved = (): void => {
    const place = placeOf(location);
    if (place) this.#show(place);
  };

  readonly #online = (): void => this.feed.retryNow();
}

function withAvailability(team: Team, userId: string, availability: Availability): Team {
  const items = team.items.map((member) => (member.user_id === userId ? { ...member, availability } : member));
  return { ...team, items };
}
