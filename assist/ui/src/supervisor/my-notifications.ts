import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { PRIORITIES } from '../api/supervision.js';
import type { Page, Priority } from '../api/wire.js';
import { formStyles } from '../shared/form-styles.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { problemWords } from '../shared/problem-words.js';
import { controls, reset } from '../shared/styles.js';
import type { ConsoleStore } from './console-store.js';
import { Resource } from './resource.js';
import { PRIORITY_WORDS, channelWords } from './words.js';

type Channel = 'web' | 'sms' | 'email';

interface Wish {
  enabled: boolean;
  address: string | null;
  minimum_priority: Priority;
  events: string[];
}

interface QuietHours {
  start: string;
  end: string;
  time_zone: string;
  days: number[];
}

type Preferences = Record<Channel, Wish> & {
  quiet_hours: QuietHours | null;
  urgent_breaks_quiet_hours: boolean;
};

const CHANNELS: readonly Channel[] = ['web', 'sms', 'email'];
const PATH = '/api/notifications/preferences';
const NIGHT = { start: '20:00:00', end: '07:00:00', days: [0, 1, 2, 3, 4, 5, 6] };

/** What I wish to be told, how and when. */
@customElement('assist-my-notifications')
export class MyNotifications extends LitElement {
  @property({ attribute: false }) store!: ConsoleStore;
  @state() private changed: Preferences | null = null;
  @state() private problem = '';
  #saved: Resource<Preferences> | null = null;
  #channels: Resource<Pick<Page<{ channel: string }>, 'items'>> | null = null;
  readonly #follows = new Follows(this);
  readonly #followsChannels = new Follows(this);

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        display: block;
      }
      h3 {
        margin-bottom: 12px;
      }
      form {
        display: grid;
        gap: 16px;
        padding: 4px 16px 16px;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--surface);
      }
      .row {
        display: grid;
        grid-template-columns: minmax(140px, 1fr) minmax(160px, 1fr) minmax(180px, 2fr) auto;
        gap: 8px 16px;
        align-items: center;
        min-height: 56px;
        padding: 8px 0;
      }
      .row + .row {
        border-top: 1px solid var(--line);
      }
      .quiet-hours {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
        margin-top: -16px;
      }
      .quiet-hours input[type='time'] {
        width: 128px;
      }
      .buttons {
        display: flex;
        gap: 8px;
      }
      @media (max-width: 859px) {
        .row {
          grid-template-columns: minmax(0, 1fr);
        }
        .row > button {
          justify-self: start;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const { http, onSignedOut } = this.store.ports;
    this.#saved = new Resource(http, PATH, onSignedOut);
    this.#channels = new Resource(http, '/api/notifications/channels', onSignedOut);
    this.#follows.follow(this.#saved);
    this.#followsChannels.follow(this.#channels);
    void this.#saved.refresh();
    void this.#channels.refresh();
  }

  override render() {
    const wanted = this.changed ?? this.#saved?.value;
    if (!wanted) return nothing;
    return html`<section aria-labelledby="title">
      <h3 id="title">How I am told</h3>
      <form @submit=${this.#submitted}>
        <div>${CHANNELS.map((channel) => this.#channel(channel, wanted))}</div>
        ${this.#quietHours(wanted)}
        ${this.problem ? html`<p class="problem" role="alert">${icon('warn')}<span>${this.problem}</span></p>` : nothing}
        <div class="buttons">
          <button class="primary" type="submit" ?disabled=${!this.changed}>Save</button>
          ${this.changed ? html`<button type="button" @click=${() => (this.changed = null)}>Cancel</button>` : nothing}
        </div>
      </form>
    </section>`;
  }

  #channel(channel: Channel, wanted: Preferences) {
    const wish = wanted[channel];
    const configured = channel === 'web' || this.#channels?.value?.items.some((one) => one.channel === channel);
    const name = channelWords(channel);
    return html`<div class="row" role="group" aria-label=${name}>
      <label class="check">
        <input
          type="checkbox"
          .checked=${wish.enabled}
          ?disabled=${!configured && !wish.enabled}
          @change=${(event: Event) => this.#wish(channel, { enabled: (event.target as HTMLInputElement).checked })}
        />${name}
      </label>
      ${
        configured
          ? html`<select
                aria-label="${name}: from which priority"
                @change=${(event: Event) =>
                  this.#wish(channel, { minimum_priority: (event.target as HTMLSelectElement).value as Priority })}
              >
                ${PRIORITIES.map(
                  (priority) =>
                    html`<option value=${priority} .selected=${priority === wish.minimum_priority}>
                      ${priority === 'low' ? 'Everything' : `From ${PRIORITY_WORDS[priority].toLowerCase()}`}
                    </option>`,
                )}
              </select>
              ${channel === 'web' ? html`<span></span>` : this.#address(channel, wish)}
              <button type="button" class="small" @click=${() => void this.#test(channel)}>
                Send a test<span class="visually-hidden"> by ${name}</span>
              </button>`
          : html`<span class="quiet">Not set up on this server</span>`
      }
    </div>`;
  }

  #address(channel: 'sms' | 'email', wish: Wish) {
    const sms = channel === 'sms';
    return html`<input
      type=${sms ? 'tel' : 'email'}
      aria-label=${sms ? 'Telephone number' : 'E-mail address'}
      placeholder=${sms ? '+49 170 5550100' : this.store.user.email}
      .value=${wish.address ?? ''}
      @input=${(event: Event) => this.#wish(channel, { address: (event.target as HTMLInputElement).value.trim() || null })}
    />`;
  }

  #quietHours(wanted: Preferences) {
    const { quiet_hours: quiet } = wanted;
    const time = (name: 'start' | 'end', label: string) => html`<label class="check">
      ${label}
      <input
        type="time"
        required
        .value=${(quiet?.[name] ?? '').slice(0, 5)}
        @input=${(event: Event) => this.#quiet({ [name]: `${(event.target as HTMLInputElement).value}:00` })}
      />
    </label>`;
    return html`<div class="quiet-hours" role="group" aria-label="Quiet hours">
      <label class="check">
        <input
          type="checkbox"
          .checked=${quiet !== null}
          @change=${(event: Event) =>
            this.#change({ quiet_hours: (event.target as HTMLInputElement).checked ? { ...NIGHT, time_zone: zone() } : null })}
        />Quiet hours
      </label>
      ${
        quiet
          ? html`${time('start', 'from')} ${time('end', 'to')}
              <span class="quiet">${quiet.time_zone}</span>
              <label class="check">
                <input
                  type="checkbox"
                  .checked=${wanted.urgent_breaks_quiet_hours}
                  @change=${(event: Event) =>
                    this.#change({ urgent_breaks_quiet_hours: (event.target as HTMLInputElement).checked })}
                />Urgent requests come through
              </label>`
          : nothing
      }
    </div>`;
  }

  #wish(channel: Channel, change: Partial<Wish>): void {
    const wanted = this.changed ?? this.#saved?.value;
    if (wanted) this.#change({ [channel]: { ...wanted[channel], ...change } });
  }

  #quiet(change: Partial<QuietHours>): void {
    const quiet = (this.changed ?? this.#saved?.value)?.quiet_hours;
    if (quiet) this.#change({ quiet_hours: { ...quiet, ...change } });
  }

  #change(change: Partial<Preferences>): void {
    const wanted = this.changed ?? this.#saved?.value;
    if (wanted) this.changed = { ...wanted, ...change };
    this.problem = '';
  }

  readonly #submitted = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const before = this.#saved?.value;
    if (!this.changed) return;
    try {
      await this.#put(this.changed);
      this.store.ports.tell('Saved', before ? () => void this.#put(before) : undefined);
    } catch (error) {
      this.problem = problemWords(error);
    }
  };

  async #put(preferences: Preferences): Promise<void> {
    const saved = await this.store.ports.http.put<Preferences>(PATH, preferences);
    this.#saved?.put(saved);
    this.changed = null;
  }

  async #test(channel: Channel): Promise<void> {
    try {
      await this.store.ports.http.post('/api/notifications/test', { channel });
      this.store.ports.tell('A test is on its way');
    } catch (error) {
      this.store.ports.complain(problemWords(error));
    }
  }
}

function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}
