import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { openBrowserSocket } from '../api/browser-socket.js';
import type { StopReason } from '../api/call-stream.js';
import { HttpProblem } from '../api/http.js';
import type { User, Whisper } from '../api/wire.js';
import type { Action } from '../shared/actions.js';
import { clockWithSeconds } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { PageApp, pageStyles } from '../shared/page-app.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';
import { blank, controls, reset } from '../shared/styles.js';
import { CallController } from '../store/call-controller.js';
import type { CallView } from '../store/desk-state.js';
import type { TextStorage } from '../store/preferences.js';
import './call-watch.js';
import type { FloorFilters, Sort } from './floor-order.js';
import { FloorStore } from './floor-store.js';
import './floor-table.js';
import type { FloorTable } from './floor-table.js';

/** Whoever looks on pins nothing and owes the server nothing. */
const FORGETFUL: TextStorage = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

@customElement('assist-floor')
export class FloorApp extends PageApp {
  protected override readonly page = 'floor';
  @state() private view: CallView | null = null;
  @state() private autoScroll = true;
  readonly #floor = new FloorStore(this.http, () => this.session.expired());
  #controller: CallController | null = null;
  #mayWatch = false;

  static override styles = [
    reset,
    controls,
    blank,
    pageStyles,
    css`
      main:not(.blank) {
        flex: 1;
        min-height: 0;
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        grid-template-rows: minmax(0, 1fr);
      }
      main[data-watching] {
        grid-template-columns: minmax(0, 1fr) minmax(440px, 560px);
      }
      assist-call-watch {
        border-left: 1px solid var(--line);
      }
      .status {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        min-height: 28px;
        padding: 0 8px;
        border-radius: var(--radius-s);
        font-weight: 500;
        color: var(--ink-3);
        white-space: nowrap;
      }
      .status.ok {
        color: var(--ok);
      }
      .status.bad {
        color: var(--bad);
        background: var(--bad-soft);
      }
      .lost {
        display: none;
        padding: 4px 16px;
        background: var(--bad-soft);
        color: var(--bad);
        font-weight: 500;
      }
      @media (max-width: 1023px) {
        main[data-watching] {
          grid-template-columns: minmax(0, 1fr);
        }
        main[data-watching] assist-floor-table {
          display: none;
        }
        assist-call-watch {
          border: 0;
        }
      }
      @media (max-width: 719px) {
        .status.ok span {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        .status.bad {
          display: none;
        }
        .lost {
          display: block;
        }
      }
    `,
  ];

