/** What the pages for supervisors share: sign-in, the top bar, who may be here, notices with an undo. */

import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { Http } from '../api/http.js';
import type { User } from '../api/wire.js';
import '../desk/sign-in.js';
import { loadPreferences, savePreferences } from '../store/preferences.js';
import type { Action } from './actions.js';
import { icon } from './icons.js';
import { Follows } from './observable.js';
import { PageSession } from './page-session.js';
import './site-nav.js';
import type { Site } from './site-nav.js';
import { applyTheme, isDark } from './theme.js';

export interface PageNotice {
  text: string;
  kind: 'info' | 'error';
  undo?: () => void;
}

const NOTICE_MS = 6_000;
/** Long enough to be reached with the keyboard. */
const UNDO_MS = 20_000;

export const pageStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100vh;
    height: 100dvh;
    background: var(--bg);
  }
  .blank .button {
    margin-top: 8px;
  }
  main.blank {
    flex: 1;
    place-content: center;
  }
  .notice {
    position: fixed;
    left: 50%;
    bottom: 72px;
    translate: -50% 0;
    z-index: 20;
    display: flex;
    align-items: center;
    gap: 12px;
    max-width: calc(100vw - 32px);
    padding: 8px 8px 8px 16px;
    border-radius: var(--radius);
    background: var(--ink);
    color: var(--surface);
    box-shadow: var(--shadow-high);
  }
  .notice.error {
    background: var(--bad);
  }
  .notice span {
    min-width: 0;
    padding-right: 8px;
    overflow-wrap: anywhere;
    display: -webkit-box;
    -webkit-line-clamp: 4;
    -webkit-box-orient: vertical;
    overflow: hidden;
  }
  .notice button {
    color: inherit;
    border-color: currentColor;
    flex: none;
  }
  .notice button:hover {
    background: color-mix(in srgb, var(--surface) 16%, transparent);
    color: inherit;
  }
  .notice button:focus-visible {
    outline-color: currentColor;
  }
`;

export abstract class PageApp extends LitElement {
  protected readonly http = new Http();
  protected readonly session = new PageSession(this.http);
  @state() private notice: PageNotice | null = null;
  #noticeTimer: number | null = null;
  #openedFor: string | null = null;

  protected abstract readonly page: Site;

  /** What is shown to somebody who may be here. */
  protected abstract content(user: User): TemplateResult;
  /** Somebody who may be here has signed in. */
  protected abstract opened(user: User): void;
  protected abstract closed(): void;

  /** The state of the page's connection, in the top bar. */
  protected status(): TemplateResult | typeof nothing {
    return nothing;
  }

  constructor() {
    super();
    new Follows(this).follow(this.session);
    this.session.addEventListener('change', () => this.#sessionChanged());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('assist-action', (event) => this.#act((event as CustomEvent<Action>).detail));
    void this.session.start();
  }

  override render() {
    const { phase, user } = this.session.state;
    if (phase === 'loading') return html`<main class="blank" role="status"><p>Opening…</p></main>`;
    if (phase === 'unreachable') return unreachable();
    if (phase === 'signed_out' || !user)
      return html`<assist-sign-in heading="Sign in" .session=${this.session.state}></assist-sign-in>`;
    return html`${this.bar(user)}
      ${user.role === 'agent' ? forSupervisors() : this.content(user)} ${this.#notice()}`;
  }

  protected bar(user: User): TemplateResult {
    return html`<assist-site-nav current=${this.page} .user=${user}>${this.status()}</assist-site-nav>`;
  }

  protected notify(text: string, undo?: () => void): void {
    this.#tell(undo ? { text, kind: 'info', undo } : { text, kind: 'info' });
  }

  protected complain(text: string): void {
    this.#tell({ text, kind: 'error' });
  }

  #notice() {
    const { notice } = this;
    return html`<div class="visually-hidden" role="status">${notice?.text ?? ''}</div>
      ${
        notice
          ? html`<div class="notice ${notice.kind}">
              <span aria-hidden="true">${notice.text}</span>
              ${
                notice.undo
                  ? html`<button type="button" class="small" @click=${this.#undo}>${icon('undo')}Undo</button>`
                  : nothing
              }
            </div>`
          : nothing
      }`;
  }

  #tell(notice: PageNotice): void {
    if (this.#noticeTimer !== null) window.clearTimeout(this.#noticeTimer);
    this.notice = notice;
    this.#noticeTimer = window.setTimeout(() => (this.notice = null), notice.undo ? UNDO_MS : NOTICE_MS);
  }

  readonly #undo = (): void => {
    const undo = this.notice?.undo;
    this.notice = null;
    undo?.();
  };

  #act(action: Action): void {
    switch (action.kind) {
      case 'signIn':
        return void this.session.signIn(action.email, action.password);
      case 'signOut':
        return void this.#signOut();
      case 'theme':
        return this.#toggleTheme();
    }
  }

  async #signOut(): Promise<void> {
    if (!(await this.session.signOut())) this.complain('Signing out did not reach the server. Try again.');
  }

  #toggleTheme(): void {
    const preferences = loadPreferences(localStorage);
    const theme = isDark(preferences.theme) ? 'light' : 'dark';
    savePreferences(localStorage, { ...preferences, theme });
    applyTheme(theme);
    this.renderRoot.querySelector<LitElement>('assist-site-nav')?.requestUpdate();
  }

  #sessionChanged(): void {
    const { user } = this.session.state;
    const id = user && user.role !== 'agent' ? user.id : null;
    if (id === this.#openedFor) return;
    this.#openedFor = id;
    if (user && id) this.opened(user);
    else this.closed();
  }
}

function unreachable() {
  return html`<main class="blank">
    ${icon('warn')}<strong>The server cannot be reached</strong>
    <p>Trying again by itself every few seconds.</p>
  </main>`;
}

function forSupervisors() {
  return html`<main class="blank">
    ${icon('card')}<strong>This page is for supervisors</strong>
    <p>Your account is an agent’s. Everything you need during a call is on your desk.</p>
    <a class="button outline" href="/">Back to my desk</a>
  </main>`;
}
