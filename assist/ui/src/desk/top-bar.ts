import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { act } from '../shared/actions.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import { isDark } from '../shared/theme.js';
import { seesAllCalls, type DeskState } from '../store/desk-state.js';
import './connection-status.js';

@customElement('assist-top-bar')
export class TopBar extends LitElement {
  @property({ attribute: false }) desk!: DeskState;
  @state() private menuOpen = false;

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
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
      h1 {
        font-size: var(--text-m);
        letter-spacing: -0.01em;
        margin-right: 12px;
      }
      assist-connection-status {
        flex: 1 1 0;
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
          z-index: 5;
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
        .more :is(button, .button) {
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
          flex-wrap: wrap;
          height: auto;
          padding: 8px 8px 4px 16px;
        }
        h1 {
          flex: 1;
        }
        assist-connection-status {
          order: 9;
          flex: 1 0 100%;
          margin-left: -8px;
        }
      }
    `,
  ];

  override render() {
    return html`<header>
      <h1>Assist</h1>
      <assist-connection-status .view=${this.desk.view}></assist-connection-status>
      ${this.#mute()}
      <button
        class="menu"
        type="button"
        aria-expanded=${this.menuOpen}
        @click=${() => (this.menuOpen = !this.menuOpen)}
      >
        ${icon('menu')}Menu
      </button>
      <div
        class="more"
        ?data-open=${this.menuOpen}
        @keydown=${this.#escape}
        @click=${() => (this.menuOpen = false)}
      >
        ${this.#console()}${this.#sounds()}${this.#theme()}
        <button type="button" @click=${() => act(this, { kind: 'help' })}>
          ${icon('keyboard')}Shortcuts
        </button>
        <span class="who" title=${this.desk.session.user?.email ?? ''}>${this.desk.session.user?.name}</span>
        <button type="button" @click=${() => act(this, { kind: 'signOut' })}>${icon('leave')}Sign out</button>
      </div>
    </header>`;
  }

  #mute() {
    const { view, preferences } = this.desk;
    const muted = view?.mutedAtTurn != null;
    return html`<button
      type="button"
      aria-pressed=${muted}
      aria-keyshortcuts=${preferences.keymap.mute}
      title="Hide suggestions until the next question (${preferences.keymap.mute})"
      ?disabled=${!view}
      @click=${() => act(this, { kind: 'mute' })}
    >
      ${icon(muted ? 'bellOff' : 'bell')}${muted ? 'Muted' : 'Mute'}
    </button>`;
  }

  #console() {
    if (!seesAllCalls(this.desk.session.user)) return nothing;
    return html`<a class="button" href="/supervisor">${icon('person')}Console</a>`;
  }

  #sounds() {
    const on = this.desk.preferences.sounds;
    return html`<button
      type="button"
      title="A tone when a supervisor answers or writes"
      @click=${() => act(this, { kind: 'sounds', on: !on })}
    >
      ${icon(on ? 'sound' : 'silent')}${on ? 'Sound on' : 'Sound off'}
    </button>`;
  }

  #theme() {
    const dark = isDark(this.desk.preferences.theme);
    return html`<button type="button" @click=${() => act(this, { kind: 'theme' })}>
      ${icon(dark ? 'sun' : 'moon')}${dark ? 'Light theme' : 'Dark theme'}
    </button>`;
  }

  #escape(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.menuOpen = false;
  }
}
