import { LitElement, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { Http, HttpProblem } from '../api/http.js';
import { duration } from '../shared/format.js';
import { icon, type IconName } from '../shared/icons.js';
import { KeepsFocus } from '../shared/keeps-focus.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';
import { openLiveKit } from '../voice/client.js';
import '../voice/level-meter.js';
import { browserRoomPorts, type RoomState } from '../voice/room.js';
import { endWords, namesOf, roomProblemWords } from '../voice/words.js';
import { CallStore, isForMe } from './call-store.js';
import { callStyles } from './call-styles.js';

const NAME_CHARS = 200;

/** Where a customer calls: click, speak. */
@customElement('assist-call')
export class CallApp extends LitElement {
  @state() private name = '';
  readonly #store = new CallStore(
    { ...browserRoomPorts(openLiveKit), http: new Http() },
    new URLSearchParams(location.search).get('invite'),
  );

  protected readonly ticker = new Ticker(this);

  static override styles = [reset, controls, blank, callStyles];

  constructor() {
    super();
    new KeepsFocus(this);
    new Follows(this).follow(this.#store);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#store.load();
  }

  override render() {
    return html`<main>${this.#content()}</main>`;
  }

  #content() {
    switch (this.#store.state.phase) {
      case 'loading':
        return html`<p class="quiet" role="status">Opening…</p>`;
      case 'unreachable':
        return notice('warn', 'The server cannot be reached', 'Trying again by itself every few seconds.');
      case 'off':
        return notice('off', 'Calls from this page are switched off', 'Whoever runs this server can switch them on.');
      default:
        return this.#call(this.#store.state.room);
    }
  }

  #call(room: RoomState) {
    const open = this.#store.room.isOpen;
    return html`<section aria-labelledby="title" tabindex="-1" data-phase=${room.phase}>
      <span class="face ${room.phase}">${icon(room.phase === 'reconnecting' ? 'warn' : 'phone')}</span>
      <h1 id="title">${this.#title(room)}</h1>
      ${this.#status(room)} ${open ? this.#during(room) : this.#before(room)}
    </section>`;
  }

  #title({ people }: RoomState): string {
    const there = namesOf(people.filter(isForMe));
    if (there) return there;
    const { agent, company } = this.#store.state;
    if (agent) return `You are calling ${agent}`;
    if (this.#store.invite !== null) return 'You are invited to a call';
    return company ? `Call ${company}` : 'Call us';
  }

  #status(room: RoomState) {
    const { title, detail } = this.#words(room);
    const bad = room.phase === 'ended' && room.end !== 'left' && room.end !== 'over' && room.end !== 'alone';
    return html`<div class="status ${bad ? 'bad' : room.phase}">
      <p role="status"><strong>${title}</strong>${detail ? html`<span>${detail}</span>` : nothing}</p>
      ${this.#length(room)}
    </div>`;
  }

  #words(room: RoomState): { title: string; detail: string } {
    switch (room.phase) {
      case 'idle':
        return { title: '', detail: 'You talk in this browser; it needs your microphone.' };
      case 'connecting':
        return { title: 'Connecting…', detail: room.step === 'microphone' ? 'Allow the microphone if your browser asks.' : '' };
      case 'waiting':
        return this.#waiting(room);
      case 'connected':
        return { title: 'Connected', detail: room.microphone === 'muted' ? 'Your microphone is muted.' : '' };
      case 'reconnecting':
        return { title: 'Reconnecting…', detail: 'The connection was lost for a moment. Stay on this page.' };
      default:
        return room.end === 'left' ? { title: 'You hung up', detail: '' } : endWords(room.end ?? 'lost', room.problem);
    }
  }

  #waiting({ met }: RoomState): { title: string; detail: string } {
    if (met) return { title: 'Nobody is on the line just now', detail: 'Stay if you are being put through; otherwise hang up.' };
    return { title: 'Ringing…', detail: 'Somebody will be with you in a moment.' };
  }

  #length({ metAtMs, endedAtMs }: RoomState) {
    if (metAtMs === null) return nothing;
    const length = duration(((endedAtMs ?? Date.now()) - metAtMs) / 1000);
    return html`<span class="length" aria-label="Length of the call ${length}">${length}</span>`;
  }

  #before(room: RoomState) {
    const again = room.phase === 'ended';
    if (isExpired(room.problem)) return html`<a class="button outline big" href="/call">Call without the invitation</a>`;
    return html`<form @submit=${this.#submitted}>
      ${
        again
          ? nothing
          : html`<label
              >Your name (optional)
              <input
                name="name"
                maxlength=${NAME_CHARS}
                autocomplete="name"
                .value=${this.name}
                @input=${(event: Event) => (this.name = (event.target as HTMLInputElement).value)}
              />
            </label>`
      }
      <button class="primary big" type="submit">${icon('phone')}${again ? againWords(room) : 'Call'}</button>
    </form>`;
  }

  #during(room: RoomState) {
    return html`${this.#troubles(room)} ${room.phase === 'connecting' ? nothing : this.#levels(room)}
      <div class="buttons">
        ${room.microphone === 'none' ? nothing : this.#muteButton(room)}
        <button class="big hang-up" type="button" @click=${() => this.#store.room.leave()}>
          ${icon('hangUp')}${room.phase === 'connecting' ? 'Cancel' : 'Hang up'}
        </button>
      </div>`;
  }

  #muteButton({ microphone }: RoomState) {
    const label = { on: 'Mute', muted: 'Unmute', lost: 'Use microphone', none: '' }[microphone];
    return html`<button
      class="big outline ${microphone === 'on' ? '' : 'muted'}"
      type="button"
      @click=${() => void this.#store.room.toggleMute()}
    >
      ${icon(microphone === 'on' ? 'mic' : 'micOff')}${label}
    </button>`;
  }

  #levels(room: RoomState) {
    const { levels } = this.#store.room;
    const read = levels.bind(this.#store.room);
    return html`<ul class="levels" aria-label="Who is there">
      <li><span>You</span><assist-level .read=${() => read().me}></assist-level></li>
      ${
        room.phase === 'connected'
          ? html`<li>
              <span>${namesOf(room.people.filter(isForMe))}</span>
              <assist-level .read=${() => read().others}></assist-level>
            </li>`
          : nothing
      }
    </ul>`;
  }

  #troubles(room: RoomState) {
    return html`<div class="troubles" role="alert">
      ${
        room.microphone === 'lost'
          ? html`<p class="trouble">
              ${icon('warn')}<span
                >${room.problem ? roomProblemWords(room.problem).title : 'Your microphone is gone'}. Nobody hears you.</span
              >
            </p>`
          : nothing
      }
      ${
        room.silenced
          ? html`<p class="trouble">
              ${icon('warn')}<span>Your browser keeps the sound off.</span>
              <button class="outline" type="button" @click=${() => void this.#store.room.playSound()}>
                ${icon('sound')}Turn on sound
              </button>
            </p>`
          : nothing
      }
    </div>`;
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    void this.#store.call(this.name.trim());
  }
}

function notice(name: IconName, title: string, detail: string) {
  return html`<div class="blank" role="status">${icon(name)}<strong>${title}</strong>
    <p>${detail}</p>
  </div>`;
}

function againWords({ end }: RoomState): string {
  return end === 'failed' ? 'Try again' : 'Call again';
}

function isExpired(problem: unknown): boolean {
  return problem instanceof HttpProblem && problem.problem.status === 410;
}
