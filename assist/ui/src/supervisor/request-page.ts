import { LitElement, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { isOpen, type HelpRequest, type Team } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { clock, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import '../knowledge/neighbours.js';
import './answer-form.js';
import type { AnswerForm } from './answer-form.js';
import './call-around.js';
import './conflict-view.js';
import './countdown.js';
import './outcome.js';
import './request-facts.js';
import './request-history.js';
import { requestPageStyles } from './request-page-styles.js';
import type { RequestStore } from './request-store.js';
import { hrefOf, type ViewName } from './routes.js';
import { PRIORITY_TONES, PRIORITY_WORDS, customerOf, whereWords } from './words.js';

const STATUS_WORDS: Readonly<Record<string, string>> = {
  pending: 'Waiting',
  in_progress: 'In hand',
  resolved: 'Answered',
  unresolved: 'Unresolved',
};

@customElement('assist-request-page')
export class RequestPage extends LitElement {
  @property({ attribute: false }) store!: RequestStore;
  @property({ attribute: false }) team: Team | null = null;
  @property() view: ViewName = 'queue';
  @property({ type: Boolean }) autoScroll = true;
  /** Question and answer come first, everything else below. */
  @property({ type: Boolean }) narrow = false;
  @property({ attribute: false }) nextHref: string | null = null;
  @state() private editing = false;
  @query('assist-answer-form') private readonly form!: AnswerForm | null;
  readonly #follows = new Follows(this);

  static override styles = [reset, controls, formStyles, blank, requestPageStyles];

  override willUpdate(changed: Map<string, unknown>): void {
    this.#follows.follow(this.store);
    if (changed.has('store')) this.editing = false;
  }

  /** Only ever called because the person asked for it. */
  focusAnswer(): void {
    this.form?.focusAnswer();
  }

  override render() {
    const { phase, request, problem } = this.store.state;
    if (phase === 'failed') return this.#failed(problem);
    if (!request)
      return html`<section class="loading" aria-label="Request" aria-busy="true">
        ${this.#back()}
        <div class="ghosts" role="img" aria-label="Loading the request"><i></i><i></i><i></i></div>
      </section>`;
    return this.#request(request);
  }

  #request(request: HelpRequest) {
    const { conflict, composition } = this.store.state;
    const open = isOpen(request);
    return html`<section aria-label="Request">
      <div class="main">
        ${this.#head(request)}
        ${conflict ? html`<assist-conflict .store=${this.store}></assist-conflict>` : nothing}
        ${!conflict && open && this.store.mayAct
          ? html`<assist-answer-form .store=${this.store}></assist-answer-form>`
          : nothing}
        ${!open ? html`<assist-outcome .store=${this.store}></assist-outcome>` : nothing}
        ${this.narrow && open && this.store.mayAct ? this.#moves(request) : nothing}
        ${!open && this.nextHref ? html`<p><a class="button outline next" href=${this.nextHref}>Next request</a></p>` : nothing}
        ${
          open && this.store.mayAct && !conflict && this.store.neighbours.state.phase !== 'idle'
            ? html`<assist-neighbours
                .check=${this.store.neighbours.state}
                .text=${composition.answer}
              ></assist-neighbours>`
            : nothing
        }
        ${this.#deliveries()}
        <assist-request-history .request=${request}></assist-request-history>
      </div>
      <aside aria-label="Customer and call">
        <assist-request-facts .store=${this.store}></assist-request-facts>
        <assist-call-around .request=${request} ?autoScroll=${this.autoScroll}></assist-call-around>
      </aside>
    </section>`;
  }

  #head(request: HelpRequest) {
    const open = isOpen(request);
    return html`<header>
      <div class="state">
        ${this.#back()}
        <span class="chip ${open ? PRIORITY_TONES[request.priority] : ''}">${PRIORITY_WORDS[request.priority]}</span>
        <span class="chip ${request.status === 'resolved' ? 'ok' : ''}">${STATUS_WORDS[request.status]}</span>
        ${request.escalated ? html`<span class="chip warn">Level ${request.level + 1}</span>` : nothing}
        ${request.call_active ? html`<span class="chip ok">${icon('phone')}On the line</span>` : nothing}
        <assist-countdown .request=${request} long></assist-countdown>
        <span class="asked">
          ${open ? `${whereWords(request, this.store.userId)} · ` : ''}
          <time datetime=${request.created_at} title="${day(request.created_at)} ${clock(request.created_at)}"
            >asked ${clock(request.created_at)}</time
          >
        </span>
      </div>
      ${this.editing ? this.#editor(request) : this.#question(request)}
      <p class="customer">${customerOf(request)}</p>
      ${open && this.store.mayAct && !this.narrow ? this.#moves(request) : nothing}
    </header>`;
  }

  #back() {
    return html`<a class="button back" href=${hrefOf({ view: this.view, requestId: null })}
      >${icon('back')}Back</a
    >`;
  }

  #question(request: HelpRequest) {
    const long = request.question.length > 400;
    return html`<div class="question">
      <h2 class=${long ? 'long' : ''} tabindex=${long ? 0 : nothing}>${request.question}</h2>
      ${
        isOpen(request) && this.store.mayAct
          ? html`<button class="small" type="button" @click=${() => (this.editing = true)}>
              ${icon('pen')}Edit<span class="visually-hidden"> the question</span>
            </button>`
          : nothing
      }
    </div>`;
  }

  #editor(request: HelpRequest) {
    return html`<form class="edit" @submit=${this.#saved} @keydown=${this.#editKeys}>
      <textarea name="question" aria-label="Question" rows="3" maxlength="2000" required>${request.question}</textarea>
      <div class="buttons">
        <button class="outline" type="submit">Save the question</button>
        <button type="button" @click=${() => (this.editing = false)}>Cancel</button>
      </div>
    </form>`;
  }

  #moves(request: HelpRequest) {
    const mine = request.assigned_to === this.store.userId && request.status === 'in_progress';
    const others = request.status === 'in_progress' && !mine;
    return html`<div class="moves" role="group" aria-label="Who works on it">
      ${
        mine || others
          ? html`<button class="outline" type="button" @click=${() => void this.store.handBack()}>
              ${icon('undo')}Hand back
            </button>`
          : html`<button
              class="outline"
              type="button"
              aria-keyshortcuts="Alt+C"
              title="Take it in hand (Alt+C)"
              @click=${() => void this.store.claim()}
            >
              ${icon('person')}Claim
            </button>`
      }
      ${this.#passOn(request)}
      <button class="outline" type="button" @click=${() => void this.store.escalate()}>
        ${icon('levelUp')}Next level
      </button>
    </div>`;
  }

  #passOn(request: HelpRequest) {
    const people = (this.team?.items ?? []).filter(
      (member) => member.is_active && member.user_id !== request.assigned_to,
    );
    const groups = (this.team?.groups ?? []).filter(({ name }) => name !== request.group || request.assigned_to);
    return html`<select aria-label="Pass to" @change=${this.#passed} ?disabled=${!this.team}>
      <option value="" selected>Pass to…</option>
      <optgroup label="People">
        ${people.map(
          (member) =>
            html`<option value="user:${member.user_id}">
              ${member.name}${member.availability === 'away' ? ' (away)' : ''} · ${member.open_requests} open
            </option>`,
        )}
      </optgroup>
      <optgroup label="Groups">
        ${groups.map(
          (group) =>
            html`<option value="group:${group.name}">${group.name}${group.open_now ? '' : ' (closed now)'}</option>`,
        )}
      </optgroup>
    </select>`;
  }

  #deliveries() {
    const { deliveries, request } = this.store.state;
    if (!deliveries.length || !request) return nothing;
    return html`<assist-deliveries
      .notifications=${deliveries}
      ?resendable=${this.store.mayAct}
      @resend=${(event: CustomEvent<string>) => void this.store.resend(event.detail)}
    ></assist-deliveries>`;
  }

  #failed(problem: string) {
    return html`<section class="failed" aria-label="Request">
      ${this.#back()}
      <div class="blank">
        ${icon('warn')}<strong>This request cannot be shown</strong>
        <p>${problem}</p>
        <button class="outline" type="button" @click=${() => void this.store.start()}>Try again</button>
      </div>
    </section>`;
  }

  readonly #passed = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    const [kind, name] = split(select.value);
    select.value = '';
    if (kind === 'group') return void this.store.reassign({ group: name }, name);
    const member = this.team?.items.find(({ user_id }) => user_id === name);
    if (member) void this.store.reassign({ user_id: name }, member.name);
  };

  readonly #saved = (event: SubmitEvent): void => {
    event.preventDefault();
    const question = String(new FormData(event.currentTarget as HTMLFormElement).get('question') ?? '').trim();
    this.editing = false;
    if (question && question !== this.store.state.request?.question) void this.store.edit({ question }, 'The question');
  };

  readonly #editKeys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.editing = false;
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    (event.currentTarget as HTMLFormElement).requestSubmit();
  };
}

function split(value: string): readonly [string, string] {
  const at = value.indexOf(':');
  return [value.slice(0, at), value.slice(at + 1)];
}
