import { LitElement, css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { act } from '../shared/actions.js';
import { formStyles } from '../shared/form-styles.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';

const NAME_CHARS = 200;
const PHONE_CHARS = 40;

/** Whom an agent is about to talk to in the browser. */
@customElement('assist-start-call')
export class StartCall extends LitElement {
  @query('dialog') private readonly dialog!: HTMLDialogElement;
  @query('form') private readonly form!: HTMLFormElement;

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      dialog {
        width: min(420px, calc(100vw - 32px));
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
      form {
        display: grid;
        gap: 16px;
        padding: 20px;
      }
      h2 {
        font-size: var(--text-m);
      }
      .meaning {
        margin-top: 4px;
        color: var(--ink-3);
      }
      .buttons {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
      }
      .buttons button {
        min-height: 36px;
        padding: 0 16px;
      }
    `,
  ];

  open(): void {
    this.form.reset();
    this.dialog.showModal();
  }

  override render() {
    return html`<dialog aria-labelledby="title" aria-describedby="meaning" @keydown=${this.#pressed}>
      <form method="dialog" @submit=${this.#submitted}>
        <div>
          <h2 id="title">Start a call</h2>
          <p class="meaning" id="meaning">
            You talk in this browser. The customer joins with a link that you send them; nobody is rung.
          </p>
        </div>
        <label class="field"
          >Customer’s name (optional)
          <input name="name" maxlength=${NAME_CHARS} autocomplete="off" autofocus />
        </label>
        <label class="field"
          >Customer’s number (optional)
          <input name="phone" type="tel" maxlength=${PHONE_CHARS} autocomplete="off" />
          <small>Noted on the call, for calling back.</small>
        </label>
        <div class="buttons">
          <button class="outline" type="button" @click=${() => this.dialog.close()}>Cancel</button>
          <button class="primary" type="submit">${icon('phone')}Start call</button>
        </div>
      </form>
    </dialog>`;
  }

  #submitted(): void {
    const fields = new FormData(this.form);
    const [name = '', phone = ''] = ['name', 'phone'].map((field) => String(fields.get(field) ?? '').trim());
    act(this, { kind: 'startCall', name, phone });
  }

  /** Shortcuts of the desk are not for what lies under the dialog. */
  #pressed(event: KeyboardEvent): void {
    event.stopPropagation();
  }
}
