import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Http } from '../api/http.js';
import { formStyles } from '../shared/form-styles.js';
import { day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { Follows } from '../shared/observable.js';
import { blank, controls, reset } from '../shared/styles.js';
import { articleEditorStyles } from './article-editor-styles.js';
import './conflict.js';
import type { EditStore } from './edit-store.js';
import { fieldInputs } from './field-inputs.js';
import type { Fields } from './fields.js';
import './markdown-view.js';
import type { NeighbourCheck } from './neighbour-check.js';
import './neighbours.js';
import { statusChips, SUPERVISOR_SOURCE } from './status-chips.js';
import './versions.js';
import type { FullArticle } from './wire.js';

type Pane = 'write' | 'versions';

/** An article: text with preview, what is said about it, its versions. */
@customElement('assist-article-editor')
export class ArticleEditor extends LitElement {
  @property({ attribute: false }) store!: EditStore;
  @property({ attribute: false }) check!: NeighbourCheck;
  @property({ attribute: false }) http!: Http;
  @property({ type: Boolean }) mayEdit = false;
  @state() private pane: Pane = 'write';
  /** Where there is room for one only. */
  @state() private shows: 'text' | 'preview' = 'text';
  readonly #follows = new Follows(this);
  readonly #followsCheck = new Follows(this);

  static override styles = [reset, controls, blank, formStyles, articleEditorStyles];

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('store')) {
      this.#follows.follow(this.store);
      this.pane = 'write';
      this.shows = 'text';
    }
    this.#followsCheck.follow(this.check);
  }

  override updated(): void {
    const { phase, fields, id } = this.store.state;
    if (phase === 'ready' && this.mayEdit) this.check.look(fields.title, fields.body, id);
  }

  override render() {
    const { phase, problem, base, conflict } = this.store.state;
    if (phase === 'failed') return this.#failed(problem);
    if (phase === 'loading')
      return html`<div class="ghosts" role="img" aria-label="Opening the article"><i></i><i></i><i></i></div>`;
    return html`${this.#head(base)}
      ${
        this.pane === 'versions' && base
          ? html`<assist-versions
              class="scroll"
              .article=${base}
              .http=${this.http}
              ?mayEdit=${this.mayEdit && !this.store.dirty}
              ?dirty=${this.store.dirty}
            ></assist-versions>`
          : html`<div class="scroll" @keydown=${this.#pressed}>${conflict ? this.#conflict(conflict) : this.#form()}</div>
              ${this.mayEdit && !conflict ? this.#bar() : nothing}`
      }`;
  }

  #head(base: FullArticle | null) {
    return html`<header>
      <div class="line">
        <h1>${base?.title ?? 'New article'}</h1>
        ${base && this.mayEdit ? this.#archiving(base) : nothing}
      </div>
      ${base ? this.#facts(base) : html`<p class="facts">Agents find it as soon as it is saved as approved.</p>`}
      ${
        base && this.mayEdit
          ? html`<div class="switch" role="group" aria-label="Parts of the article">
              ${this.#paneButton('write', 'Edit')}
              ${this.#paneButton('versions', `Versions (${base.version})`)}
            </div>`
          : nothing
      }
    </header>`;
  }

  #paneButton(pane: Pane, label: string) {
    return html`<button type="button" aria-pressed=${this.pane === pane} @click=${() => (this.pane = pane)}>
      ${label}
    </button>`;
  }

  #facts(base: FullArticle) {
    const updated = day(base.updated_at);
    return html`<div class="facts">
      <span class="chips" role="status">${statusChips(base)}</span>
      <span>Version ${base.version}${base.author ? html` by ${base.author}` : nothing}</span>
      ${updated ? html`<span>Updated <time datetime=${base.updated_at}>${updated}</time></span>` : nothing}
      ${this.#provenance(base)}
      <a href="/articles/${base.id}" target="_blank" rel="noopener"
        >As agents see it<span class="visually-hidden"> (opens in a new tab)</span></a
      >
    </div>`;
  }

  #provenance({ provenance, source }: FullArticle) {
    if (provenance?.request_id)
      return html`<a href="/supervisor#${provenance.request_id}">From a supervisor’s answer</a>`;
    return source && source !== SUPERVISOR_SOURCE ? html`<span class="source" title=${source}>From ${source}</span>` : nothing;
  }

  #archiving(base: FullArticle) {
    const archived = base.status === 'archived';
    const kind = archived ? 'restore' : 'archive';
    return html`<button
      class="outline"
      type="button"
      @click=${() => this.dispatchEvent(new CustomEvent(kind))}
    >
      ${icon(archived ? 'undo' : 'off')}${archived ? 'Restore' : 'Archive'}
    </button>`;
  }

  #form(): TemplateResult {
    const { fields, restored } = this.store.state;
    return html`${
        restored && this.store.dirty
          ? html`<p class="remark" role="status">
              ${icon('undo')}<span>What you had not saved is back, kept on this computer.</span>
            </p>`
          : nothing
      }
      <label class="field"
        >Title
        <input
          name="title"
          maxlength="300"
          .value=${fields.title}
          ?readonly=${!this.mayEdit}
          placeholder="The question, as a customer would ask it"
          @input=${(event: Event) => this.#change({ title: valueOf(event) })}
        />
      </label>
      <div class="narrow switch" role="group" aria-label="Text or preview">
        <button type="button" aria-pressed=${this.shows === 'text'} @click=${() => (this.shows = 'text')}>
          Write
        </button>
        <button type="button" aria-pressed=${this.shows === 'preview'} @click=${() => (this.shows = 'preview')}>
          Preview
        </button>
      </div>
      <div class="texts" data-shows=${this.shows}>
        <label class="field text"
          >Text
          <textarea
            name="body"
            spellcheck="true"
            lang=${fields.language || nothing}
            .value=${fields.body}
            ?readonly=${!this.mayEdit}
            placeholder="The answer first, in one sentence. Markdown: # heading, - list, **bold**."
            @input=${(event: Event) => this.#change({ body: valueOf(event) })}
          ></textarea>
        </label>
        <section class="field preview" aria-label="Preview">
          <span aria-hidden="true">Preview</span>
          <div class="paper" tabindex="0" role="region" aria-label="Preview of the text">
            ${
              fields.body.trim()
                ? html`<assist-markdown
                    .source=${fields.body}
                    .heading=${fields.title}
                    .language=${fields.language}
                  ></assist-markdown>`
                : html`<p class="quiet">The text as agents will read it.</p>`
            }
          </div>
        </section>
      </div>
      ${
        this.mayEdit
          ? html`<assist-neighbours .check=${this.check.state} .text=${fields.body}></assist-neighbours>`
          : nothing
      }
      <section class="about" aria-labelledby="about">
        <h2 id="about">About the article</h2>
        ${fieldInputs(fields, {
          mayEdit: this.mayEdit,
          full: true,
          onChange: (change) => this.#change(change),
        })}
      </section>`;
  }

  #bar() {
    const { saving, saveProblem, fields, id } = this.store.state;
    const { dirty } = this.store;
    return html`<footer>
      <div role="alert" class="alert" ?hidden=${!saveProblem}>
        ${saveProblem ? html`<p class="problem">${icon('warn')}<span>${saveProblem}</span></p>` : nothing}
      </div>
      <div class="bar">
        ${id === null ? nothing : this.#note(fields.changeNote)}
        <span class="state" role="status"
          >${dirty ? 'Not saved yet; kept on this computer' : id === null ? '' : 'Saved'}</span
        >
        <button type="button" ?disabled=${!dirty || saving} @click=${() => this.#discard()}>Discard</button>
        <button
          class="primary"
          type="button"
          aria-keyshortcuts="Control+Enter"
          title="Ctrl+Enter"
          ?disabled=${saving || !dirty}
          @click=${() => void this.store.save()}
        >
          ${saving ? 'Saving…' : id === null ? 'Save article' : 'Save changes'}
        </button>
      </div>
    </footer>`;
  }

  #note(note: string) {
    return html`<input
      class="note"
      aria-label="What was changed, and why (for the list of versions)"
      placeholder="What was changed, and why"
      maxlength="500"
      .value=${note}
      @input=${(event: Event) => this.#change({ changeNote: valueOf(event) })}
      @keydown=${this.#pressed}
    />`;
  }

  #conflict(theirs: FullArticle) {
    return html`<assist-conflict
      .theirs=${theirs}
      .mine=${this.store.state.fields}
      @keep-mine=${() => this.store.keepMine()}
      @take-theirs=${() => this.store.takeTheirs()}
    ></assist-conflict>`;
  }

  #failed(problem: string) {
    return html`<div class="blank">
      ${icon('warn')}<strong>The article cannot be shown</strong>
      <p>${problem}</p>
      <button class="outline" type="button" @click=${() => void this.store.load()}>Try again</button>
    </div>`;
  }

  #change(change: Partial<Fields>): void {
    this.store.change(change);
  }

  #discard(): void {
    const { fields } = this.store.state;
    this.store.discard();
    const undo = () => this.store.change(fields);
    this.dispatchEvent(new CustomEvent('discarded', { detail: undo }));
  }

  #pressed(event: KeyboardEvent): void {
    const saves = (event.ctrlKey || event.metaKey) && (event.key === 'Enter' || event.key.toLowerCase() === 's');
    if (!saves || !this.mayEdit) return;
    event.preventDefault();
    void this.store.save();
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLTextAreaElement).value;
}
