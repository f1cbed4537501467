import { LitElement, css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import { KEY_LABELS } from './keys.js';

@customElement('assist-keys-dialog')
export class KeysDialog extends LitElement {
  @query('dialog') private readonly dialog!: HTMLDialogElement;

  static override styles = [
    reset,
    controls,
    css`
      dialog {
        width: min(440px, calc(100vw - 32px));
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
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding: 12px 16px 12px 20px;
      }
      h2 {
        font-size: var(--text-m);
      }
      dl > div {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        min-height: 40px;
        padding: 4px 20px;
        border-top: 1px solid var(--line);
      }
    `,
  ];

  toggle(): void {
    if (this.dialog.open) this.dialog.close();
    else this.dialog.showModal();
  }

  override render() {
    return html`<dialog aria-labelledby="title" @click=${this.#outside}>
      <div class="head">
        <h2 id="title">Keyboard shortcuts</h2>
        <button type="button" @click=${() => this.dialog.close()}>${icon('close')}Close</button>
      </div>
      <dl>
        ${KEY_LABELS.map(
          ({ keys, label }) =>
            html`<div>
              <dt>${label}</dt>
              <dd><kbd>${keys}</kbd></dd>
            </div>`,
        )}
      </dl>
    </dialog>`;
  }

  #outside(event: MouseEvent): void {
    if (event.target === this.dialog) this.dialog.close();
  }
}
