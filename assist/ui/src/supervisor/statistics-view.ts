import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { PRIORITIES } from '../api/supervision.js';
import { formStyles } from '../shared/form-styles.js';
import { plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import { chartStyles, columns, rows, type Bar } from './charts.js';
import type { ConsoleStore } from './console-store.js';
import { Resource } from './resource.js';
import { singleStyles } from './single-styles.js';
import { amountWords } from './sla.js';
import type { Attainment, Spread, StatisticsReply, Volume } from './statistics-wire.js';
import { PRIORITY_WORDS, originWords } from './words.js';

const RANGES: readonly { days: number; label: string }[] = [
  { days: 1, label: '24 hours' },
  { days: 7, label: '7 days' },
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
];
const DAY_MS = 86_400_000;
const TICKS_MAX = 6;
const NAMES_MAX = 8;

@customElement('assist-statistics')
export class StatisticsView extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  @state() private days = 7;
  #figures: Resource<StatisticsReply> | null = null;
  readonly #follows = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    blank,
    singleStyles,
    chartStyles,
    css`
      .tiles {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(144px, 1fr));
        gap: 12px;
      }
      .tiles > div {
        padding: 12px 16px;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--surface);
      }
      dt {
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      .tiles dd:first-of-type {
        font-size: var(--text-l);
        line-height: 28px;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
      .tiles dd + dd {
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      .boxes {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr));
        gap: 12px;
      }
      .box {
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--surface);
        min-width: 0;
      }
      .box.wide {
        grid-column: 1 / -1;
      }
      .box h3 {
        margin-bottom: 8px;
      }
      .box .times th,
      .box .times td {
        padding: 6px 8px;
      }
      .box .times :is(th, td):first-child {
        padding-left: 0;
      }
      summary {
        width: fit-content;
        min-height: 24px;
        color: var(--ink-3);
        font-size: var(--text-xs);
        line-height: 24px;
        cursor: pointer;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const { http, onSignedOut } = this.store.ports;
    this.#figures = new Resource<StatisticsReply>(http, this.#path(), onSignedOut);
    this.#follows.follow(this.#figures);
    this.store.alsoRefresh(() => this.#figures?.ask(this.#path()));
    void this.#figures.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.store.alsoRefresh(null);
  }

  override render() {
    const { phase, problem, value } = this.#figures?.state ?? { phase: 'loading', problem: '', value: null };
    return html`<section aria-labelledby="title">
      <header class="bar">
        <h2 id="title">Statistics</h2>
        <div class="switch" role="group" aria-label="Period">
          ${RANGES.map(
            ({ days, label }) =>
              html`<button type="button" aria-pressed=${days === this.days} @click=${() => this.#choose(days)}>
                ${label}
              </button>`,
          )}
        </div>
      </header>
      ${
        phase === 'failed'
          ? html`<div class="blank">
              ${icon('warn')}<strong>The figures could not be loaded</strong>
              <p>${problem}</p>
              <button class="outline" type="button" @click=${() => this.#figures?.ask(this.#path())}>Try now</button>
            </div>`
          : nothing
      }
      ${phase === 'loading' ? html`<p class="quiet" role="status">Counting…</p>` : nothing}
      ${value ? this.#all(value) : nothing}
    </section>`;
  }

  #all(reply: StatisticsReply) {
    return html`${tiles(reply)}
      <div class="boxes">
        ${volumeBox(reply)} ${timesBox('First reply', reply.first_response, reply.first_response_by_priority)}
        ${timesBox('Until the answer', reply.resolution, reply.resolution_by_priority)} ${peopleBox(reply)}
        ${namesBox('By tag', reply.by_tag.map(({ name, total }) => bar(name, total)))}
        ${namesBox(
          'By who asked',
          reply.by_origin.map(({ name, total }) => bar(originWords(name), total)),
        )}
      </div>`;
  }

  #choose(days: number): void {
    this.days = days;
    this.#figures?.ask(this.#path());
  }

  #path(): string {
    const query = new URLSearchParams({
      from: new Date(Date.now() - this.days * DAY_MS).toISOString(),
      to: new Date().toISOString(),
      bucket: this.days > 1 ? 'day' : 'hour',
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    });
    return `/api/supervision/statistics?${query}`;
  }
}

function tiles(reply: StatisticsReply) {
  const { learning } = reply;
  const unresolved = reply.by_status.find(({ name }) => name === 'unresolved')?.total ?? 0;
  return html`<dl class="tiles">
    ${tile('Requests', String(reply.total), `${unresolved} unresolved`)}
    ${tile('First reply, median', seconds(reply.first_response.p50_s), withinWords(reply.first_response))}
    ${tile('Answer, median', seconds(reply.resolution.p50_s), withinWords(reply.resolution))}
    ${tile('First replies in time', share(reply.first_response_sla.share), keptWords(reply.first_response_sla))}
    ${tile('Answers in time', share(reply.resolution_sla.share), keptWords(reply.resolution_sla))}
    ${tile('Answers learned', share(learning.share_learned), `${learning.learned} of ${learning.answered}; ${plural(learning.open_drafts, 'draft')} open`)}
    ${tile('Calls answered from learned', share(learning.share_from_learned), `${learning.calls_from_learned} of ${plural(learning.answered_calls, 'call')} with a cited answer`)}
  </dl>`;
}

function tile(label: string, value: string, detail: string) {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
    <dd>${detail}</dd>
  </div>`;
}

function volumeBox({ volume, bucket }: StatisticsReply) {
  const every = Math.ceil(volume.length / TICKS_MAX);
  const bars = volume.map((each, place) => {
    const label = momentOf(each, bucket);
    return { label, tick: place % every === 0 ? label : '', value: each.total };
  });
  const most = Math.max(0, ...volume.map(({ total }) => total));
  return html`<div class="box wide">
    <h3>Requests per ${bucket}</h3>
    ${columns(bars, `Requests per ${bucket}, at most ${most}. The table below has every number.`)}
    <details>
      <summary>Show as a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Requests per ${bucket}">
        <table class="times">
          <thead>
            <tr>
              <th scope="col">${bucket === 'day' ? 'Day' : 'Hour'}</th>
              <th scope="col" class="number">All</th>
              ${PRIORITIES.map((name) => html`<th scope="col" class="number">${PRIORITY_WORDS[name]}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${volume.map(
              (each) =>
                html`<tr>
                  <th scope="row">${momentOf(each, bucket)}</th>
                  <td class="number">${each.total}</td>
                  ${PRIORITIES.map((name) => html`<td class="number">${each[name]}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </div>`;
}

function timesBox(title: string, all: Spread, byPriority: Record<string, Spread>) {
  const lines = [
    ['All', all] as const,
    ...PRIORITIES.filter((name) => byPriority[name]).map((name) => [PRIORITY_WORDS[name], byPriority[name] as Spread] as const),
  ];
  return html`<div class="box">
    <h3>${title}</h3>
    <div class="scroll">
      <table class="times">
        <thead>
          <tr>
            <th scope="col">Priority</th>
            <th scope="col" class="number">Requests</th>
            <th scope="col" class="number">Mean</th>
            <th scope="col" class="number">Median</th>
            <th scope="col" class="number">9 of 10 within</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map(
            ([name, spread]) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td class="number">${spread.count}</td>
                <td class="number">${seconds(spread.mean_s)}</td>
                <td class="number">${seconds(spread.p50_s)}</td>
                <td class="number">${seconds(spread.p90_s)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

function peopleBox({ supervisors }: StatisticsReply) {
  const bars = supervisors.map(({ name, answered, open, resolution_mean_s: mean }) => ({
    ...bar(name, answered),
    shown: `${answered} answered, ${open} open${mean === null ? '' : `, ${seconds(mean)} each`}`,
  }));
  return html`<div class="box">
    <h3>By supervisor</h3>
    ${bars.length ? rows(bars, 'Answered requests by supervisor') : html`<p class="quiet">Nobody has answered yet.</p>`}
  </div>`;
}

function namesBox(title: string, bars: readonly Bar[]) {
  const shown = bars.slice(0, NAMES_MAX);
  return html`<div class="box">
    <h3>${title}</h3>
    ${shown.length ? rows(shown, title) : html`<p class="quiet">Nothing in this period.</p>`}
    ${bars.length > shown.length ? html`<p class="quiet">and ${bars.length - shown.length} more</p>` : nothing}
  </div>`;
}

function bar(label: string, value: number): Bar {
  return { label, tick: '', value };
}

function momentOf({ at }: Volume, bucket: 'hour' | 'day'): string {
  const format: Intl.DateTimeFormatOptions =
    bucket === 'day' ? { day: 'numeric', month: 'short' } : { hour: 'numeric', minute: '2-digit' };
  return new Intl.DateTimeFormat(undefined, format).format(new Date(at));
}

function seconds(value: number | null): string {
  return value === null ? '–' : amountWords(value * 1000);
}

function share(value: number | null): string {
  return value === null ? '–' : `${Math.round(value * 100)} %`;
}

function withinWords({ p90_s: p90 }: Spread): string {
  return p90 === null ? 'None yet' : `9 of 10 within ${seconds(p90)}`;
}

function keptWords({ kept, missed }: Attainment): string {
  return kept + missed ? `${kept} kept, ${missed} missed` : 'No limit has ended yet';
}
