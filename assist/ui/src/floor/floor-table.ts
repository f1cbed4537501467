import { LitElement, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { formStyles } from '../shared/form-styles.js';
import { duration, plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';
import { agentLabel, EVERYTHING, type FloorFilters, type FloorRow, type Sort } from './floor-order.js';
import type { FloorState } from './floor-store.js';
import { floorTableStyles } from './floor-table-styles.js';
import { moodMark } from './mood.js';

const SORTS: readonly [Sort, string][] = [
  ['longest', 'Longest'],
  ['negative', 'Most negative'],
  ['requests', 'Open requests'],
];

/** After the pointer has rested this long, nobody is aiming any more. */
const AIMING_MS = 4_000;

/** All live calls, one a row. */
@customElement('assist-floor-table')
export class FloorTable extends LitElement {
  @property({ attribute: false }) floor!: FloorState;
  @property() currentId = '';
  #aiming: number | null = null;

  protected readonly ticker = new Ticker(this);

  static override styles = [reset, controls, blank, formStyles, floorTableStyles];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#aiming !== null) window.clearTimeout(this.#aiming);
  }

  override render() {
    const { phase, rows } = this.floor;
    return html`${this.#head()}
      <div class="scroll">
        ${phase === 'loading' ? this.#loading() : phase === 'failed' ? this.#failed() : rows.length ? this.#rows() : this.#empty()}
      </div>`;
  }

  #head() {
    const { phase, total, rows, sort, filters, agents, queues, waiting } = this.floor;
    const shown = rows.filter((row) => !row.gone).length;
    const count = shown === total ? String(total) : `${shown} of ${total}`;
    return html`<header>
      <h2>Live calls ${phase === 'ready' ? html`<span class="count">${count}</span>` : nothing}</h2>
      <button class="small settle" type="button" ?hidden=${!waiting} @click=${() => this.#tell('settle')}>
        ${icon('undo')}Put in order
      </button>
      <div class="controls">
        ${this.#select('Agent', 'agent', filters.agent, agents, 'All agents')}
        ${queues.length ? this.#select('Queue', 'queue', filters.queue, queues, 'All queues') : nothing}
        <label class="pick"
          ><span>Sort</span>
          <select @change=${(event: Event) => this.#tell('sort', valueOf(event))}>
            ${SORTS.map(([value, label]) => html`<option value=${value} ?selected=${value === sort}>${label}</option>`)}
          </select>
        </label>
      </div>
    </header>`;
  }

  #select(label: string, name: keyof FloorFilters, value: string, choices: readonly string[], all: string) {
    const known = value && !choices.includes(value) ? [...choices, value] : choices;
    return html`<label class="pick"
      ><span>${label}</span>
      <select @change=${(event: Event) => this.#tell('filter', { [name]: valueOf(event) })}>
        <option value="" ?selected=${!value}>${all}</option>
        ${known.map((choice) => html`<option value=${choice} ?selected=${choice === value}>${choice}</option>`)}
      </select>
    </label>`;
  }

  #rows() {
    return html`<table
      @pointermove=${this.#aimed}
      @pointerleave=${() => this.#released()}
      @focusin=${this.#focused}
      @focusout=${() => this.#released()}
    >
      <thead>
        <tr>
          <th scope="col">Customer</th>
          <th scope="col">Agent</th>
          <th scope="col" class="time">Time</th>
          <th scope="col" class="words">Last words</th>
          <th scope="col">Customer sounds</th>
          <th scope="col">Requests</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          this.floor.rows,
          (row) => row.session_id,
          (row) => this.#row(row),
        )}
      </tbody>
    </table>`;
  }

  #row(row: FloorRow) {
    const customer = row.customer_name || 'Unknown caller';
    const seconds = (Date.now() - Date.parse(row.started_at)) / 1000;
    return html`<tr
      class=${row.gone ? 'gone' : ''}
      ?data-current=${row.session_id === this.currentId}
      data-session=${row.session_id}
      @click=${(event: MouseEvent) => this.#clicked(event, row)}
    >
      <th scope="row" class="customer">
        <a
          href="#${encodeURIComponent(row.session_id)}"
          aria-current=${row.session_id === this.currentId}
          title=${customer}
          >${customer}</a
        >
        ${row.queue ? html`<span class="queue" title=${row.queue}>${row.queue}</span>` : nothing}
      </th>
      <td class="agent" title=${agentLabel(row)}>${agentLabel(row)}</td>
      <td class="time">${row.gone ? 'Ended' : duration(seconds)}</td>
      <td class="words">${this.#words(row)}</td>
      <td class="sounds">${row.last_lines.length ? moodMark(row.sentiment) : nothing}</td>
      <td class="requests">${requests(row)}</td>
    </tr>`;
  }

  /** What both said last: of the customer more than of the agent. */
  #words({ last_lines: lines }: FloorRow) {
    if (!lines.length) return html`<span class="quiet">Nothing said yet</span>`;
    return html`<ol>
      ${lines.slice(-2).map(
        ({ speaker, text }) =>
          html`<li class=${speaker} title=${text}>
            <span class="who">${speaker === 'customer' ? 'Customer' : 'Agent'}</span> ${text}
          </li>`,
      )}
    </ol>`;
  }

  #loading() {
    return html`<div class="ghosts" role="img" aria-label="Loading the calls">
      <i></i><i></i><i></i><i></i><i></i><i></i>
    </div>`;
  }

  #failed() {
    return html`<div class="blank">
      ${icon('warn')}<strong>The calls could not be loaded</strong>
      <p>${this.floor.problem}</p>
      <button class="outline" type="button" @click=${() => this.#tell('retry')}>Try again</button>
    </div>`;
  }

  #empty() {
    if (!this.floor.calls.length)
      return html`<div class="blank">
        ${icon('phone')}<strong>Nobody is on the line</strong>
        <p>Every call appears here as soon as it begins, and leaves when it ends.</p>
      </div>`;
    return html`<div class="blank">
      ${icon('search')}<strong>No call matches</strong>
      <p>There are ${plural(this.floor.total, 'live call')} with other agents or queues.</p>
      <button class="outline" type="button" @click=${() => this.#tell('filter', EVERYTHING)}>Show all calls</button>
    </div>`;
  }

  /** The whole row can be clicked; a word that is being selected is not a click. */
  #clicked(event: MouseEvent, row: FloorRow): void {
    const selecting = !document.getSelection()?.isCollapsed;
    if (selecting || event.defaultPrevented || (event.target as Element).closest('a')) return;
    location.hash = encodeURIComponent(row.session_id);
  }

  #aimed(event: PointerEvent): void {
    if (event.pointerType === 'mouse') this.#hold(AIMING_MS);
  }

  #focused(): void {
    if (this.renderRoot.querySelector('table :focus-visible')) this.#hold(null);
  }

  #released(): void {
    this.#hold(0);
  }

  /** Null: until it is released. */
  #hold(forMs: number | null): void {
    if (this.#aiming !== null) window.clearTimeout(this.#aiming);
    this.#aiming = null;
    const walking = this.renderRoot.querySelector('table :focus-visible') !== null;
    if (forMs === 0 && !walking) return this.#tell('hold', false);
    this.#tell('hold', true);
    if (forMs) this.#aiming = window.setTimeout(() => this.#released(), forMs);
  }

  #tell(name: 'settle' | 'retry' | 'sort' | 'filter' | 'hold', detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function requests({ open_requests: open, escalated }: FloorRow) {
  if (!open) return html`<span class="visually-hidden">None</span>`;
  return html`<span class="chip ${escalated ? 'bad' : 'warn'}"
    >${icon(escalated ? 'warn' : 'question')}${escalated ? `${open} open, escalated` : `${open} open`}</span
  >`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}
