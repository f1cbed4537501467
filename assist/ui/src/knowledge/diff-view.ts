import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { plural } from '../shared/format.js';
import { controls, reset } from '../shared/styles.js';
import { countChanges, type DiffRow } from './text-diff.js';

/** Unchanged lines shown around a change. */
const AROUND = 2;
/** Hiding fewer lines than this saves no room. */
const WORTH_HIDING = 4;

const NAMES = { added: 'Added', removed: 'Removed', same: '' } as const;
const SIGNS = { added: '+', removed: '−', same: '' } as const;

/** Lines that were added and removed, readable without colour. */
@customElement('assist-diff')
export class DiffView extends LitElement {
  @property({ attribute: false }) rows: readonly DiffRow[] = [];
  @property() label = 'Changes';
  @state() private opened: readonly number[] = [];

  static override styles = [
    reset,
    controls,
    css`
      :host {
        display: block;
      }
      .count {
        padding-bottom: 8px;
        font-size: var(--text-xs);
        color: var(--ink-3);
      }
      .lines {
        border: 1px solid var(--line);
        border-radius: var(--radius-s);
        background: var(--surface);
        overflow: hidden;
        padding: 4px 0;
      }
      .line {
        display: grid;
        grid-template-columns: 28px minmax(0, 1fr);
        line-height: 22px;
        padding-right: 12px;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        min-height: 22px;
      }
      .sign {
        text-align: center;
        font-weight: 700;
        user-select: none;
      }
      .same {
        color: var(--ink-2);
      }
      .added {
        background: var(--ok-soft);
      }
      .removed {
        background: var(--bad-soft);
      }
      .added .sign {
        color: var(--ok);
      }
      .removed .sign {
        color: var(--bad);
      }
      ins,
      del {
        color: inherit;
        font-weight: 600;
        text-decoration-thickness: 2px;
        text-underline-offset: 3px;
      }
      ins {
        text-decoration-color: var(--ok);
      }
      del {
        text-decoration-color: var(--bad);
      }
      .skip {
        width: 100%;
        border-radius: 0;
        font-weight: 400;
        color: var(--ink-3);
        background: var(--surface-2);
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('rows')) this.opened = [];
  }

  override render() {
    const { added, removed } = countChanges(this.rows);
    if (!added && !removed) return html`<p class="count">The text is the same.</p>`;
    const sum = `${plural(removed, 'line')} removed, ${plural(added, 'line')} added`;
    return html`<p class="count">${sum}</p>
      <div class="lines" role="group" aria-label="${this.label}: ${sum}">${this.#rows()}</div>`;
  }

  #rows(): readonly TemplateResult[] {
    const out: TemplateResult[] = [];
    for (let at = 0; at < this.rows.length; ) {
      const to = this.#hiddenUntil(at);
      if (to > at) out.push(this.#skip(at, to - at));
      else out.push(line(this.rows[at] as DiffRow));
      at = Math.max(to, at + 1);
    }
    return out;
  }

  /** The end of the unchanged run that begins here and is not worth reading; `from` when there is none. */
  #hiddenUntil(from: number): number {
    if (this.opened.includes(from)) return from;
    const nearBefore = this.rows.slice(Math.max(0, from - AROUND), from);
    if (from > 0 && (nearBefore.length < AROUND || nearBefore.some((row) => row.kind !== 'same'))) return from;
    if (this.opened.some((at) => at < from && this.#run(at) >= from)) return from;
    const end = this.#run(from);
    const to = end === this.rows.length ? end : end - AROUND;
    return to - from >= WORTH_HIDING ? to : from;
  }

  #run(from: number): number {
    let end = from;
    while (this.rows[end]?.kind === 'same') end += 1;
    return end;
  }

  #skip(at: number, count: number) {
    return html`<button class="skip small" type="button" @click=${() => (this.opened = [...this.opened, at])}>
      Show ${plural(count, 'unchanged line')}
    </button>`;
  }
}

function line(row: DiffRow) {
  const words = row.pieces.map((piece) => {
    if (!piece.changed) return piece.text;
    return row.kind === 'added' ? html`<ins>${piece.text}</ins>` : html`<del>${piece.text}</del>`;
  });
  // prettier-ignore
  return html`<div class="line ${row.kind}"><span class="sign" aria-hidden="true">${SIGNS[row.kind]}</span><span>${
    row.kind === 'same' ? '' : html`<span class="visually-hidden">${NAMES[row.kind]}: </span>`
  }${words}</span></div>`;
}
