import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { act } from '../shared/actions.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import type { SessionState } from '../store/desk-state.js';

@customElement('assist-sign-in')
export class SignIn extends LitElement {
  @property({ attribute: false }) session!: SessionState;

  @property() heading = 'Sign in to your desk';

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: grid;
        place-items: center;
        min-height: 100vh;
        min-height: 100dvh;
        padding: 24px 16px;
      }
      main {
        width: 100%;
        max-width: 360px;
      }
      .mark {
        font: 600 var(--text-s) / 1.25 var(--font);
        color: var(--ink-3);
        margin-bottom: 8px;
      }
      h1 {
        font-size: var(--text-l);
        line-height: 1.25;
        letter-spacing: -0.01em;
        margin-bottom: 24px;
      }
      form {
        display: grid;
        gap: 16px;
      }
      label {
        display: grid;
        gap: 4px;
        font-weight: 500;
      }
      input {
        min-height: 40px;
      }
      button {
        min-height: 40px;
        margin-top: 4px;
      }
      .problem {
        display: flex;
        gap: 8px;
        align-items: flex-start;
        padding: 8px 12px;
        border-radius: var(--radius-s);
        background: var(--bad-soft);
        color: var(--bad);
      }
      .problem .icon {
        margin-top: 2px;
      }
    `,
  ];

  override render() {
    const { signingIn, problem } = this.session;
    return html`<main>
      <p class="mark">Assist</p>
      <h1>${this.heading}</h1>
      <form @submit=${this.#submit}>
        <label>
          Email
          <input name="email" type="email" autocomplete="username" required aria-describedby="problem" />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="problem"
          />
        </label>
        <div id="problem" role="alert" ?hidden=${!problem}>
          ${problem ? html`<p class="problem">${icon('warn')}<span>${problem}</span></p>` : nothing}
        </div>
        <button class="primary" type="submit" ?disabled=${signingIn}>
          ${signingIn ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    act(this, {
      kind: 'signIn',
      email: String(form.get('email') ?? '').trim(),
      password: String(form.get('password') ?? ''),
    });
  }
}
