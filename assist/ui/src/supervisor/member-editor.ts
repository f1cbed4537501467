import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Member } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { icon } from '../shared/icons.js';
import { problemWords } from '../shared/problem-words.js';
import { controls, reset } from '../shared/styles.js';
import type { ConsoleStore } from './console-store.js';
import { editorStyles } from './editor-styles.js';
import { listed } from './policy-fields.js';

/** Which groups somebody is in, what they know, and how much they can take: for administrators. */
@customElement('assist-member-editor')
export class MemberEditor extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  @property({ attribute: false }) member!: Member;
  @property({ attribute: false }) groups: readonly string[] = [];
  @state() private problem = '';
  @state() private saving = false;

  static override styles = [
    reset,
    controls,
    formStyles,
    editorStyles,
    css`
      fieldset {
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0;
        font-weight: 500;
      }
      .check {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 28px;
      }
    `,
  ];

  override render() {
    const { member } = this;
    return html`<form aria-label="Edit ${member.name}" @submit=${this.#submitted} @keydown=${this.#pressed}>
      <h4>${member.name}</h4>
      <div class="fields">
        <fieldset>
          <legend>Groups</legend>
          ${this.groups.map(
            (name) => html`<label class="check">
              <input type="checkbox" name="group" value=${name} ?checked=${member.groups.includes(name)} />${name}
            </label>`,
          )}
        </fieldset>
        <label class="field">
          Skills
          <input name="skills" .value=${member.skills.join(', ')} placeholder="billing, roaming" />
          <small>Tags of the questions that this person knows best, with commas between.</small>
        </label>
        <label class="field">
          Capacity
          <input name="capacity" type="number" min="0.5" max="1000" step="0.5" required .value=${String(member.capacity)} />
          <small>An urgent question counts 3, high 2, medium 1, low 0.5.</small>
        </label>
      </div>
      ${this.problem ? html`<p class="problem" role="alert">${icon('warn')}<span>${this.problem}</span></p>` : nothing}
      <div class="buttons">
        <button class="primary" type="submit" ?disabled=${this.saving}>Save</button>
        <button type="button" @click=${this.#close}>Cancel</button>
      </div>
    </form>`;
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLInputElement>('input')?.focus();
  }

  readonly #submitted = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const change = {
      groups: form.getAll('group').map(String),
      skills: listed(String(form.get('skills') ?? '')),
      capacity: Number(form.get('capacity')),
    };
    this.saving = true;
    try {
      await this.store.ports.http.patch(`/api/supervision/team/${encodeURIComponent(this.member.user_id)}`, change);
      void this.store.team.refresh();
      this.store.ports.tell(`${this.member.name} saved`);
      this.#close();
    } catch (error) {
      this.problem = problemWords(error);
    } finally {
      this.saving = false;
    }
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.#close();
  };

  readonly #close = (): void => {
    this.dispatchEvent(new CustomEvent('close'));
  };
}
