import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Http } from '../api/http.js';
import { icon } from '../shared/icons.js';
import { KeepsFocus } from '../shared/keeps-focus.js';
import { Follows } from '../shared/observable.js';
import { controls, reset } from '../shared/styles.js';
import { endWords, isCompany, namesOf } from '../voice/words.js';
import { openLiveKit, type Person } from '../voice/client.js';
import '../voice/level-meter.js';
import { RoomStore, browserRoomPorts } from '../voice/room.js';
import type { Grant } from '../voice/wire.js';

/** Hearing both sides of a call that is watched, without being heard. It ends with the watch. */
@customElement('assist-listen-in')
export class ListenIn extends LitElement {
  @property({ attribute: false }) http!: Pick<Http, 'post'>;
  @property() sessionId = '';
  readonly #room = new RoomStore({ ...browserRoomPorts(openLiveKit), meets: isHeard, aloneMs: null });

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
      }
      section:focus-visible {
        outline: none;
      }
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        padding: 8px 16px 8px 24px;
        border-bottom: 1px solid var(--line);
        background: var(--surface-2);
      }
      .on {
        background: var(--accent-soft);
      }
      .bad {
        background: var(--bad-soft);
        color: var(--bad);
      }
      p {
        display: flex;
        flex: 1;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 8px;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .quiet {
        color: var(--ink-3);
      }
      strong {
        font-weight: 600;
      }
      .buttons {
        display: flex;
        align-items: center;
        gap: 12px;
        margin-left: auto;
      }
      @media (max-width: 719px) {
        section {
          padding: 8px 16px;
        }
        button {
          min-height: 40px;
        }
      }
    `,
  ];

  constructor() {
    super();
    new KeepsFocus(this);
    new Follows(this).follow(this.#room);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#room.leave();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('sessionId')) return;
    this.#room.leave();
    this.#room.clear();
  }

  override render() {
    const { phase, end } = this.#room.state;
    const failed = phase === 'ended' && end !== 'left' && end !== 'over';
    return html`<section aria-label="Listen in" tabindex="-1" class=${this.#room.isOpen ? 'on' : failed ? 'bad' : ''}>
      <p role="status">${this.#status(failed)}</p>
      <div class="buttons">${this.#room.isOpen ? this.#whileOpen() : this.#start(failed)}</div>
    </section>`;
  }

  #status(failed: boolean) {
    const { phase, people, end, problem } = this.#room.state;
    if (failed) {
      const { title, detail } = endWords(end ?? 'lost', problem);
      return html`<strong>${title}.</strong> ${detail}`;
    }
    if (phase === 'ended') return end === 'over' ? 'The call has ended.' : 'You stopped listening.';
    if (phase === 'idle') return html`<span class="quiet">Hear both sides; nobody hears or sees you.</span>`;
    if (phase === 'connecting') return 'Connecting…';
    const others = people.filter(isHeard);
    const whom = phase === 'reconnecting' ? 'Reconnecting…' : namesOf(others) || 'Nobody is on the line just now.';
    return html`<strong>Listening · the others do not hear you</strong> <span>${whom}</span>`;
  }

  #whileOpen() {
    const { silenced } = this.#room.state;
    return html`<assist-level .read=${() => this.#room.levels().others} title="How loud they are"></assist-level>
      ${
        silenced
          ? html`<button class="primary" type="button" @click=${() => void this.#room.playSound()}>
              ${icon('sound')}Turn on sound
            </button>`
          : nothing
      }
      <button class="outline" type="button" @click=${() => this.#room.leave()}>${icon('close')}Stop listening</button>`;
  }

  #start(failed: boolean) {
    return html`<button class="outline" type="button" @click=${this.#listen}>
      ${icon('ear')}${failed ? 'Try again' : 'Listen in'}
    </button>`;
  }

  #listen(): void {
    const path = `/api/voice/calls/${encodeURIComponent(this.sessionId)}/listen`;
    void this.#room.join(() => this.http.post<Grant>(path), { microphone: false });
  }
}

function isHeard(person: Person): boolean {
  return person.role !== 'supervisor' && isCompany(person);
}
