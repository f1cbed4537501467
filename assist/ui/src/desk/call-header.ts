import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Call, CallContext, DetectedEntity } from '../api/wire.js';
import { act } from '../shared/actions.js';
import { callSeconds, clock, customerLabel, duration, fieldLabel } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';
import './subjects.js';

@customElement('assist-call-header')
export class CallHeader extends LitElement {
  @property({ attribute: false }) call!: Call;
  @property({ attribute: false }) context: CallContext | null = null;
  /** Nothing can be corrected: the person may only look on, or the call is over. */
  @property({ type: Boolean }) watching = false;

  protected readonly ticker = new Ticker(this);

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
        padding: 12px 24px;
        border-bottom: 1px solid var(--line);
      }
      .line {
        display: flex;
        align-items: baseline;
        gap: 12px;
      }
      h2 {
        flex: 1;
        min-width: 0;
        font-size: var(--text-l);
        line-height: 24px;
        letter-spacing: -0.01em;
        overflow-wrap: anywhere;
        display: -webkit-box;
        -webkit-line-clamp: 2;
        -webkit-box-orient: vertical;
        overflow: hidden;
      }
      .time {
        font-variant-numeric: tabular-nums;
        color: var(--ink-2);
        white-space: nowrap;
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 16px;
        color: var(--ink-3);
        overflow-wrap: anywhere;
      }
      details {
        margin-left: -6px;
      }
      details[open] {
        flex-basis: 100%;
      }
      summary {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        min-height: 24px;
        padding: 0 6px;
        border-radius: 4px;
        font-size: var(--text-xs);
        font-weight: 500;
        color: var(--ink-2);
        cursor: pointer;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        background: var(--hover);
      }
      details[open] summary .icon {
        transform: rotate(180deg);
      }
      dl {
        display: grid;
        grid-template-columns: minmax(96px, auto) 1fr;
        gap: 4px 16px;
        max-height: 160px;
        overflow-y: auto;
        margin: 4px 6px 4px;
        color: var(--ink);
      }
      dt {
        color: var(--ink-3);
      }
      dd {
        overflow-wrap: anywhere;
      }
      .understood {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px;
        margin-top: 8px;
        max-height: 88px;
        overflow-y: auto;
      }
      .issue {
        font-weight: 500;
        margin-right: 4px;
        overflow-wrap: anywhere;
        display: -webkit-box;
        -webkit-line-clamp: 2;
        -webkit-box-orient: vertical;
        overflow: hidden;
      }
      assist-subjects {
        display: contents;
      }
      .chip {
        border-color: var(--line);
        background: var(--surface-2);
        max-width: 100%;
      }
      .chip .type {
        color: var(--ink-3);
        font-weight: 400;
        white-space: nowrap;
      }
      .chip .value {
        color: var(--ink);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (max-width: 1180px) {
        :host {
          padding: 12px 16px;
        }
      }
    `,
  ];

  override render() {
    const { call } = this;
    const length = duration(callSeconds(call, Date.now()));
    const when =
      call.status === 'ended' ? `Ended ${clock(call.ended_at ?? call.started_at)} · ${length}` : length;
    const facts = [call.customer_name ? call.customer_phone : null, call.customer_id].filter(Boolean);
    return html`<div class="line">
        <h2 title=${customerLabel(call)}>${customerLabel(call)}</h2>
        <span class="time" aria-label="Call length ${length}">${when}</span>
      </div>
      <div class="facts">${facts.map((fact) => html`<span>${fact}</span>`)} ${this.#details()}</div>
      ${this.#understood()}`;
  }

  #details() {
    const rows = [...rowsOf(this.call.crm_metadata), ...rowsOf(this.call.acd_metadata)];
    if (!rows.length) return nothing;
    return html`<details>
      <summary>Call details ${icon('chevron')}</summary>
      <dl tabindex="0" aria-label="Call details">
        ${rows.map(
          ([name, value]) =>
            html`<dt>${fieldLabel(name)}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
    </details>`;
  }

  #understood() {
    const issue = this.context?.detected_issue;
    const entities = this.context?.detected_entities ?? [];
    const subjects = (this.context?.subjects ?? []).length + (this.context?.dismissed_subjects ?? []).length;
    if (!issue && !entities.length && !subjects) return nothing;
    return html`<div class="understood" role="group" aria-label="Understood so far">
      ${issue ? html`<span class="issue" title=${issue}>${issue}</span>` : nothing}
      <assist-subjects .context=${this.context} ?watching=${this.watching}></assist-subjects>
      ${entities.map((entity) => this.#chip(entity))}
    </div>`;
  }

  #chip(entity: DetectedEntity) {
    const type = fieldLabel(entity.type);
    return html`<button
      class="chip small"
      type="button"
      title="Copy ${entity.value}"
      @click=${() => act(this, { kind: 'copy', text: entity.value, what: type, id: null })}
    >
      <span class="type">${type}</span><span class="value">${entity.value}</span>
    </button>`;
  }
}

function rowsOf(metadata: Record<string, unknown>): [string, string][] {
  return Object.entries(metadata ?? {}).map(([name, value]) => [name, asText(value)]);
}

function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}
