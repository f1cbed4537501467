/** The bar on top of every page for supervisors: where one can go, how many questions wait, and the account. */

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Http } from '../api/http.js';
import type { Page, User } from '../api/wire.js';
import { loadPreferences } from '../store/preferences.js';
import { act } from './actions.js';
import { icon } from './icons.js';
import { controls, reset } from './styles.js';
import { isDark } from './theme.js';

export type Site = 'desk' | 'console' | 'knowledge' | 'floor';

const PLACES: readonly { site: Site; label: string; href: string }[] = [
  { site: 'desk', label: 'Desk', href: '/' },
  { site: 'console', label: 'Console', href: '/supervisor' },
  { site: 'knowledge', label: 'Knowledge', href: '/knowledge' },
  { site: 'floor', label: 'Floor', href: '/floor' },
];

/** A page that knows the number itself sets it; the others are content with this. */
const COUNT_EVERY_MS = 30_000;
const COUNTED_MAX = 99;

/** Elements in the slot stand before the account: a state, a switch. Sends the actions `theme` and `signOut`. */
@customElement('assist-site-nav')
export class SiteNav extends LitElement {
  @property() current: Site = 'desk';
  @property({ attribute: false }) user: User | null = null;
  /** Open requests, from a page that follows them; null: the bar asks for itself. */
  @property({ attribute: false }) pending: number | null = null;
  @state() private counted = 0;
  @state() private menuOpen = false;
  readonly #http = new Http();
  #timer: number | null = null;

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
        flex: none;
        background: var(--surface);
        border-bottom: 1px solid var(--line);
      }
      header {
        display: flex;
        align-items: center;
        gap: 4px;
        height: 48px;
        padding: 0 12px 0 16px;
        position: relative;
      }
      .brand {
        font-size: var(--text-m);
        font-weight: 600;
        letter-spacing: -0.01em;
        margin-right: 12px;
      }
      ul {
        display: flex;
        gap: 4px;
      }
      li a {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 32px;
        padding: 0 10px;
        border-radius: var(--radius-s);
        color: var(--ink-2);
        font-weight: 500;
        text-decoration: none;
        white-space: nowrap;
      }
      li a:hover {
        background: var(--hover);
        color: var(--ink);
      }
      li a[aria-current='page'] {
        background: var(--accent-soft);
        color: var(--accent);
      }
      .count {
        min-width: 20px;
        padding: 0 6px;
        border-radius: 10px;
        background: var(--accent);
        color: var(--accent-ink);
        font-size: var(--text-xs);
        line-height: 20px;
        text-align: center;
        font-variant-numeric: tabular-nums;
      }
      .room {
        flex: 1;
        min-width: 0;
        display: flex;
        align-items: center;
        justify-content: flex-end;
        gap: 4px;
      }
      .more {
        display: flex;
        align-items: center;
        gap: 4px;
      }
      .who {
        max-width: 20ch;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        padding: 0 8px;
        margin-left: 8px;
        border-left: 1px solid var(--line);
        color: var(--ink-3);
      }
      .menu {
        display: none;
      }
      @media (max-width: 1180px) {
        .menu {
          display: inline-flex;
        }
        .more:not([data-open]) {
          display: none;
        }
        .more {
          position: absolute;
          z-index: 15;
          top: 44px;
          right: 8px;
          flex-direction: column;
          align-items: stretch;
          min-width: 200px;
          padding: 4px;
          border: 1px solid var(--line);
          border-radius: var(--radius);
          background: var(--surface);
          box-shadow: var(--shadow-high);
        }
        .more button {
          justify-content: flex-start;
          min-height: 36px;
        }
        .who {
          order: -1;
          margin: 0 0 4px;
          padding: 8px;
          border: 0;
          border-bottom: 1px solid var(--line);
          max-width: none;
        }
      }
      @media (max-width: 719px) {
        header {
          padding: 0 4px;
          gap: 0;
        }
        .brand {
          display: none;
        }
        ul {
          gap: 0;
        }
        li a {
          padding: 0 8px;
          min-height: 40px;
          gap: 4px;
        }
        .menu span {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        .menu {
          min-width: 40px;
          min-height: 40px;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#pressed);
    document.addEventListener('click', this.#clickedElsewhere);
    this.#timer = window.setInterval(() => void this.#count(), COUNT_EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#pressed);
    document.removeEventListener('click', this.#clickedElsewhere);
    if (this.#timer !== null) window.clearInterval(this.#timer);
  }

  override firstUpdated(): void {
    void this.#count();
  }

  override render() {
    const supervised = this.user !== null && this.user.role !== 'agent';
    const places = PLACES.filter(({ site }) => supervised || site === 'desk' || site === this.current);
    return html`<header>
      <span class="brand">Assist</span>
      <nav aria-label="Pages">
        <ul>
          ${places.map(
            ({ site, label, href }) =>
              html`<li>
                <a href=${href} aria-current=${site === this.current ? 'page' : nothing}
                  >${label}${site === 'console' ? this.#badge() : nothing}</a
                >
              </li>`,
          )}
        </ul>
      </nav>
      <div class="room"><slot></slot></div>
      <button
        class="menu"
        type="button"
        aria-expanded=${this.menuOpen}
        aria-controls="account"
        @click=${() => (this.menuOpen = !this.menuOpen)}
      >
        ${icon('menu')}<span>Menu</span>
      </button>
      <div class="more" id="account" ?data-open=${this.menuOpen} @click=${() => (this.menuOpen = false)}>
        <slot name="menu"></slot>
        ${this.#theme()}
        <span class="who" title=${this.user?.email ?? ''}>${this.user?.name}</span>
        <button type="button" @click=${() => act(this, { kind: 'signOut' })}>${icon('leave')}Sign out</button>
      </div>
    </header>`;
  }

  #badge() {
    const open = this.pending ?? this.counted;
    if (!open) return nothing;
    const text = open > COUNTED_MAX ? `${COUNTED_MAX}+` : String(open);
    return html`<span class="count">${text}<span class="visually-hidden"> open requests</span></span>`;
  }

  #theme() {
    const dark = isDark(loadPreferences(localStorage).theme);
    return html`<button type="button" @click=${this.#toggledTheme}>
      ${icon(dark ? 'sun' : 'moon')}${dark ? 'Light theme' : 'Dark theme'}
    </button>`;
  }

  #toggledTheme(): void {
    act(this, { kind: 'theme' });
    this.requestUpdate();
  }

  async #count(): Promise<void> {
    if (this.pending !== null || !this.user || this.user.role === 'agent' || document.hidden) return;
    try {
      const path = '/api/help-requests?status=pending,in_progress&limit=1';
      this.counted = (await this.#http.get<Page<unknown>>(path)).total;
    } catch {
      return;
    }
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.menuOpen) return;
    this.menuOpen = false;
    this.renderRoot.querySelector<HTMLElement>('.menu')?.focus();
  };

  readonly #clickedElsewhere = (event: MouseEvent): void => {
    if (this.menuOpen && !event.composedPath().includes(this)) this.menuOpen = false;
  };
}
