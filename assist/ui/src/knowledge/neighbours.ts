import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { plainText } from '../shared/answer-text.js';
import { formStyles } from '../shared/form-styles.js';
import { icon, type IconName } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import type { CheckState } from './neighbour-check.js';
import { hashOf } from './routes.js';
import { closestSentence, conflictOf, type Conflict } from './sentences.js';
import type { Decision, Neighbour, Relation } from './wire.js';

export interface Choice {
  decision: Decision;
  articleId: string;
}

const WORDS: Readonly<Record<Relation, { label: string; icon: IconName; tone: string }>> = {
  contradiction: { label: 'May contradict', icon: 'warn', tone: 'bad' },
  near_duplicate: { label: 'Nearly the same', icon: 'copy', tone: 'warn' },
  related: { label: 'Related', icon: 'article', tone: '' },
};

/** What a text is near to: contradictions first, both sentences side by side, and why. */
@customElement('assist-neighbours')
export class Neighbours extends LitElement {
  @property({ attribute: false }) check!: CheckState;
  /** The text being written. */
  @property() text = '';
  /** Offers to merge into or to replace the article. */
  @property({ type: Boolean }) choosing = false;
  @property() chosenId: string | null = null;
  @property() decision: Decision | null = null;

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        display: block;
      }
      h2 {
        display: flex;
        align-items: baseline;
        gap: 8px;
        padding-bottom: 8px;
      }
      h2 span {
        font-weight: 400;
        font-size: var(--text-xs);
      }
      ul {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 8px;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 4px;
        padding: 12px 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        overflow-wrap: anywhere;
      }
      li[data-chosen] {
        border-color: var(--accent);
        box-shadow: inset 2px 0 0 var(--accent);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 8px;
      }
      .head .quiet {
        font-size: var(--text-xs);
      }
      .title {
        font-weight: 600;
        color: var(--ink);
        text-decoration-color: var(--line-strong);
        line-height: 24px;
        display: -webkit-box;
        -webkit-line-clamp: 2;
        -webkit-box-orient: vertical;
        overflow: hidden;
      }
      .pair {
        padding: 4px 0;
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(200px, 1fr));
        gap: 8px;
      }
      figure {
        margin: 0;
        padding: 8px 12px;
        border-radius: var(--radius-s);
        background: var(--surface-2);
      }
      figcaption {
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      blockquote {
        max-height: 176px;
        overflow-y: auto;
        white-space: pre-line;
      }
      .why {
        font-size: var(--text-xs);
        color: var(--ink-2);
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .none {
        padding: 12px 16px;
        border: 1px dashed var(--line);
        border-radius: var(--radius);
        color: var(--ink-3);
      }
    `,
  ];

  override render() {
    const { phase } = this.check;
    const neighbours = this.#shown();
    if (phase === 'idle') return nothing;
    return html`<section aria-labelledby="title">
      <h2 id="title">Already known <span class="quiet" role="status">${this.#status()}</span></h2>
      ${
        neighbours.length
          ? html`<ul>
              ${repeat(
                neighbours,
                (neighbour) => neighbour.article_id ?? neighbour.draft_id,
                (neighbour) => this.#neighbour(neighbour),
              )}
            </ul>`
          : phase === 'ready'
            ? html`<p class="none">No article says nearly the same or the opposite.</p>`
            : nothing
      }
    </section>`;
  }

  /** Somebody who writes is told what matters; somebody who decides sees all that it could go into. */
  #shown(): readonly Neighbour[] {
    const { neighbours } = this.check;
    return this.choosing ? neighbours : neighbours.filter((one) => one.relation !== 'related');
  }

  #status(): string {
    const { phase } = this.check;
    if (phase === 'checking') return 'Comparing with the articles…';
    if (phase === 'failed') return 'Could not be compared now. It is tried again when you go on writing.';
    return summary(this.#shown());
  }

  #neighbour(neighbour: Neighbour) {
    const { label, icon: name, tone } = WORDS[neighbour.relation];
    const { article_id: articleId, draft_id: draftId } = neighbour;
    const into = this.decision === 'merge' || this.decision === 'replace';
    const chosen = this.choosing && into && articleId !== null && articleId === this.chosenId;
    const href = articleId ? `/articles/${encodeURIComponent(articleId)}` : hashOf({ kind: 'draft', id: draftId ?? '' });
    const conflict = conflictOf(neighbour.why);
    return html`<li ?data-chosen=${chosen}>
      <div class="head">
        <span class="chip ${tone}">${icon(name)}${label}</span>
        <span class="quiet" title="Similarity">${Math.round(neighbour.similarity * 100)} % alike</span>
      </div>
      <a class="title" href=${href} target="_blank" rel="noopener"
        >${neighbour.title}<span class="visually-hidden"> (opens in a new tab)</span></a
      >
      ${conflict.about && neighbour.relation === 'contradiction' ? html`<p class="why">${conflict.about}</p>` : nothing}
      ${this.#sentences(neighbour, conflict)} ${this.choosing && articleId ? this.#buttons(articleId, neighbour.title) : nothing}
    </li>`;
  }

  #sentences(neighbour: Neighbour, conflict: Conflict) {
    const own =
      neighbour.relation === 'related' ? null : (conflict.own ?? closestSentence(this.text, neighbour.excerpt));
    const other = conflict.other ?? plainText(neighbour.excerpt);
    const where = neighbour.article_id ? `In the article, version ${neighbour.version}` : 'In another draft';
    return html`<div class="pair">
      ${own ? html`<figure><figcaption>Here</figcaption><blockquote>${own}</blockquote></figure>` : nothing}
      <figure>
        <figcaption>${where}</figcaption>
        <blockquote tabindex=${other.length > 400 ? 0 : nothing}>${other}</blockquote>
      </figure>
    </div>`;
  }

  #buttons(articleId: string, title: string) {
    const button = (decision: 'merge' | 'replace', label: string) => {
      const pressed = this.chosenId === articleId && this.decision === decision;
      return html`<button
        class="outline small"
        type="button"
        aria-pressed=${pressed}
        aria-label="${label}: ${title}"
        @click=${() => this.#choose({ decision, articleId })}
      >
        ${pressed ? icon('check') : nothing}${label}
      </button>`;
    };
    return html`<div class="buttons">
      ${button('merge', 'Merge into this')} ${button('replace', 'Replace this')}
    </div>`;
  }

  #choose(detail: Choice): void {
    this.dispatchEvent(new CustomEvent<Choice>('choose', { detail }));
  }
}

function summary(neighbours: readonly Neighbour[]): string {
  const count = (relation: Relation) => neighbours.filter((one) => one.relation === relation).length;
  const [against, same] = [count('contradiction'), count('near_duplicate')];
  const parts = [
    against ? `${against} may contradict` : '',
    same ? `${same} nearly the same` : '',
    count('related') ? `${count('related')} related` : '',
  ];
  return parts.filter(Boolean).join(', ');
}
