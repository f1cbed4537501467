import { LitElement, css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { CallContext, Subject } from '../api/wire.js';
import { act } from '../shared/actions.js';
import { fieldLabel } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';

/** What the call is taken to be about. One press takes a subject off, one press puts it back. */
@customElement('assist-subjects')
export class Subjects extends LitElement {
  @property({ attribute: false }) context: CallContext | null = null;
  /** Nothing can be corrected: the person may only look on, or the call is over. */
  @property({ type: Boolean }) watching = false;
  /** The subject that was pressed last; what takes the place of its button gets the focus that was lost with it. */
  #pressed: string | null = null;

  static override styles = [
    reset,
    controls,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        min-width: 0;
      }
      li {
        display: inline-flex;
        align-items: center;
        max-width: 100%;
        min-height: 26px;
        border: 1px solid var(--line);
        border-radius: var(--radius-s);
        background: var(--surface-2);
        font-size: var(--text-xs);
        line-height: 16px;
      }
      .words {
        padding: 0 8px;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-weight: 500;
        color: var(--ink);
      }
      .type {
        color: var(--ink-3);
        font-weight: 400;
      }
      .off {
        border-style: dashed;
        border-color: var(--line-strong);
        background: none;
      }
      .off .words {
        color: var(--ink-3);
        font-weight: 400;
      }
      button.small {
        flex: none;
        border-radius: 0 5px 5px 0;
      }
      .remove {
        width: 24px;
        padding: 0;
        margin-left: -4px;
      }
      .remove .icon {
        width: 12px;
        height: 12px;
      }
    `,
  ];

  override render() {
    const subjects = this.context?.subjects ?? [];
    const dismissed = this.context?.dismissed_subjects ?? [];
    if (!subjects.length && !dismissed.length) return nothing;
    return html`<ul aria-label="What the call is about">
      ${repeat(
        subjects,
        (subject) => subject.name,
        (subject) => this.#subject(subject),
      )}
      ${repeat(
        dismissed,
        (name) => `off:${name}`,
        (name) => this.#dismissed(name),
      )}
    </ul>`;
  }

  override updated(changed: PropertyValues<this>): void {
    if (this.#pressed === null || !changed.has('context')) return;
    if (document.activeElement !== document.body) return;
    const buttons = [...this.renderRoot.querySelectorAll<HTMLButtonElement>('button')];
    buttons.find((button) => button.dataset.name === this.#pressed)?.focus();
  }

  #subject({ name, kind }: Subject) {
    return html`<li>
      <span class="words" title="${fieldLabel(kind)}: ${name}"><span class="type">about: </span>${name}</span>
      ${
        this.watching
          ? nothing
          : html`<button
              class="small remove"
              type="button"
              data-name=${name}
              aria-label="Not about ${name}"
              title="Not about ${name}"
              @click=${() => this.#correct(name, true)}
            >
              ${icon('close')}
            </button>`
      }
    </li>`;
  }

  #dismissed(name: string) {
    return html`<li class="off">
      <span class="words" title="Not about ${name}"><span class="type">not about: </span>${name}</span>
      ${
        this.watching
          ? nothing
          : html`<button
              class="small"
              type="button"
              data-name=${name}
              aria-label="Undo: about ${name} after all"
              @click=${() => this.#correct(name, false)}
            >
              ${icon('undo')}Undo
            </button>`
      }
    </li>`;
  }

  #correct(name: string, dismissed: boolean): void {
    this.#pressed = name;
    act(this, { kind: 'subject', name, dismissed });
  }
}
