import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { HttpProblem } from '../api/http.js';
import { PRIORITIES } from '../api/supervision.js';
import type { Priority } from '../api/wire.js';
import { formStyles } from '../shared/form-styles.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { problemWords } from '../shared/problem-words.js';
import { controls, reset } from '../shared/styles.js';
import type { ConsoleStore } from './console-store.js';
import { editorStyles } from './editor-styles.js';
import {
  DOCUMENTS,
  listed,
  minutes,
  parsed,
  written,
  type DocumentName,
  type Policy,
  type PolicyVersion,
  type RaisingMode,
} from './policy-fields.js';
import { Resource } from './resource.js';
import { PRIORITY_WORDS } from './words.js';

const PATH = '/api/supervision/policy';

const RAISING: readonly { mode: RaisingMode; label: string }[] = [
  { mode: 'auto', label: 'Ask a supervisor by itself' },
  { mode: 'offer', label: 'Offer it to the agent' },
  { mode: 'off', label: 'Only when the agent asks' },
];

const DOCUMENT_WORDS: Readonly<Record<DocumentName, { label: string; hint: string }>> = {
  rules: { label: 'Rules for priority and tags', hint: 'A list of name, conditions, priority and tags.' },
  groups: { label: 'Groups', hint: 'A list of name, skills, hours and next.' },
  raising_by_queue: { label: 'Other ways in single queues', hint: 'Queue and auto, offer or off.' },
};

