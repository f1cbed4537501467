import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Http } from '../api/http.js';
import { formStyles } from '../shared/form-styles.js';
import { plural } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';
import { blank, controls, reset } from '../shared/styles.js';
import { hashOf } from './routes.js';
import { formatOf, type ImportFormat, type ImportReport, type ImportRow } from './import-report.js';

const OUTCOMES: Readonly<Record<ImportRow['result'], { label: string; tone: string }>> = {
  added: { label: 'New', tone: 'ok' },
  updated: { label: 'Changes', tone: 'ok' },
  unchanged: { label: 'As stored', tone: '' },
  error: { label: 'Error', tone: 'bad' },
};

/** Rows of the report shown before the rest is asked for; errors come first. */
const SHOWN = 200;

/** Articles in and out as files: what an import would do is shown before anything is stored. */
@customElement('assist-transfer')
export class Transfer extends LitElement {
  @property({ attribute: false }) http!: Http;
  @property({ type: Boolean }) mayEdit = false;
  @state() private file: File | null = null;
  @state() private busy: 'checking' | 'importing' | null = null;
  @state() private problem = '';
  @state() private report: ImportReport | null = null;
  @state() private done = false;
  @state() private dragging = false;
  @state() private all = false;

  static override styles = [
    reset,
    controls,
    blank,
    formStyles,
    css`
      :host {
        display: block;
        height: 100%;
        overflow-y: auto;
        padding: 16px 24px 32px;
        background: var(--surface);
      }
      h1 {
        font-size: var(--text-l);
        line-height: 28px;
        padding-bottom: 16px;
      }
      h2 {
        padding-bottom: 4px;
      }
      section {
        padding-bottom: 32px;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        padding-top: 8px;
      }
      .line :is(button, .button) {
        min-height: 36px;
        padding: 0 12px;
      }
      .drop {
        display: grid;
        justify-items: center;
        gap: 8px;
        margin-top: 12px;
        padding: 24px 16px;
        border: 1px dashed var(--line-strong);
        border-radius: var(--radius);
        text-align: center;
      }
      .drop.over {
        background: var(--accent-soft);
        border-color: var(--accent);
      }
      .drop label {
        cursor: pointer;
      }
      .drop label:focus-within {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .name {
        overflow-wrap: anywhere;
        font-weight: 600;
      }
      .table {
        margin-top: 12px;
        border: 1px solid var(--line);
        border-radius: var(--radius-s);
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      caption {
        text-align: left;
      }
      :is(th, td) {
        padding: 6px 12px;
        text-align: left;
        vertical-align: top;
        border-top: 1px solid var(--line);
        overflow-wrap: anywhere;
      }
      tr:first-child th {
        border-top: 0;
        font-weight: 500;
        color: var(--ink-3);
        background: var(--surface-2);
        white-space: nowrap;
      }
      .row {
        min-width: 48px;
        font-variant-numeric: tabular-nums;
        color: var(--ink-3);
      }
      .sum {
        padding-top: 16px;
        font-weight: 500;
      }
      .problem {
        margin-top: 12px;
      }
      @media (max-width: 719px) {
        :host {
          padding: 0 16px 32px;
        }
        :is(th, td) {
          padding: 6px 8px;
        }
      }
    `,
  ];

  override render() {
    if (!this.mayEdit) return html`<p>Only supervisors take articles in and out.</p>`;
    return html`<h1>Import and export</h1>
      <section aria-labelledby="export">
        <h2 id="export">Export</h2>
        <p class="quiet">Every article with its tags, audience, language and dates, in a file that can be imported again.</p>
        <div class="line">
          ${this.#download('csv', 'Export CSV')} ${this.#download('markdown', 'Export Markdown')}
        </div>
      </section>
      ${this.#import()}`;
  }

