import { LitElement, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Call } from '../api/wire.js';
import { act, type VoiceWish } from '../shared/actions.js';
import { customerLabel, duration } from '../shared/format.js';
import { icon, type IconName } from '../shared/icons.js';
import { KeepsFocus } from '../shared/keeps-focus.js';
import { controls, reset } from '../shared/styles.js';
import { Ticker } from '../shared/ticker.js';
import type { DeskVoiceState } from '../store/desk-voice.js';
import type { Levels } from '../voice/client.js';
import '../voice/level-meter.js';
import type { RoomState } from '../voice/room.js';
import { roomProblemWords } from '../voice/words.js';
import './audio-devices.js';
import { voiceBarStyles } from './voice-bar-styles.js';
import { voiceStatus, type VoiceStatus } from './voice-words.js';

const ICONS: Readonly<Record<VoiceStatus['level'], IconName>> = {
  ok: 'phone',
  wait: 'phone',
  warn: 'warn',
  bad: 'warn',
};

/** The call that the agent is in by voice, whichever call is on the desk; and the way back into it. */
@customElement('assist-voice-bar')
export class VoiceBar extends LitElement {
  @property({ attribute: false }) voice!: DeskVoiceState;
  /** A call that can be joined again. */
  @property({ attribute: false }) offer: Call | null = null;
  @property({ attribute: false }) selectedId: string | null = null;
  @property({ attribute: false }) levels!: () => Levels;

  protected readonly ticker = new Ticker(this);

  static override styles = [reset, controls, voiceBarStyles];

  constructor() {
    super();
    new KeepsFocus(this);
  }

  override render() {
    const status = voiceStatus(this.voice);
    return html`<section aria-label="Your call" tabindex="-1" class=${status?.level ?? (this.offer ? 'wait' : 'none')}>
      <p class="state" role="status">${status ? this.#state(status) : this.#offered()}</p>
      ${status ? this.#controls() : this.#rejoin()}
    </section>`;
  }

  #state({ level, title, detail }: VoiceStatus) {
    return html`${icon(ICONS[level])}<strong>${title}</strong>${detail ? html` <span>${detail}</span>` : nothing}`;
  }

  #offered() {
    if (!this.offer) return nothing;
    return html`${icon('phone')}<strong>Your call with ${customerLabel(this.offer)} goes on</strong>
      <span>You are not in it.</span>`;
  }

  #rejoin() {
    const { offer } = this;
    if (!offer) return nothing;
    const action = { kind: 'rejoin', sessionId: offer.session_id, customer: offer.customer_name ?? '' } as const;
    return html`<div class="buttons">
      ${this.#show(offer.session_id)}
      <button class="primary" type="button" @click=${() => act(this, action)}>${icon('phone')}Rejoin</button>
    </div>`;
  }

  #controls() {
    const { room, sessionId } = this.voice;
    if (room.phase === 'ended') return this.#afterwards(room);
    return html`${this.#length(room)} ${this.#troubles(room)}
      <div class="buttons">
        ${sessionId ? this.#show(sessionId) : nothing} ${this.#link()}
        ${room.microphone === 'none' ? nothing : this.#microphone(room)} ${this.#volume(room)}
        ${
          room.devices
            ? html`<assist-audio-devices .devices=${room.devices} .refused=${room.deviceRefused}></assist-audio-devices>`
            : nothing
        }
        ${this.#button('leave', 'hangUp', room.phase === 'connecting' ? 'Cancel' : 'Leave call', 'outline leave')}
      </div>`;
  }

  #length({ metAtMs }: RoomState) {
    if (metAtMs === null) return nothing;
    const length = duration((Date.now() - metAtMs) / 1000);
    return html`<span class="time" aria-label="Talking for ${length}">${length}</span>`;
  }

  /** What keeps the two from hearing each other, though they are connected. */
  #troubles(room: RoomState) {
    return html`<div class="troubles" role="alert">
      ${
        room.microphone === 'lost'
          ? html`<span
              >${room.problem ? roomProblemWords(room.problem).title : 'Your microphone is gone'}. Nobody hears you.</span
            >`
          : nothing
      }
      ${
        room.silenced
          ? html`<span>Your browser keeps the sound off.</span> ${this.#button('sound', 'sound', 'Turn on sound', 'primary')}`
          : nothing
      }
    </div>`;
  }

  #microphone({ microphone }: RoomState) {
    const verb = { on: 'Mute', muted: 'Unmute', lost: 'Use', none: '' }[microphone];
    const on = microphone === 'on';
    return html`<assist-level .read=${() => this.levels().me} title="How loud you are"></assist-level>
      <button
        class="outline mic ${on ? '' : 'off'}"
        type="button"
        aria-label="${verb} microphone"
        @click=${() => act(this, { kind: 'voice', what: 'mute' })}
      >
        ${icon(on ? 'mic' : 'micOff')}<span>${verb} mic${more('rophone')}</span>
      </button>`;
  }

  #volume({ volume }: RoomState) {
    return html`<label class="volume" title="Volume of the others">
      ${icon('sound')}
      <input
        type="range"
        min="0"
        max="100"
        step="5"
        aria-label="Volume of the others"
        .value=${String(Math.round(volume * 100))}
        @input=${(event: Event) =>
          act(this, { kind: 'volume', volume: Number((event.target as HTMLInputElement).value) / 100 })}
      />
    </label>`;
  }

  #link() {
    const { link, room } = this.voice;
    if (!link) return nothing;
    const text = new URL(link, location.origin).href;
    const waits = room.phase === 'waiting' && !room.met;
    return html`<button
      class=${waits ? 'primary' : 'outline'}
      type="button"
      aria-label="Copy customer link"
      @click=${() => act(this, { kind: 'copy', text, what: 'Customer link', id: null })}
    >
      ${icon('link')}<span>Copy ${more('customer ')}link</span>
    </button>`;
  }

  #show(sessionId: string) {
    if (sessionId === this.selectedId) return nothing;
    return html`<button class="outline" type="button" @click=${() => act(this, { kind: 'select', sessionId })}>
      ${icon('lines')}Show this call
    </button>`;
  }

  #afterwards({ end }: RoomState) {
    const again = { elsewhere: 'Join here', lost: 'Rejoin' }[end as string] ?? 'Try again';
    return html`<div class="buttons">
      ${this.#button('retry', 'phone', again, 'primary')} ${this.#button('dismiss', 'close', 'Close', 'outline')}
    </div>`;
  }

  #button(what: VoiceWish, name: IconName, label: string, looks: string) {
    return html`<button class=${looks} type="button" @click=${() => act(this, { kind: 'voice', what })}>
      ${icon(name)}${label}
    </button>`;
  }
}

/** Words that a narrow screen does without. */
function more(words: string) {
  return html`<span class="more">${words}</span>`;
}
