import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { clockWithSeconds, duration, plural } from '../shared/format.js';
import { icon, type IconName } from '../shared/icons.js';
import { reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';
import { DELAYED_S, QUIET_S, transcriptionDelayS } from '../store/delay.js';
import type { CallView } from '../store/desk-state.js';
import { listeningOf } from '../store/listening.js';

export interface Status {
  level: 'ok' | 'wait' | 'warn' | 'bad' | 'off';
  title: string;
  detail: string;
}

const ICONS: Readonly<Record<Status['level'], IconName>> = {
  ok: 'check',
  wait: 'lines',
  warn: 'warn',
  bad: 'warn',
  off: 'phone',
};

export function statusOf(view: CallView | null, nowMs: number): Status {
  if (!view) return { level: 'off', title: 'No call', detail: '' };
  const { connection, state } = view;
  switch (connection.phase) {
    case 'stopped':
      return { level: 'bad', title: 'Not connected', detail: view.problem ?? '' };
    case 'reconnecting':
      return reconnecting(connection.lostAtMs ?? nowMs, connection.retryAtMs ?? nowMs, nowMs);
    case 'connecting':
      return { level: 'wait', title: 'Connecting…', detail: '' };
    case 'catching_up': {
      const missing = Math.max(0, connection.targetSeq - state.seq);
      return { level: 'wait', title: 'Catching up', detail: `${plural(missing, 'update')} to come` };
    }
    default:
      return listening(view, nowMs);
  }
}

function reconnecting(lostAtMs: number, retryAtMs: number, nowMs: number): Status {
  const seconds = Math.ceil((retryAtMs - nowMs) / 1000);
  const next = seconds > 0 ? `trying again in ${seconds} s` : 'trying now';
  const missing = `words and suggestions since ${clockWithSeconds(lostAtMs)} are missing`;
  return { level: 'bad', title: 'Reconnecting', detail: `${missing}; ${next}` };
}

function listening(view: CallView, nowMs: number): Status {
  const { state, heardAtMs } = view;
  if (state.call?.status === 'ended') return { level: 'off', title: 'Call ended', detail: '' };
  const trouble = listeningOf(state);
  if (trouble) return trouble;
  const delayS = transcriptionDelayS(state.call, state.segments);
  if (delayS > DELAYED_S) {
    return {
      level: 'warn',
      title: 'Transcription delayed',
      detail: `words come ${Math.round(delayS)} s late`,
    };
  }
  const quietS = (nowMs - heardAtMs) / 1000;
  if (quietS > QUIET_S)
    return { level: 'ok', title: 'Connected', detail: `no words for ${duration(quietS)}` };
  return { level: 'ok', title: 'Connected', detail: '' };
}

@customElement('assist-connection-status')
export class ConnectionStatus extends LitElement {
  @property({ attribute: false }) view: CallView | null = null;

  protected readonly ticker = new Ticker(this);

  static override styles = [
    reset,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      p {
        display: flex;
        align-items: center;
        gap: 6px;
        width: fit-content;
        max-width: 100%;
        min-height: 28px;
        padding: 0 8px;
        border-radius: var(--radius-s);
        color: var(--ink-3);
        min-width: 0;
      }
      strong {
        font-weight: 500;
        white-space: nowrap;
      }
      .detail {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
      .ok {
        color: var(--ok);
      }
      .ok .detail {
        color: var(--ink-3);
      }
      .warn {
        color: var(--warn);
        background: var(--warn-soft);
      }
      .bad {
        color: var(--bad);
        background: var(--bad-soft);
      }
      @media (max-width: 719px) {
        p.bad,
        p.warn {
          align-items: flex-start;
          padding-block: 4px;
          line-height: 20px;
        }
        p .icon {
          margin-top: 2px;
        }
        p:is(.bad, .warn) {
          display: block;
        }
        p:is(.bad, .warn) .icon {
          float: left;
          margin-right: 6px;
        }
        .detail {
          white-space: normal;
        }
      }
    `,
  ];

  override render() {
    const status = statusOf(this.view, Date.now());
    const detail = status.detail ? html` <span class="detail">· ${status.detail}</span>` : '';
    return html`<p class=${status.level} title=${status.detail} data-connection=${this.#phase()}>
      ${icon(ICONS[status.level])}<strong>${status.title}</strong>${detail}
    </p>`;
  }

  #phase(): string {
    return this.view?.connection.phase ?? 'idle';
  }
}
