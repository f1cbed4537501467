import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { act } from '../shared/actions.js';
import { icon } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import type { Card } from '../store/call-state.js';
import { dealCards, nextCollapseMs } from '../store/card-deck.js';
import { DeckHold, type HeldDeck } from '../store/deck-hold.js';
import type { CallView } from '../store/desk-state.js';
import { hasPendingFeedback, sameWords, withPending, withPendingSubjects } from '../store/outbox.js';
import type { Keymap } from '../store/shortcuts.js';
import './article-date.js';
import './ask-box.js';
import type { AskBox } from './ask-box.js';
import './escalations.js';
import './older-cards.js';
import './questions.js';
import './subjects.js';
import './suggestion-card.js';
import { suggestionsStyles } from './suggestions-styles.js';
import './supervisor-form.js';
import type { SupervisorForm } from './supervisor-form.js';
import './whispers.js';

/** A card that was opened by hand gives way to a newer one after this long. */
const CHOICE_MS = 15_000;

@customElement('assist-suggestions')
export class Suggestions extends LitElement {
  @property({ attribute: false }) view: CallView | null = null;
  @property({ attribute: false }) keymap!: Keymap;
  /** The person may look on, not act. */
  @property({ type: Boolean }) watching = false;
  /** The card the person chose; without a choice the newest one is open. */
  @state() private chosenId: string | null = null;
  @state() private closedId: string | null = null;
  @state() private asksSupervisor = false;
  @query('assist-ask-box') private readonly askBox!: AskBox;
  @query('assist-supervisor-form') private readonly supervisorForm!: SupervisorForm | null;
  #chosenAtMs = 0;
  #deck: HeldDeck = { visible: [], older: [], waiting: 0, rewording: false };
  #timer: number | null = null;
  #pressedHere = false;
  readonly #hold = new DeckHold();

  static override styles = [reset, controls, blank, suggestionsStyles];

  /** What the keyboard acts on: the open card, or else the newest. */
  get current(): Card | null {
    const { visible } = this.#deck;
    return visible.find((card) => card.id === this.#openId()) ?? visible[0] ?? null;
  }

  openPlace(place: number): void {
    const card = this.#deck.visible[place - 1];
    if (!card) return;
    const wasOpen = this.#openId() === card.id;
    this.#toggle(card.id);
    if (!wasOpen) act(this, { kind: 'report', report: 'clicked', id: card.id });
    void this.updateComplete.then(() =>
      this.#cardElements()[place - 1]?.scrollIntoView({ block: 'nearest' }),
    );
  }

  focusAsk(): void {
    this.askBox.focusInput();
  }

  /** Opens the form with what was asked last; Alt+S and the buttons come here. */
  askSupervisor(question = ''): void {
    if (this.#obstacle()) return;
    this.asksSupervisor = true;
    const words = question || (this.view?.state.turn?.query ?? '');
    void this.updateComplete.then(() => this.supervisorForm?.begin(words));
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('view') as CallView | null | undefined;
    if (before?.state.sessionId !== this.view?.state.sessionId && changed.has('view')) {
      this.chosenId = null;
      this.closedId = null;
      this.asksSupervisor = false;
      this.#hold.release();
    }
    this.#deal(Date.now());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('selectionchange', this.#selected);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('selectionchange', this.#selected);
    if (this.#timer !== null) window.clearTimeout(this.#timer);
  }

  override render() {
    return html`<section aria-label="Suggestions">
      <div class="head"><h2>Suggestions</h2></div>
      <div class="scroll">${this.#people()}${this.#body()}</div>
      ${this.asksSupervisor ? this.#supervisorForm() : nothing}
      <assist-ask-box
        .keys=${this.keymap.ask}
        .supervisorKeys=${this.keymap.supervisor}
        @ask-supervisor=${(event: CustomEvent<string>) => this.askSupervisor(event.detail)}
        .pending=${this.#asked()}
        ?connected=${this.#connected()}
        .obstacle=${this.#obstacle()}
      ></assist-ask-box>
    </section>`;
  }

  #body() {
    if (!this.view)
      return blankState('card', 'Nothing to suggest yet', 'Answers appear here while you are on a call.');
    if (this.view.phase === 'failed') return nothing;
    if (this.view.phase === 'loading')
      return html`<div class="ghost" role="img" aria-label="Loading suggestions"></div>`;
    if (this.view.mutedAtTurn !== null) return this.#muted();
    const clarify = this.view.state.turn?.outcome === 'clarify';
    const first = clarify || !this.#deck.visible.length;
    return html`${this.#subjects()} ${this.#nothingFound()} ${first ? this.#questions() : nothing} ${this.#table()}
    ${this.#older()}`;
  }

  /** On a narrow screen the header of the call is on another panel. */
  #subjects() {
    return html`<assist-subjects
      .context=${withPendingSubjects(this.view?.state.context ?? null, this.view?.outbox ?? [])}
      ?watching=${this.watching || this.view?.state.call?.status !== 'active'}
    ></assist-subjects>`;
  }

  #table() {
    const { visible, waiting } = this.#deck;
    if (!visible.length) return this.#empty();
    return html`${waiting ? this.#waiting(waiting) : nothing}
      <div
        class="cards"
        @pointermove=${this.#touched}
        @pointerdown=${this.#pressed}
        @wheel=${{ handleEvent: () => this.#touched(), passive: true }}
        @keydown=${this.#touched}
        @card-toggle=${(event: CustomEvent<string>) => this.#toggle(event.detail)}
      >
        ${repeat(this.#rows(), rowKey, (row) => (row === 'questions' ? this.#questions() : this.#card(row)))}
      </div>`;
  }