/** By which rules questions reach supervisors: for administrators. What is typed stays when somebody else was faster. */
@customElement('assist-policy-editor')
export class PolicyEditor extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  @state() private problem = '';
  @state() private saving = false;
  @state() private theirs: PolicyVersion | null = null;
  /** How often what was typed was given up: the fields are made anew then. */
  @state() private taken = 0;
  #saved: Resource<PolicyVersion> | null = null;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    editorStyles,
    css`
      table {
        justify-self: start;
        border-collapse: collapse;
      }
      th,
      td {
        padding: 4px 12px 4px 0;
        text-align: left;
        font-weight: 400;
      }
      td input {
        width: 104px;
      }
      textarea {
        min-height: 160px;
        font-family: var(--mono);
        font-size: var(--text-xs);
      }
      summary {
        cursor: pointer;
        min-height: 28px;
      }
      details > div {
        display: grid;
        gap: 16px;
        padding-top: 12px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const { http, onSignedOut } = this.store.ports;
    this.#saved = new Resource(http, PATH, onSignedOut);
    this.#follows.follow(this.#saved);
    void this.#saved.refresh();
  }

  override render() {
    const saved = this.#saved?.value;
    if (!saved) return nothing;
    return html`<section aria-labelledby="title">
      <h3 id="title">How questions are dealt with</h3>
      <form @submit=${this.#submitted}>
        ${keyed(this.taken, this.#fields(saved.policy))}
        ${this.problem ? html`<p class="problem" role="alert">${icon('warn')}<span>${this.problem}</span></p>` : nothing}
        <div class="buttons">
          <button class="primary" type="submit" ?disabled=${this.saving}>Save</button>
          ${this.theirs ? html`<button type="button" @click=${this.#takeTheirs}>Take what is there now</button>` : nothing}
        </div>
      </form>
    </section>`;
  }

  #fields(policy: Policy) {
    return html`${this.#general(policy)} ${this.#limits(policy)}
      <details>
        <summary>Rules, groups and queues</summary>
        <div>${DOCUMENTS.map((name) => this.#document(name, policy))}</div>
      </details>`;
  }

  #general(policy: Policy) {
    return html`<div class="fields">
      <label class="field">
        When nothing is found
        <select name="raising">
          ${RAISING.map(({ mode, label }) => html`<option value=${mode} ?selected=${mode === policy.raising}>${label}</option>`)}
        </select>
      </label>
      <label class="field">
        Owner group
        <select name="owner_group">
          ${policy.groups.map(({ name }) => html`<option ?selected=${name === policy.owner_group}>${name}</option>`)}
        </select>
        <small>Urgent questions go here at once, and all that nobody else takes.</small>
      </label>
      <label class="field">
        Answers that need no review
        <input name="auto_approve" .value=${policy.auto_approve.join(', ')} placeholder="admin, supervisor" />
        <small>Roles, with commas between.</small>
      </label>
      <label class="field">
        Read learned articles again after
        <input name="review_after_days" type="number" min="1" max="3650" .value=${String(policy.review_after_days ?? '')} />
        <small>Days; empty for never.</small>
      </label>
    </div>`;
  }

  #limits(policy: Policy) {
    const field = (priority: Priority, name: 'first_response_minutes' | 'resolution_minutes', label: string) =>
      html`<input
        name="${priority}.${name}"
        type="number"
        min="0.05"
        step="any"
        placeholder="default"
        aria-label="${PRIORITY_WORDS[priority]}: ${label}"
        .value=${String(policy.sla[priority]?.[name] ?? '')}
      />`;
    return html`<table>
      <thead>
        <tr>
          <th scope="col">Minutes until</th>
          <th scope="col">First response</th>
          <th scope="col">Answer</th>
        </tr>
      </thead>
      <tbody>
        ${PRIORITIES.map(
          (priority) =>
            html`<tr>
              <th scope="row">${PRIORITY_WORDS[priority]}</th>
              <td>${field(priority, 'first_response_minutes', 'minutes until the first response')}</td>
              <td>${field(priority, 'resolution_minutes', 'minutes until the answer')}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #document(name: DocumentName, policy: Policy) {
    const { label, hint } = DOCUMENT_WORDS[name];
    return html`<label class="field">
      ${label}
      <textarea name=${name} spellcheck="false" .value=${written(policy[name])}></textarea>
      <small>${hint}</small>
    </label>`;
  }

  readonly #submitted = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const before = this.#saved?.value;
    const policy = before ? this.#typed(new FormData(event.currentTarget as HTMLFormElement), before.policy) : null;
    if (!before || !policy) return;
    this.saving = true;
    try {
      const version = this.theirs?.version ?? before.version;
      this.#saved?.put(await this.store.ports.http.put<PolicyVersion>(PATH, { version, policy }));
      this.problem = '';
      this.theirs = null;
      void this.store.team.refresh();
      this.store.ports.tell('Saved: it counts from now on');
    } catch (error) {
      this.#refused(error);
    } finally {
      this.saving = false;
    }
  };

  #typed(form: FormData, before: Policy): Policy | null {
    const text = (name: string) => String(form.get(name) ?? '');
    const documents: Partial<Record<DocumentName, unknown>> = {};
    for (const name of DOCUMENTS) {
      const found = parsed(text(name));
      if ('problem' in found) {
        this.problem = `${DOCUMENT_WORDS[name].label}: ${found.problem}`;
        return null;
      }
      documents[name] = found.value;
    }
    const sla = Object.fromEntries(
      PRIORITIES.map((priority) => [
        priority,
        {
          first_response_minutes: minutes(text(`${priority}.first_response_minutes`)),
          resolution_minutes: minutes(text(`${priority}.resolution_minutes`)),
        },
      ]),
    );
    return {
      ...before,
      ...(documents as Pick<Policy, DocumentName>),
      raising: text('raising') as RaisingMode,
      owner_group: text('owner_group'),
      auto_approve: listed(text('auto_approve')),
      review_after_days: minutes(text('review_after_days')),
      sla,
    };
  }

  #refused(error: unknown): void {
    this.problem = problemWords(error);
    if (!(error instanceof HttpProblem) || error.problem.code !== 'policy_changed') return;
    this.theirs = (error.problem.current as PolicyVersion | undefined) ?? null;
    this.problem = 'Somebody has changed it meanwhile. Saving again replaces their change; or take what is there now.';
  }

  readonly #takeTheirs = (): void => {
    if (this.theirs) this.#saved?.put(this.theirs);
    this.theirs = null;
    this.taken += 1;
    this.problem = '';
  };
}
