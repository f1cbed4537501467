import { LitElement, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Learn } from '../api/supervision.js';
import { CONFIDENCE_WORDS, confidenceOf } from '../shared/answer-text.js';
import { formStyles } from '../shared/form-styles.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { sourceHref, sourceLabel, sourcesOf } from '../shared/sources.js';
import { controls, reset } from '../shared/styles.js';
import { answerFormStyles } from './answer-form-styles.js';
import type { RequestStore } from './request-store.js';

const LEARN_CHOICES: readonly { learn: Learn; label: string; hint: string }[] = [
  { learn: 'draft', label: 'Draft for review', hint: 'Somebody reads it before it becomes an article' },
  { learn: 'approve', label: 'Approve now', hint: 'Searchable for the next call at once' },
  { learn: 'none', label: 'Do not learn', hint: 'Holds for this customer only' },
];

/** Warn before the server has to. */
const LONGEST_CHARS = 20_000;

@customElement('assist-answer-form')
export class AnswerForm extends LitElement {
  @property({ attribute: false }) store!: RequestStore;
  @query('textarea[name=answer]') private readonly area!: HTMLTextAreaElement;
  readonly #follows = new Follows(this);

  static override styles = [reset, controls, formStyles, answerFormStyles];

  override willUpdate(): void {
    this.#follows.follow(this.store);
  }

  focusAnswer(): void {
    this.area.focus();
  }

  override render() {
    const { composition, sending, sendProblem, request } = this.store.state;
    const tooLong = composition.answer.length > LONGEST_CHARS;
    const problem = tooLong
      ? `The answer is too long: ${composition.answer.length} of ${LONGEST_CHARS} characters. Shorten it.`
      : sendProblem;
    return html`<form aria-label="Answer" @submit=${this.#submitted} @keydown=${this.#pressed}>
      ${this.#origin()}
      <textarea
        name="answer"
        aria-label="Answer"
        aria-describedby="origin problem"
        aria-keyshortcuts="Alt+A"
        rows="7"
        placeholder=${this.#placeholder()}
        data-suggested=${composition.from !== null && composition.from !== '' && composition.answer === composition.from}
        .value=${composition.answer}
        @input=${(event: Event) => this.store.compose({ answer: (event.target as HTMLTextAreaElement).value })}
      ></textarea>
      <div id="problem" role="alert">
        ${problem ? html`<p class="problem">${icon('warn')}<span>${problem}</span></p>` : nothing}
      </div>
      ${this.#learn()} ${this.#more()}
      <div class="send">
        <button class="primary" type="submit" ?disabled=${sending || tooLong} aria-keyshortcuts="Control+Enter">
          ${icon('send')}${sending ? 'Sending…' : request?.call_active ? 'Send to the agent' : 'Send the answer'}
        </button>
        <kbd aria-hidden="true">Ctrl+Enter</kbd>
        <button class="unresolved" type="button" ?disabled=${sending} @click=${this.#unresolved}>
          Mark unresolved
        </button>
      </div>
    </form>`;
  }

  #placeholder(): string {
    const { suggested, composition } = this.store.state;
    if (composition.from === null && suggested.phase === 'loading') return 'Looking for a suggestion…';
    return 'Write what the agent can read out to the customer';
  }

  /** Whose words stand in the box. */
  #origin() {
    const { suggested, composition } = this.store.state;
    const { value } = suggested;
    const pure = composition.from !== null && composition.from !== '' && composition.answer === composition.from;
    if (!value?.text) {
      const failed = suggested.phase === 'failed' || value?.unavailable;
      const none = failed
        ? 'The knowledge base cannot be asked just now.'
        : 'The knowledge base has nothing to suggest.';
      const words = suggested.phase === 'loading' ? '' : none;
      return html`<div class="origin" id="origin"><strong>Answer</strong><span class="quiet">${words}</span></div>`;
    }
    if (pure) return this.#suggestionNote();
    const edited = composition.from === value.text && composition.answer !== '';
    return html`<div class="origin" id="origin">
      <strong>Answer</strong>
      <span class="quiet">${edited ? 'Based on a suggestion, edited by you' : ''}</span>
      <button class="small" type="button" @click=${() => this.store.useSuggestion()}>
        ${icon('article')}Use the suggestion
      </button>
    </div>`;
  }

  #suggestionNote() {
    const value = this.store.state.suggested.value;
    const sure = value?.confidence == null ? '' : CONFIDENCE_WORDS[confidenceOf(value.confidence)];
    const percent = value?.confidence == null ? '' : `${Math.round(value.confidence * 100)} %`;
    return html`<div class="origin suggested" id="origin">
      ${icon('article')}
      <div>
        <strong>Suggestion from the knowledge base</strong>
        ${sure ? html`<span class="chip" title=${percent}>${sure}</span>` : nothing}
        <p>Nobody has checked it for this question. Edit it, or send it if it is right.</p>
        ${this.#sources()}
      </div>
      <button class="small" type="button" @click=${this.#cleared}>
        ${icon('close')}Clear<span class="visually-hidden"> the suggestion</span>
      </button>
    </div>`;
  }

  #sources() {
    const sources = sourcesOf(this.store.state.suggested.value?.citations ?? []);
    if (!sources.length) return nothing;
    return html`<ul class="sources" aria-label="Sources">
      ${sources.map(
        (source) =>
          html`<li>
            <a href=${sourceHref(source)} target="_blank" rel="noopener"
              >${sourceLabel(source)}<span class="visually-hidden"> (opens in a new tab)</span></a
            >
          </li>`,
      )}
    </ul>`;
  }

  #learn() {
    const { learn } = this.store.state.composition;
    return html`<fieldset class="learn">
      <legend>Afterwards</legend>
      ${LEARN_CHOICES.map(
        (choice) =>
          html`<label title=${choice.hint}>
            <input
              type="radio"
              name="learn"
              value=${choice.learn}
              .checked=${choice.learn === learn}
              @change=${() => this.store.compose({ learn: choice.learn })}
            />${choice.label}
          </label>`,
      )}
    </fieldset>`;
  }

  #more() {
    const { topic, notes } = this.store.state.composition;
    return html`<details ?open=${Boolean(topic || notes)}>
      <summary>Topic and notes</summary>
      <div class="more">
        <label class="field">
          Topic
          <input
            name="topic"
            maxlength="200"
            .value=${topic}
            placeholder="Title of the article it may become"
            @input=${(event: Event) => this.store.compose({ topic: (event.target as HTMLInputElement).value })}
          />
        </label>
        <label class="field">
          Notes for colleagues
          <textarea
            name="notes"
            rows="2"
            maxlength="4000"
            placeholder="The customer and the agent do not see them"
            .value=${notes}
            @input=${(event: Event) => this.store.compose({ notes: (event.target as HTMLTextAreaElement).value })}
          ></textarea>
        </label>
      </div>
    </details>`;
  }

  readonly #submitted = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.store.send();
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (this.store.state.composition.answer.length <= LONGEST_CHARS) void this.store.send();
  };

  readonly #unresolved = async (): Promise<void> => {
    await this.store.send(true);
    if (this.store.state.sendProblem) this.focusAnswer();
  };

  readonly #cleared = (): void => {
    this.store.clearAnswer();
    this.focusAnswer();
  };
}
