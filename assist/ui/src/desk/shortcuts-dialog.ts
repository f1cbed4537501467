import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import {
  DEFAULT_KEYMAP,
  SHORTCUT_LABELS,
  SHORTCUT_NAMES,
  conflictOf,
  keysOf,
  type Keymap,
  type ShortcutName,
} from '../store/shortcuts.js';

@customElement('assist-shortcuts-dialog')
export class ShortcutsDialog extends LitElement {
  @property({ attribute: false }) keymap!: Keymap;
  @state() private changing: ShortcutName | null = null;
  @state() private problem = '';
  @query('dialog') private readonly dialog!: HTMLDialogElement;

  static override styles = [
    reset,
    controls,
    css`
      dialog {
        width: min(520px, calc(100vw - 32px));
        max-height: calc(100dvh - 32px);
        padding: 0;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--surface);
        color: var(--ink);
        box-shadow: var(--shadow-high);
      }
      dialog::backdrop {
        background: rgb(10 12 16 / 45%);
      }
      .head,
      .foot {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 12px 16px 12px 20px;
      }
      h2 {
        font-size: var(--text-m);
      }
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 40px;
        padding: 4px 16px 4px 20px;
        border-top: 1px solid var(--line);
      }
      .label {
        flex: 1;
        min-width: 0;
      }
      .listening {
        color: var(--accent);
        font-weight: 500;
      }
      .hint {
        color: var(--ink-3);
        font-size: var(--text-xs);
      }
      .hint.bad {
        color: var(--bad);
      }
      .foot {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  get isOpen(): boolean {
    return this.dialog.open;
  }

  toggle(): void {
    if (this.dialog.open) this.dialog.close();
    else this.dialog.showModal();
  }

  override render() {
    return html`<dialog
      aria-labelledby="title"
      @close=${this.#closed}
      @keydown=${this.#pressed}
      @click=${this.#outside}
    >
      <div class="head">
        <h2 id="title">Keyboard shortcuts</h2>
        <button type="button" @click=${() => this.dialog.close()}>${icon('close')}Close</button>
      </div>
      <ul>
        ${SHORTCUT_NAMES.map((name) => this.#row(name))}
      </ul>
      <div class="foot">
        <p class="hint ${this.problem ? 'bad' : ''}" aria-live="polite">
          ${this.problem || 'Kept on this computer. Every shortcut needs Alt, Ctrl or Meta.'}
        </p>
        <button class="outline" type="button" @click=${() => this.#save(DEFAULT_KEYMAP)}>Reset all</button>
      </div>
    </dialog>`;
  }

  #row(name: ShortcutName) {
    const changing = this.changing === name;
    return html`<li>
      <span class="label">${SHORTCUT_LABELS[name]}</span>
      ${changing ? html`<span class="listening">Press the new keys</span>` : html`<kbd>${this.keymap[name]}</kbd>`}
      <button
        class="small"
        type="button"
        aria-pressed=${changing ? 'true' : nothing}
        aria-label="${changing ? 'Keep the keys' : 'Change the keys'}: ${SHORTCUT_LABELS[name]}"
        @click=${() => this.#change(changing ? null : name)}
      >
        ${changing ? 'Keep' : 'Change'}
      </button>
    </li>`;
  }

  #change(name: ShortcutName | null): void {
    this.problem = '';
    this.changing = name;
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (!this.changing) return this.#closeOnOwnKeys(event);
    if (event.key === 'Escape') {
      event.preventDefault();
      return this.#change(null);
    }
    const keys = keysOf(event);
    if (!keys) return;
    event.preventDefault();
    const taken = conflictOf(this.keymap, this.changing, keys);
    if (taken) this.problem = `${keys} is taken by “${SHORTCUT_LABELS[taken]}”. Press other keys.`;
    else this.#save({ ...this.keymap, [this.changing]: keys });
  };

  #closeOnOwnKeys(event: KeyboardEvent): void {
    if (keysOf(event) !== this.keymap.help) return;
    event.preventDefault();
    this.dialog.close();
  }

  #save(keymap: Keymap): void {
    this.#change(null);
    this.dispatchEvent(new CustomEvent('keymap', { detail: keymap }));
  }

  #closed(): void {
    this.#change(null);
  }

  #outside(event: MouseEvent): void {
    if (event.target === this.dialog) this.dialog.close();
  }
}