  constructor() {
    super();
    new Follows(this).follow(this.#floor);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('hashchange', this.#moved);
    window.addEventListener('online', this.#online);
    document.addEventListener('keydown', this.#pressed);
    this.addEventListener('assist-action', (event) => this.#acted((event as CustomEvent<Action>).detail));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hashchange', this.#moved);
    window.removeEventListener('online', this.#online);
    document.removeEventListener('keydown', this.#pressed);
    this.closed();
  }

  protected override opened(): void {
    this.#mayWatch = true;
    this.#floor.start();
    this.#watch(hashId());
  }

  protected override closed(): void {
    this.#mayWatch = false;
    this.#floor.stop();
    this.#watch('');
  }

  protected override status() {
    const { feed, problem, phase } = this.#floor.state;
    if (!this.#mayWatch) return nothing;
    if (feed.phase === 'connecting' && phase !== 'ready')
      return html`<span class="status">${icon('lines')}<span>Connecting…</span></span>`;
    if (feed.phase === 'live' && !problem) return html`<span class="status ok">${icon('check')}<span>Live</span></span>`;
    if (feed.phase === 'connecting' && !problem)
      return html`<span class="status">${icon('lines')}<span>Connecting…</span></span>`;
    return html`<span class="status bad" role="status">${icon('warn')}<span>${this.#lost()}</span></span>`;
  }

  #lost(): string {
    const { feed, problem, readAtMs } = this.#floor.state;
    if (feed.phase !== 'reconnecting' && !problem) return '';
    return readAtMs ? `Reconnecting; as it was at ${clockWithSeconds(readAtMs)}` : 'Reconnecting';
  }

  protected override content(user: User) {
    const watching = this.view !== null;
    const id = this.view?.state.sessionId ?? '';
    const lost = this.#lost();
    return html`${lost ? html`<p class="lost">${lost}</p>` : nothing}
      <main ?data-watching=${watching}>
        <h1 class="visually-hidden">Floor</h1>
      <assist-floor-table
        .floor=${this.#floor.state}
        .currentId=${id}
        @settle=${() => this.#floor.settle()}
        @retry=${() => this.#floor.retryNow()}
        @sort=${(event: CustomEvent<Sort>) => this.#floor.sortBy(event.detail)}
        @filter=${(event: CustomEvent<Partial<FloorFilters>>) => this.#floor.filter(event.detail)}
        @hold=${(event: CustomEvent<boolean>) => this.#floor.hold(event.detail)}
      ></assist-floor-table>
      ${
        watching
          ? html`<assist-call-watch
              .view=${this.view}
              .whisper=${(text: string) => this.#whisper(id, text)}
              .http=${this.http}
              ?maySupervise=${user.role === 'supervisor' || user.role === 'admin'}
              ?autoScroll=${this.autoScroll}
              @close=${() => this.#close()}
            ></assist-call-watch>`
          : nothing
      }
    </main>`;
  }

  #acted(action: Action): void {
    if (action.kind === 'autoScroll') this.autoScroll = action.on;
  }

  /** The hash keeps the call, so that it can be sent to somebody and survives a reload. */
  readonly #moved = (): void => {
    if (this.#mayWatch) this.#watch(hashId());
  };

  readonly #online = (): void => {
    this.#floor.retryNow();
    this.#controller?.retryNow();
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.view && !event.defaultPrevented) this.#close();
  };

  #close(): void {
    const id = this.view?.state.sessionId;
    history.pushState(null, '', location.pathname);
    this.#watch('');
    void this.updateComplete.then(() => this.#focusRow(id ?? ''));
  }

  /** Focus goes back to where the person came from. */
  #focusRow(id: string): void {
    const table = this.renderRoot.querySelector<FloorTable>('assist-floor-table');
    const link = table?.renderRoot.querySelector<HTMLElement>(`tr[data-session="${CSS.escape(id)}"] a`);
    link?.focus({ preventScroll: false });
  }

  #watch(id: string): void {
    if (id && id === this.#controller?.sessionId) return;
    this.#controller?.close();
    this.#controller = null;
    if (!id) {
      this.view = null;
      return;
    }
    this.#controller = new CallController(id, {
      http: this.http,
      storage: FORGETFUL,
      nowMs: () => Date.now(),
      newId: () => '',
      random: Math.random,
      setTimer: (run, delayMs) => window.setTimeout(run, delayMs),
      clearTimer: (timer) => window.clearTimeout(timer as number),
      open: openBrowserSocket,
      ticket: () => this.#ticket(),
      onChange: (view) => (this.view = view),
      onError: (detail) => this.complain(detail),
      onSignedOut: () => this.session.expired(),
    });
    this.view = this.#controller.view;
    this.#controller.start();
  }

  async #ticket(): Promise<{ ticket: string } | { stop: StopReason } | null> {
    try {
      return await this.http.post<{ ticket: string }>('/api/realtime/tickets');
    } catch (error) {
      if (isSignedOut(error)) return { stop: 'signed_out' };
      if (error instanceof HttpProblem && error.problem.status === 403)
        await this.http.session().catch(() => undefined);
      return null;
    }
  }

  async #whisper(id: string, text: string): Promise<string> {
    try {
      await this.http.post<Whisper>(`/api/calls/${encodeURIComponent(id)}/whisper`, { text });
      return '';
    } catch (error) {
      if (isSignedOut(error)) this.session.expired();
      return problemWords(error);
    }
  }
}

function hashId(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}
