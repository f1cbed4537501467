import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { formStyles } from '../shared/form-styles.js';
import { ago, clock, day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import './diff-view.js';
import { draftReviewStyles } from './draft-review-styles.js';
import { fieldInputs } from './field-inputs.js';
import type { Fields } from './fields.js';
import './markdown-view.js';
import './neighbours.js';
import type { Choice } from './neighbours.js';
import type { ReviewStore } from './review-store.js';
import { hashOf } from './routes.js';
import { diffTexts } from './text-diff.js';
import type { Decision, Draft, FullArticle } from './wire.js';

const CHOICES: readonly { decision: Decision; label: string; help: string }[] = [
  { decision: 'new', label: 'New article', help: 'Agents find it as an article of its own.' },
  { decision: 'merge', label: 'Merge into an article', help: 'The answer becomes a part of it.' },
  { decision: 'replace', label: 'Replace an article', help: 'The answer takes the place of its text.' },
  { decision: 'one_off', label: 'One-off', help: 'Right this once; nothing is learned.' },
];

/** A supervisor's answer beside what is known already, and the decision what becomes of it. */
@customElement('assist-draft-review')
export class DraftReview extends LitElement {
  @property({ attribute: false }) store!: ReviewStore;
  @property({ type: Boolean }) mayEdit = false;
  @state() private view: 'changes' | 'text' | 'read' = 'changes';
  @state() private reads = false;
  readonly #follows = new Follows(this);
  readonly #followsCheck = new Follows(this);

  static override styles = [reset, controls, blank, formStyles, draftReviewStyles];

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('store')) return;
    this.#follows.follow(this.store);
    this.#followsCheck.follow(this.store.check);
    this.view = 'changes';
    this.reads = false;
  }

  override render() {
    const { phase, problem, draft } = this.store.state;
    if (phase === 'failed') return this.#failed(problem);
    if (phase === 'loading' || !draft)
      return html`<div class="ghosts" role="img" aria-label="Opening the draft"><i></i><i></i></div>`;
    return html`<header>
        <h1>${draft.title}</h1>
        ${this.#facts(draft)}
      </header>
      <div class="scroll" @keydown=${this.#pressed}>
        ${draft.state === 'open' ? nothing : this.#decided(draft)}
        <div class="columns">
          ${this.#answer()} ${this.#neighbours()}
          ${draft.state === 'open' && this.mayEdit ? html`<div class="decision">${this.#decision()}</div>` : nothing}
        </div>
      </div>
      ${draft.state === 'open' && this.mayEdit ? this.#bar() : nothing}`;
  }

  #facts(draft: Draft) {
    return html`<p class="facts">
      <span>Answer by ${draft.author_name}</span>
      <time datetime=${draft.created_at} title="${day(draft.created_at)}, ${clock(draft.created_at)}"
        >${ago(draft.created_at, Date.now())}</time
      >
      ${draft.request_id ? html`<a href="/supervisor#${draft.request_id}">The question and its call</a>` : nothing}
    </p>`;
  }

  #decided(draft: Draft) {
    const when = draft.decided_at ? `, ${day(draft.decided_at)}` : '';
    const learned = draft.state === 'approved' && draft.decision !== 'one_off';
    return html`<p class="told" role="status">
      ${icon(learned ? 'check' : 'off')}
      <span
        >${learned ? 'Approved' : 'Not learned'} by ${draft.decided_by_name ?? 'somebody'}${when}.
        ${draft.article_id ? html`<a href=${hashOf({ kind: 'article', id: draft.article_id })}>Open the article</a>` : nothing}</span
      >
    </p>`;
  }

  #answer() {
    const { fields, draft } = this.store.state;
    const mayEdit = this.mayEdit && draft?.state === 'open';
    return html`<section class="answer" aria-label="The draft">
      <label class="field"
        >Title
        <input
          name="title"
          maxlength="300"
          .value=${fields.title}
          ?readonly=${!mayEdit}
          @input=${(event: Event) => this.store.change({ title: valueOf(event) })}
        />
        <small>The question, in words that stand alone</small>
      </label>
      <div class="field">
        <span class="line"
          ><label for="body">Answer</label>
          <button class="small" type="button" aria-pressed=${this.reads} @click=${() => (this.reads = !this.reads)}>
            Preview
          </button></span
        >
        ${
          this.reads
            ? html`<div class="paper" tabindex="0" role="region" aria-label="Preview of the answer">
                <assist-markdown .source=${fields.body} .heading=${fields.title}></assist-markdown>
              </div>`
            : html`<textarea
                id="body"
                name="body"
                rows="7"
                spellcheck="true"
                lang=${fields.language || nothing}
                .value=${fields.body}
                ?readonly=${!mayEdit}
                @input=${(event: Event) => this.store.change({ body: valueOf(event) })}
              ></textarea>`
        }
      </div>
      <details>
        <summary>Tags, audience, dates ${icon('chevron')}</summary>
        ${fieldInputs(fields, {
          mayEdit,
          full: false,
          onChange: (change: Partial<Fields>) => this.store.change(change),
        })}
      </details>
    </section>`;
  }

  #neighbours() {
    const { decision, targetId, fields, draft } = this.store.state;
    return html`<assist-neighbours
      .check=${this.store.check.state}
      .text=${fields.body}
      ?choosing=${this.mayEdit && draft?.state === 'open'}
      .chosenId=${targetId}
      .decision=${decision}
      @choose=${(event: CustomEvent<Choice>) => this.#choose(event.detail)}
    ></assist-neighbours>`;
  }

  #choose({ decision, articleId }: Choice): void {
    this.store.decide(decision, articleId);
  }

  #decision() {
    const { decision } = this.store.state;
    const hasNeighbours = this.store.articles.length > 0;
    return html`<fieldset>
        <legend>What becomes of this answer?</legend>
        <div class="choices">
          ${CHOICES.map(({ decision: value, label, help }) => {
            const needsTarget = value === 'merge' || value === 'replace';
            const possible = !needsTarget || hasNeighbours || this.store.state.targetId !== null;
            return html`<label class="choice">
              <input
                type="radio"
                name="decision"
                value=${value}
                .checked=${value === decision}
                ?disabled=${!possible}
                @change=${() => this.store.decide(value)}
              />
              <span><strong>${label}</strong><small>${possible ? help : 'No article is near to it.'}</small></span>
            </label>`;
          })}
        </div>
      </fieldset>
      ${decision === 'merge' || decision === 'replace' ? this.#result() : nothing}`;
  }

  #result() {
    const { decision, target, targetId, targetProblem, mergedByHand } = this.store.state;
    const neighbours = this.store.articles;
    return html`<section class="result" aria-labelledby="result">
      <div class="line">
        <h2 id="result">${decision === 'merge' ? 'After merging' : 'After replacing'}</h2>
        <div class="switch" role="group" aria-label="How to show the result">
          ${this.#viewButton('changes', 'Changes')}
          ${this.#viewButton('read', 'Preview')}
          ${decision === 'merge' ? this.#viewButton('text', 'Edit') : nothing}
        </div>
      </div>
      <label class="field target"
        >Article
        <select @change=${(event: Event) => decision && this.store.decide(decision, valueOf(event))}>
          ${neighbours.map(
            (one) =>
              html`<option value=${one.article_id ?? ''} ?selected=${one.article_id === targetId}>${one.title}</option>`,
          )}
          ${
            targetId && !neighbours.some((one) => one.article_id === targetId)
              ? html`<option value=${targetId} selected>${target?.title ?? 'The chosen article'}</option>`
              : nothing
          }
        </select>
      </label>
      ${targetProblem ? html`<p class="problem" role="alert">${icon('warn')}<span>${targetProblem}</span></p>` : nothing}
      ${target ? this.#resultText(target) : targetProblem ? nothing : html`<p class="quiet">Reading the article…</p>`}
      ${
        mergedByHand !== null
          ? html`<p>
              <button class="small" type="button" @click=${() => this.store.writeMerged(null)}>
                ${icon('undo')}Merge anew, without my changes to the result
              </button>
            </p>`
          : nothing
      }
    </section>`;
  }

  #viewButton(view: 'changes' | 'text' | 'read', label: string) {
    const view_ = this.#view();
    return html`<button type="button" aria-pressed=${view_ === view} @click=${() => (this.view = view)}>
      ${label}
    </button>`;
  }

  #view(): 'changes' | 'text' | 'read' {
    return this.view === 'text' && this.store.state.decision !== 'merge' ? 'changes' : this.view;
  }

  #resultText(target: FullArticle) {
    const { result } = this.store;
    switch (this.#view()) {
      case 'text':
        return html`<textarea
          class="merged"
          aria-label="The text after merging"
          rows="14"
          .value=${result}
          @input=${(event: Event) => this.store.writeMerged(valueOf(event))}
        ></textarea>`;
      case 'read':
        return html`<div class="paper" tabindex="0" role="region" aria-label="Preview of the result">
          <assist-markdown .source=${result} .heading=${target.title}></assist-markdown>
        </div>`;
      default:
        return html`<assist-diff label="Changes to the article" .rows=${diffTexts(target.body, result)}></assist-diff>`;
    }
  }

  #bar() {
    const { saving, saveProblem } = this.store.state;
    return html`<footer>
      <div role="alert" class="alert" ?hidden=${!saveProblem}>
        ${saveProblem ? html`<p class="problem">${icon('warn')}<span>${saveProblem}</span></p>` : nothing}
      </div>
      <div class="bar">
        <span class="state">${this.#consequence()}</span>
        <button
          class="primary"
          type="button"
          aria-keyshortcuts="Control+Enter"
          title="Ctrl+Enter"
          ?disabled=${saving || this.store.state.decision === null}
          @click=${() => void this.store.approve()}
        >
          ${saving ? 'Saving…' : this.#verb()}
        </button>
      </div>
    </footer>`;
  }

  #verb(): string {
    switch (this.store.state.decision) {
      case 'merge':
        return 'Approve and merge';
      case 'replace':
        return 'Approve and replace';
      case 'one_off':
        return 'Do not learn';
      case null:
        return 'Approve';
      default:
        return 'Approve as new article';
    }
  }

  #consequence(): string {
    const { decision, target } = this.store.state;
    if (decision === null) return 'It may contradict an article: choose what becomes of it.';
    if (decision === 'one_off') return 'The answer stays with its request only.';
    if (decision === 'new') return 'Agents find it at once.';
    const next = target ? `Version ${target.version + 1} of “${target.title}”` : 'A new version of the article';
    return `${next}; the earlier one stays in its versions.`;
  }

  #failed(problem: string) {
    return html`<div class="blank">
      ${icon('warn')}<strong>The draft cannot be shown</strong>
      <p>${problem}</p>
      <button class="outline" type="button" @click=${() => void this.store.load()}>Try again</button>
    </div>`;
  }

  #pressed(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.key !== 'Enter' || !this.mayEdit) return;
    event.preventDefault();
    void this.store.approve();
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement).value;
}
