import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Http } from '../api/http.js';
import '../desk/connection-status.js';
import '../desk/suggestion-card.js';
import '../desk/transcript.js';
import { formStyles } from '../shared/form-styles.js';
import { plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import type { Card } from '../store/call-state.js';
import type { CallView } from '../store/desk-state.js';
import { DEFAULT_KEYMAP } from '../store/shortcuts.js';
import { callWatchStyles } from './call-watch-styles.js';
import './listen-in.js';
import './whisper-box.js';

type Pane = 'transcript' | 'suggestions';

/** One call, live, as its agent has it: to look on and to whisper, without a trace on the desk. */
@customElement('assist-call-watch')
export class CallWatch extends LitElement {
  @property({ attribute: false }) view: CallView | null = null;
  @property({ attribute: false }) http!: Pick<Http, 'post'>;
  /** Whisper, and listen in. */
  @property({ type: Boolean }) maySupervise = false;
  @property({ type: Boolean }) autoScroll = true;
  /** Sends a whisper; resolves to what went wrong, or to an empty string. */
  @property({ attribute: false }) whisper!: (text: string) => Promise<string>;
  @state() private pane: Pane = 'transcript';
  @state() private openId: string | null = null;

  static override styles = [reset, controls, blank, formStyles, callWatchStyles];

  override render() {
    const { view } = this;
    if (!view) return nothing;
    const cards = shownCards(view);
    const asked = view.state.escalations.filter((one) => one.status === 'pending' || one.status === 'in_progress');
    return html`<section aria-label="The call">
      ${this.pane === 'suggestions' ? html`<h2 class="visually-hidden">What the agent sees</h2>` : nothing}
      <header>
        <button class="close" type="button" @click=${() => this.dispatchEvent(new CustomEvent('close'))}>
          ${icon('close')}<span>Close</span>
        </button>
        <div class="switch" role="group" aria-label="What to watch">
          ${this.#paneButton('transcript', 'Transcript')}
          ${this.#paneButton('suggestions', cards.length ? `Suggestions (${cards.length})` : 'Suggestions')}
        </div>
        <assist-connection-status .view=${view}></assist-connection-status>
      </header>
      ${this.#listenIn(view)}
      ${
        asked.length
          ? html`<p class="asked">
              ${icon('question')}<span
                >${plural(asked.length, 'open request')}:
                <a href="/supervisor#${asked[0]?.id}">${asked[0]?.question}</a></span
              >
            </p>`
          : nothing
      }
      <div class="body">
        ${this.pane === 'transcript' ? this.#transcript(view) : this.#suggestions(view, cards)}
      </div>
      ${
        view.phase === 'ready'
          ? html`<assist-whisper-box
              .whispers=${view.state.whispers}
              .whisper=${this.whisper}
              .sessionId=${view.state.sessionId}
              ?mayWhisper=${this.maySupervise}
              ?ended=${view.state.call?.status === 'ended'}
            ></assist-whisper-box>`
          : nothing
      }
    </section>`;
  }

  /** Of a live call that goes through a room of ours. */
  #listenIn({ state }: CallView) {
    if (!this.maySupervise || !state.voice || state.call?.status !== 'active') return nothing;
    return html`<assist-listen-in .http=${this.http} .sessionId=${state.sessionId}></assist-listen-in>`;
  }

  #paneButton(pane: Pane, label: string) {
    return html`<button type="button" aria-pressed=${this.pane === pane} @click=${() => (this.pane = pane)}>
      ${label}
    </button>`;
  }

  #transcript(view: CallView) {
    return html`<assist-transcript .view=${view} ?autoScroll=${this.autoScroll} watching></assist-transcript>`;
  }

  #suggestions(view: CallView, cards: readonly Card[]) {
    const questions = view.state.questions.filter((question) => question.status === 'active');
    if (!cards.length && !questions.length)
      return html`<div class="blank">
        ${icon('card')}<strong>Nothing suggested so far</strong>
        <p>What the agent gets to see appears here too.</p>
      </div>`;
    return html`<div
      class="cards"
      tabindex="0"
      role="region"
      aria-label="What the agent sees"
      @card-toggle=${(event: CustomEvent<string>) => this.#toggle(event.detail)}
    >
      ${
        questions.length
          ? html`<div class="ask">
              <h3>Proposed to ask the customer</h3>
              <ul>
                ${questions.map((question) => html`<li>${question.text}</li>`)}
              </ul>
            </div>`
          : nothing
      }
      ${repeat(
        cards,
        (card) => card.id,
        (card) =>
          html`<assist-card
            .card=${card}
            .keymap=${DEFAULT_KEYMAP}
            ?open=${card.id === this.openId}
            watching
          ></assist-card>`,
      )}
    </div>`;
  }

  #toggle(id: string): void {
    this.openId = this.openId === id ? null : id;
  }
}

/** Newest first; what the agent has put away is still what the system said. */
function shownCards(view: CallView): readonly Card[] {
  return view.state.cards;
}