  /** The questions belong to the newest turn, so they come before the cards of earlier turns. */
  #rows(): readonly Row[] {
    const [newest, ...rest] = this.#deck.visible;
    if (!newest) return [];
    return this.view?.state.turn?.outcome === 'clarify' ? [newest, ...rest] : [newest, 'questions', ...rest];
  }

  #card(card: Card) {
    const place = this.#deck.visible.indexOf(card) + 1;
    return html`<assist-card
      .card=${card}
      .keymap=${this.keymap}
      .place=${place}
      ?open=${card.id === this.#openId()}
      ?pinned=${this.view?.pinned.includes(card.id) ?? false}
      ?unsent=${hasPendingFeedback(this.view?.outbox ?? [], card.id)}
      .connected=${this.#connected()}
      ?watching=${this.watching}
    ></assist-card>`;
  }

  #waiting(count: number) {
    return html`<button class="waiting outline small" type="button" @click=${this.#releaseHold}>
      ${icon('card')}${count === 1 ? 'New suggestion' : `${count} new suggestions`}
    </button>`;
  }

  #questions() {
    return html`<assist-questions .questions=${this.view?.state.questions ?? []}></assist-questions>`;
  }

  #older() {
    return html`<assist-older-cards
      .cards=${this.#deck.older}
      .pinned=${this.view?.pinned ?? []}
      .keymap=${this.keymap}
      ?watching=${this.watching}
    ></assist-older-cards>`;
  }

  /** What comes from people stays in sight, also when suggestions are muted. */
  #people() {
    const { view } = this;
    if (view?.phase !== 'ready') return nothing;
    return html`<assist-whispers
        .whispers=${view.state.whispers.filter(({ id }) => !view.heard.includes(id))}
        ?watching=${this.watching}
      ></assist-whispers>
      <assist-escalations
        .escalations=${view.state.escalations}
        .sending=${this.#escalating()}
        ?connected=${this.#connected()}
      ></assist-escalations>`;
  }

  #supervisorForm() {
    return html`<assist-supervisor-form
      ?connected=${this.#connected()}
      @form-close=${() => (this.asksSupervisor = false)}
    ></assist-supervisor-form>`;
  }

  #nothingFound() {
    const turn = this.view?.state.turn;
    if (turn?.outcome !== 'no_answer') return nothing;
    const question = turn.query ?? '';
    const asked = this.#isEscalated(question);
    return html`<div class="nothing" data-outcome="no_answer">
      <p><strong>Nothing found</strong>${question ? html` for “${question}”` : nothing}</p>
      <p class="next">
        No article answers this.
        ${asked ? 'A supervisor has been asked.' : 'Ask again in other words, ask the customer for more detail, or ask a supervisor.'}
      </p>
      ${asked || !question || this.#obstacle() ? nothing : this.#escalateButtons(question)}
    </div>`;
  }

  #escalateButtons(question: string) {
    const offered = this.view?.state.offer ? 'primary' : 'outline';
    return html`<p class="buttons">
      <button
        class="${offered} small"
        type="button"
        @click=${() => act(this, { kind: 'escalate', question })}
      >
        ${icon('person')}Ask a supervisor
      </button>
      <button class="small" type="button" @click=${() => this.askSupervisor(question)}>
        ${icon('pen')}Edit first
      </button>
    </p>`;
  }

  #isEscalated(question: string): boolean {
    const known = (this.view?.state.escalations ?? []).map((one) => one.question);
    return [...known, ...this.#escalating()].some((one) => sameWords(one, question));
  }

  #escalating(): readonly string[] {
    const messages = (this.view?.outbox ?? []).map((item) => item.message);
    return messages.flatMap((message) => (message.type === 'escalate' ? [message.question] : []));
  }

  #empty() {
    const { turn, questions, call } = this.view!.state;
    if (turn?.outcome === 'no_answer' || questions.some((question) => question.status === 'active'))
      return nothing;
    if (call?.status === 'ended') {
      return blankState(
        'card',
        'No open suggestions',
        'This call is over. Earlier suggestions stay in the list.',
      );
    }
    return blankState(
      'card',
      'Listening for a question',
      'Answers with their source appear here as the customer asks.',
    );
  }

  #muted() {
    return html`<div class="blank">
      ${icon('bellOff')}<strong>Muted until the next question</strong>
      <p>Nothing is lost: what arrives meanwhile is here afterwards.</p>
      <button class="outline" type="button" @click=${() => act(this, { kind: 'mute' })}>
        Show suggestions
      </button>
    </div>`;
  }

  #deal(nowMs: number): void {
    const cards = withPending(this.view?.state.cards ?? [], this.view?.outbox ?? []);
    const newestBefore = this.#deck.visible[0]?.id;
    const dealt = dealCards(cards, this.view?.pinned ?? [], nowMs);
    this.#deck = this.#hold.settle(dealt, nowMs, this.#isSelecting());
    if (newestBefore !== this.#deck.visible[0]?.id && nowMs - this.#chosenAtMs > CHOICE_MS)
      this.chosenId = null;
    const held = this.#deck.waiting || this.#deck.rewording ? this.#hold.remainingMs(nowMs) : null;
    const waits = [nextCollapseMs(cards, nowMs), held || null];
    const due = waits.filter((wait): wait is number => wait !== null);
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    this.#timer = due.length ? window.setTimeout(() => this.requestUpdate(), Math.min(...due) + 20) : null;
  }

  #openId(): string | null {
    const { visible } = this.#deck;
    if (this.chosenId && visible.some((card) => card.id === this.chosenId)) return this.chosenId;
    const newest = visible[0]?.id ?? null;
    return newest === this.closedId ? null : newest;
  }

  #toggle(id: string): void {
    const wasOpen = this.#openId() === id;
    this.#chosenAtMs = Date.now();
    this.chosenId = wasOpen ? null : id;
    this.closedId = wasOpen ? (this.#deck.visible[0]?.id ?? null) : null;
  }

  #obstacle(): string {
    if (this.watching) return 'You are watching this call';
    return this.view?.state.call?.status === 'active' ? '' : 'Needs a live call';
  }

  #asked(): readonly string[] {
    const messages = (this.view?.outbox ?? []).map((item) => item.message);
    return messages.map((message) => (message.type === 'ask' ? message.text : '')).filter(Boolean);
  }

  #connected(): boolean {
    const phase = this.view?.connection.phase;
    return phase === 'live' || phase === 'catching_up';
  }

  #cardElements(): readonly Element[] {
    return [...this.renderRoot.querySelectorAll('.cards > assist-card')];
  }

  readonly #pressed = (): void => {
    this.#pressedHere = true;
    this.#touched();
  };

  /** Selected words stay until the selection is gone. */
  #isSelecting(): boolean {
    return this.#pressedHere && String(document.getSelection()).trim() !== '';
  }

  readonly #selected = (): void => {
    if (!this.#pressedHere || this.#isSelecting()) return;
    if (this.#deck.rewording) this.requestUpdate();
  };

  readonly #touched = (): void => this.#hold.touch(Date.now());

  readonly #releaseHold = (): void => {
    this.#hold.release();
    this.requestUpdate();
  };
}

type Row = Card | 'questions';

function rowKey(row: Row): string {
  return row === 'questions' ? row : row.id;
}

function blankState(name: 'card', title: string, text: string) {
  return html`<div class="blank">
    ${icon(name)}<strong>${title}</strong>
    <p>${text}</p>
  </div>`;
}