  #download(format: ImportFormat, label: string) {
    return html`<a class="button outline" href="/api/knowledge-base/export?format=${format}" download>
      ${icon('arrowDown')}${label}
    </a>`;
  }

  #import() {
    return html`<section aria-labelledby="import">
      <h2 id="import">Import</h2>
      <p class="quiet">
        A CSV file with the columns title and body (and if you like id, tags, audience, language, status, valid_from,
        valid_until, review_by, url, asked_as), a Markdown file, or a zip of Markdown files as it is exported. First you
        see what it would do.
      </p>
      <div
        class="drop ${this.dragging ? 'over' : ''}"
        @dragover=${this.#over}
        @dragleave=${() => (this.dragging = false)}
        @drop=${this.#dropped}
      >
        ${this.file ? html`<p class="name">${this.file.name}</p>` : html`<p>Drop a file here, or</p>`}
        <label class="button outline">
          ${icon('open')}${this.file ? 'Choose another file' : 'Choose a file'}
          <input
            class="visually-hidden"
            type="file"
            accept=".csv,.md,.markdown,.zip,text/csv,text/markdown,application/zip"
            @change=${this.#chosen}
          />
        </label>
      </div>
      <div role="alert">
        ${this.problem ? html`<p class="problem">${icon('warn')}<span>${this.problem}</span></p>` : nothing}
      </div>
      <p class="sum" role="status">${this.#sum()}</p>
      ${this.report ? this.#report(this.report) : nothing}
    </section>`;
  }

  #sum(): string {
    if (this.busy === 'checking') return 'Reading the file…';
    if (this.busy === 'importing') return 'Importing…';
    if (!this.report) return '';
    const { added, updated, unchanged, errors } = this.report;
    const parts = [
      `${added} new`,
      `${updated} with changes`,
      `${unchanged} as stored`,
      plural(errors, 'error'),
    ];
    return `${this.done ? 'Imported' : 'Checked, nothing stored yet'}: ${parts.join(', ')}.`;
  }

  #report(report: ImportReport) {
    const count = report.added + report.updated;
    const rows = [...report.rows].sort((a, b) => Number(b.result === 'error') - Number(a.result === 'error'));
    const shown = this.all ? rows : rows.slice(0, SHOWN);
    return html`${
        this.done
          ? nothing
          : html`<div class="line">
              <button
                class="primary"
                type="button"
                ?disabled=${!count || this.busy !== null}
                @click=${() => void this.#send(false)}
              >
                ${count ? `Import ${plural(count, 'article')}` : 'Nothing to import'}
              </button>
              ${
                report.errors && count
                  ? html`<span class="quiet">Rows with errors are left out; correct them and import the file again.</span>`
                  : nothing
              }
            </div>`
      }
      <div class="table" tabindex="0" role="region" aria-label="Report, row by row">
        <table>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Outcome</th>
            <th scope="col">Title</th>
            <th scope="col">What to know</th>
          </tr>
          ${shown.map(
            (row) =>
              html`<tr>
                <td class="row">${row.row}</td>
                <td>
                  <span class="chip ${OUTCOMES[row.result].tone}"
                    >${row.result === 'error' ? icon('warn') : nothing}${OUTCOMES[row.result].label}</span
                  >
                </td>
                <td>${this.#title(row)}</td>
                <td>${row.message}</td>
              </tr>`,
          )}
        </table>
      </div>
      ${
        shown.length < rows.length
          ? html`<div class="line">
              <button class="outline" type="button" @click=${() => (this.all = true)}>Show all ${rows.length} rows</button>
            </div>`
          : nothing
      }`;
  }

  /** What would be new has no page before it is stored. */
  #title({ title, article_id: id, result }: ImportRow) {
    const stored = this.done || result !== 'added';
    return id && title && stored ? html`<a href=${hashOf({ kind: 'article', id })}>${title}</a>` : (title ?? '');
  }

  #over(event: DragEvent): void {
    event.preventDefault();
    this.dragging = true;
  }

  #dropped(event: DragEvent): void {
    event.preventDefault();
    this.dragging = false;
    const file = event.dataTransfer?.files[0];
    if (file) this.#take(file);
  }

  #chosen(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = '';
    if (file) this.#take(file);
  }

  #take(file: File): void {
    this.file = file;
    this.done = false;
    this.report = null;
    this.all = false;
    if (formatOf(file.name) === null) {
      this.problem = 'This is neither CSV nor Markdown. Choose a file that ends in .csv, .md or .zip.';
      return;
    }
    void this.#send(true);
  }

  async #send(dryRun: boolean): Promise<void> {
    const { file } = this;
    const format = file && formatOf(file.name);
    if (!file || !format || this.busy) return;
    this.busy = dryRun ? 'checking' : 'importing';
    this.problem = '';
    try {
      const path = `/api/knowledge-base/import?format=${format}&dry_run=${dryRun}`;
      const report = await this.http.postFile<ImportReport>(path, file, contentType(file.name));
      this.report = report;
      this.done = !dryRun;
      if (!dryRun) this.dispatchEvent(new CustomEvent('imported', { detail: report.added + report.updated }));
    } catch (error) {
      if (isSignedOut(error)) this.dispatchEvent(new CustomEvent('signed-out'));
      this.problem = problemWords(error);
    } finally {
      this.busy = null;
    }
  }
}

function contentType(name: string): string {
  if (/\.csv$/i.test(name)) return 'text/csv; charset=utf-8';
  return /\.zip$/i.test(name) ? 'application/zip' : 'text/markdown; charset=utf-8';
}
