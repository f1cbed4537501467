import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Call, DetectedEntity, Gap, Interim, Segment, Speaker, VoiceHealth } from '../api/wire.js';
import { act } from '../shared/actions.js';
import { piecesOf } from '../shared/entities.js';
import { duration, fieldLabel, plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import type { CallView } from '../store/desk-state.js';
import { gapWords, listeningOf } from '../store/listening.js';
import { withPendingSubjects } from '../store/outbox.js';
import { DEFAULT_KEYMAP } from '../store/shortcuts.js';
import { transcriptLines, type TranscriptLine } from '../store/transcript-lines.js';
import './call-header.js';
import { transcriptStyles } from './transcript-styles.js';

/** Closer to the end than this counts as reading along. */
const NEAR_END_PX = 48;

/** Numbers and codes up to this length are never broken at the end of a line. */
const UNBROKEN_CHARS = 20;

const NAMES: Readonly<Record<Speaker, string>> = { customer: 'Customer', agent: 'Agent' };
const SPEAKERS: readonly Speaker[] = ['customer', 'agent'];

@customElement('assist-transcript')
export class Transcript extends LitElement {
  @property({ attribute: false }) view: CallView | null = null;
  @property({ type: Boolean }) autoScroll = true;
  /** The person may look on, not act. */
  @property({ type: Boolean }) watching = false;
  /** By which the knowledge base is asked. */
  @property() askKey = DEFAULT_KEYMAP.ask;
  @state() private readingAlong = true;
  #seenAtLeave = 0;
  #lastTop = 0;
  /** The box also changes height when the header or a neighbouring panel does. */
  readonly #resized = new ResizeObserver(() => this.#follow());

  static override styles = [reset, controls, blank, transcriptStyles];

  override render() {
    const call = this.view?.state.call;
    return html`<section aria-label="Transcript">
      ${
        call
          ? html`<assist-call-header
              .call=${call}
              .context=${withPendingSubjects(this.view?.state.context ?? null, this.view?.outbox ?? [])}
              ?watching=${this.watching || call.status !== 'active'}
            ></assist-call-header>`
          : nothing
      }
      ${this.#listening()} ${this.#body()}
    </section>`;
  }

  /** What it means that no words come; the state itself stands in the top bar. */
  #listening() {
    const trouble = this.view ? listeningOf(this.view.state) : null;
    if (trouble?.level !== 'bad') return nothing;
    const advice = this.watching ? trouble.detail && `: ${trouble.detail}` : `; use ${this.askKey} to ask yourself`;
    return html`<p class="listening">
      ${icon('warn')}<span><strong>Suggestions pause</strong> while nobody writes down what is said${advice}.</span>
    </p>`;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('view') as CallView | null | undefined;
    if (before?.state.sessionId !== this.view?.state.sessionId && changed.has('view'))
      this.readingAlong = true;
  }

  override updated(): void {
    const box = this.#box();
    if (box) this.#resized.observe(box);
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  #body() {
    if (!this.view) return this.#noCall();
    if (this.view.phase === 'failed') return this.#failed(this.view.problem ?? '');
    if (this.view.phase === 'loading') return this.#loading();
    const { segments, gaps, context, interims, call } = this.view.state;
    const entities = context?.detected_entities ?? [];
    const empty = !segments.length && !gaps.length && !Object.keys(interims).length;
    return html`<div
        class="scroll"
        tabindex="0"
        role="region"
        aria-label="Spoken words"
        @scroll=${this.#scrolled}
      >
        ${empty ? this.#silent(call?.status === 'ended') : nothing}
        <div role="log" aria-label="Conversation">
          <ol>
            ${repeat(
              transcriptLines(segments, gaps),
              (line) => line.id,
              (line) => this.#line(line, call, entities),
            )}
          </ol>
        </div>
        <div class="interims" aria-hidden="true">
          ${SPEAKERS.map((speaker) => this.#interim(interims[speaker]))}
        </div>
      </div>
      ${this.#footer(segments.length)}`;
  }

  #line(line: TranscriptLine, call: Call | null, entities: readonly DetectedEntity[]) {
    if (line.kind === 'said') return this.#said(line.segment, line.goesOn, entities);
    return call ? this.#gap(line.gap, call) : nothing;
  }

  #gap(gap: Gap, call: Call) {
    return html`<li class="line gap">
      <span class="time">${duration(gap.start_time)}</span>
      <p class="missing">${gapWords(gap, call)}</p>
    </li>`;
  }

  #said(segment: Segment, goesOn: boolean, entities: readonly DetectedEntity[]) {
    return html`<li class="line ${segment.speaker} ${goesOn ? 'goes-on' : ''}">
      <span class="time">${duration(segment.start_time)}</span>
      <span class="who ${goesOn ? 'visually-hidden' : ''}">${NAMES[segment.speaker]}</span>
      <p class="words" lang=${segment.language ?? nothing}>
        ${piecesOf(segment.text, entities).map((piece) =>
          piece.entity
            ? html`<span
                class="entity ${piece.text.length <= UNBROKEN_CHARS ? 'short' : ''}"
                title=${fieldLabel(piece.entity.type)}
                >${piece.text}</span
              >`
            : piece.text,
        )}
      </p>
    </li>`;
  }

  #interim(interim: Interim | undefined) {
    if (!interim) return nothing;
    return html`<div class="line interim ${interim.speaker}">
      <span class="time">…</span>
      <span class="who">${NAMES[interim.speaker]}</span>
      <p class="words">${interim.text}</p>
    </div>`;
  }

  #footer(count: number) {
    const unseen = count - this.#seenAtLeave;
    const label = unseen > 0 ? plural(unseen, 'new line') : 'Latest';
    return html`<footer>
      <label class="follow">
        <input
          type="checkbox"
          .checked=${this.autoScroll}
          @change=${(event: Event) =>
            act(this, { kind: 'autoScroll', on: (event.target as HTMLInputElement).checked })}
        />
        Scroll by itself
      </label>
      ${
        !this.readingAlong
          ? html`<button class="outline small" type="button" @click=${this.#jump}>
              ${icon('arrowDown')}${label}
            </button>`
          : nothing
      }
    </footer>`;
  }

  #noCall() {
    return html`<div class="blank fill">
      ${icon('phone')}<strong>No call on the desk</strong>
      <p>What is said appears here, word by word, once a call begins.</p>
    </div>`;
  }

  #silent(ended: boolean) {
    const { voice } = this.view!.state;
    if (!ended && voice && (voice.state === 'waiting' || voice.transcription === 'unavailable')) return this.#unheard(voice);
    return html`<div class="blank">
      ${icon('lines')}<strong>${ended ? 'Nothing was said' : 'Listening'}</strong>
      <p>
        ${ended ? 'This call ended without any words.' : 'The first words appear here as they are spoken.'}
      </p>
    </div>`;
  }

  #unheard({ state }: VoiceHealth) {
    return html`<div class="blank">
      ${icon('lines')}<strong>${state === 'waiting' ? 'Waiting for the transcriber' : 'No words so far'}</strong>
      <p>Words appear here as soon as somebody writes them down.</p>
    </div>`;
  }

  #failed(problem: string) {
    return html`<div class="blank fill">
      ${icon('warn')}<strong>This call cannot be shown</strong>
      <p>${problem}</p>
    </div>`;
  }

  #loading() {
    return html`<div class="ghosts" role="img" aria-label="Loading the call">
      <span></span><span></span><span></span><span></span>
    </div>`;
  }

  #scrolled(event: Event): void {
    const box = event.currentTarget as HTMLElement;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    const wentUp = box.scrollTop < this.#lastTop;
    this.#lastTop = box.scrollTop;
    const along = atEnd || (this.readingAlong && !wentUp);
    if (along === this.readingAlong) return;
    this.#seenAtLeave = this.view?.state.segments.length ?? 0;
    this.readingAlong = along;
  }

  #jump(): void {
    this.readingAlong = true;
    const box = this.#box();
    if (box) box.scrollTop = box.scrollHeight;
  }

  #follow(): void {
    const box = this.#box();
    if (box && this.autoScroll && this.readingAlong) box.scrollTop = box.scrollHeight;
  }

  #box(): Element | null {
    return this.renderRoot.querySelector('.scroll');
  }
}
