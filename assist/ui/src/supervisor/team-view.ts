import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { Member, Team, TeamGroup } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { ago, clock, day, fieldLabel, plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import './availability-switch.js';
import './my-notifications.js';
import type { ConsoleStore } from './console-store.js';
import './member-editor.js';
import './policy-editor.js';
import { singleStyles } from './single-styles.js';

/** Who is there, how much they have, and which group takes what. */
@customElement('assist-team')
export class TeamView extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  @state() private editingId: string | null = null;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    blank,
    singleStyles,
    css`
      .name small {
        display: block;
        font-weight: 400;
        font-size: var(--text-xs);
        color: var(--ink-3);
        overflow-wrap: anywhere;
      }
      .load {
        display: grid;
        grid-template-columns: 64px auto;
        gap: 8px;
        align-items: center;
        white-space: nowrap;
      }
      meter {
        width: 64px;
        height: 8px;
        border: 0;
        border-radius: 4px;
        background: var(--hover);
        appearance: none;
      }
      meter::-webkit-meter-bar {
        height: 8px;
        border: 0;
        border-radius: 4px;
        background: var(--hover);
      }
      meter::-webkit-meter-optimum-value {
        border-radius: 4px;
        background: var(--accent);
      }
      meter::-webkit-meter-suboptimum-value,
      meter::-webkit-meter-even-less-good-value {
        border-radius: 4px;
        background: var(--warn);
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .groups {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(240px, 1fr));
        gap: 12px;
      }
      .groups li {
        display: grid;
        gap: 8px;
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--surface);
        align-content: start;
      }
      .groups h4 {
        margin: 0;
        font-size: inherit;
        display: flex;
        justify-content: space-between;
        gap: 8px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  override render() {
    const { phase, problem, value } = this.store.team.state;
    return html`<section aria-labelledby="title">
      <header>
        <h2 id="title">Team</h2>
        ${value ? html`<p>${summary(value)}</p>` : nothing}
      </header>
      ${
        phase === 'failed'
          ? html`<div class="blank">
              ${icon('warn')}<strong>The team could not be loaded</strong>
              <p>${problem}</p>
              <button class="outline" type="button" @click=${() => void this.store.team.refresh()}>Try now</button>
            </div>`
          : nothing
      }
      ${phase === 'loading' ? html`<p class="quiet" role="status">Loading…</p>` : nothing}
      ${value ? this.#team(value) : nothing}
    </section>`;
  }

  #team({ items, groups }: Team) {
    return html`<div class="panel scroll" tabindex="0" role="region" aria-label="People">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">There</th>
              <th scope="col" class="number">Open</th>
              <th scope="col">Load</th>
              <th scope="col">Groups</th>
              <th scope="col">Skills</th>
              ${mayChange(this.store) ? html`<th scope="col"><span class="visually-hidden">Change</span></th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${items.map((member) => this.#member(member))}
          </tbody>
        </table>
      </div>
      ${this.#editor(items, groups)}
      <h3>Groups</h3>
      <ul class="groups">
        ${groups.map((group) => this.#group(group))}
      </ul>
      ${mayChange(this.store) ? html`<assist-policy-editor .store=${this.store}></assist-policy-editor>` : nothing}
      ${mayAnswer(this.store) ? html`<assist-my-notifications .store=${this.store}></assist-my-notifications>` : nothing}`;
  }

  #member(member: Member) {
    const mine = member.user_id === this.store.user.id;
    return html`<tr>
      <th scope="row" class="name">
        ${member.name}${mine ? ' (you)' : ''}<small>${fieldLabel(member.role)} · ${member.email}</small>
      </th>
      <td>${mine ? html`<assist-availability-switch .store=${this.store}></assist-availability-switch>` : presence(member)}</td>
      <td class="number">${member.open_requests}</td>
      <td>
        <div class="load" title="Weighted by priority">
          <meter
            aria-label="Load of ${member.name}"
            min="0"
            max=${Math.max(member.capacity, member.load)}
            high=${member.capacity * 0.8}
            optimum="0"
            value=${member.load}
          ></meter>
          ${rounded(member.load)} of ${rounded(member.capacity)}
        </div>
      </td>
      <td>${chips(member.groups)}</td>
      <td>${chips(member.skills)}</td>
      ${mayChange(this.store) ? this.#change(member) : nothing}
    </tr>`;
  }

  #change(member: Member) {
    return html`<td>
      <button class="small" type="button" @click=${() => (this.editingId = member.user_id)}>
        ${icon('pen')}Edit<span class="visually-hidden"> ${member.name}</span>
      </button>
    </td>`;
  }

  #editor(items: readonly Member[], groups: readonly TeamGroup[]) {
    const member = items.find(({ user_id: id }) => id === this.editingId);
    if (!member) return nothing;
    return keyed(
      member.user_id,
      html`<assist-member-editor
        .store=${this.store}
        .member=${member}
        .groups=${groups.map(({ name }) => name)}
        @close=${() => (this.editingId = null)}
      ></assist-member-editor>`,
    );
  }

  #group(group: TeamGroup) {
    return html`<li>
      <h4>
        ${group.name}<span class="chip ${group.open_now ? 'ok' : ''}">${group.open_now ? 'Open now' : 'Closed now'}</span>
      </h4>
      <p class=${group.open_now && !group.available ? 'problem' : 'quiet'}>
        ${group.available ? `${plural(group.available, 'person', 'people')} available` : 'Nobody is available'}
      </p>
      <div>${group.skills.length ? chips(group.skills) : html`<span class="quiet">Takes everything</span>`}</div>
      ${group.next_opening ? html`<p class="quiet">Opens ${day(group.next_opening)}, ${clock(group.next_opening)}</p>` : nothing}
      ${group.next ? html`<p class="quiet">Then: ${group.next}</p>` : nothing}
    </li>`;
  }
}

function mayChange({ user }: ConsoleStore): boolean {
  return user.role === 'admin';
}

function mayAnswer({ user }: ConsoleStore): boolean {
  return user.role === 'supervisor' || user.role === 'admin';
}

function presence(member: Member) {
  if (!member.is_active) return html`<span class="chip bad">Deactivated</span>`;
  const there = member.availability === 'available';
  const since = member.availability_changed_at ? ago(member.availability_changed_at, Date.now()) : '';
  return html`<span class="chip ${there ? 'ok' : ''}" title=${since ? `Since ${since}` : nothing}
    >${there ? 'Available' : 'Away'}</span
  >`;
}

function chips(names: readonly string[]) {
  if (!names.length) return html`<span class="quiet">–</span>`;
  return html`<div class="chips">${names.map((name) => html`<span class="chip">${name}</span>`)}</div>`;
}

function summary({ items }: Team): string {
  const there = items.filter((member) => member.is_active && member.availability === 'available').length;
  const open = items.reduce((sum, member) => sum + member.open_requests, 0);
  return `${there} of ${items.length} available, ${plural(open, 'request')} assigned.`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
