import { html, nothing, type TemplateResult } from 'lit';
import type { Fields } from './fields.js';
import type { ArticleStatus } from './wire.js';

const STATUSES: readonly [ArticleStatus, string][] = [
  ['approved', 'Approved: agents find it'],
  ['draft', 'Draft: nobody finds it yet'],
];

export interface InputOptions {
  mayEdit: boolean;
  /** With status and beginning, which a draft under review does not have. */
  full: boolean;
  onChange(change: Partial<Fields>): void;
}

/** The fields about an article. */
export function fieldInputs(fields: Fields, options: InputOptions): TemplateResult {
  const text = (name: keyof Fields, label: string, help = '', type = 'text') =>
    html`<label class="field"
      >${label}
      <input
        name=${name}
        type=${type}
        autocomplete="off"
        .value=${fields[name]}
        ?readonly=${!options.mayEdit}
        @input=${(event: Event) => options.onChange({ [name]: (event.target as HTMLInputElement).value })}
      />
      ${help ? html`<small>${help}</small>` : nothing}
    </label>`;
  return html`<div class="fields">
    ${options.full && fields.status !== 'archived' ? status(fields, options) : nothing} ${text('tags', 'Tags', 'Separated by commas')}
    ${text('audience', 'Audience', 'Such as everyone or billing')} ${text('language', 'Language', 'Such as en or pt-BR')}
    ${options.full ? text('validFrom', 'Valid from', '', 'date') : nothing}
    ${text('validUntil', 'Valid until', 'The last day; it leaves the search by itself', 'date')}
    ${text('reviewBy', 'Review by', 'Then it is listed as due', 'date')}
    ${options.full ? askedAs(fields, options) : nothing}
  </div>`;
}

function askedAs(fields: Fields, { mayEdit, onChange }: InputOptions) {
  return html`<label class="field wide"
    >Also asked as
    <textarea
      name="askedAs"
      rows="2"
      .value=${fields.askedAs}
      ?readonly=${!mayEdit}
      @input=${(event: Event) => onChange({ askedAs: (event.target as HTMLTextAreaElement).value })}
    ></textarea>
    <small>Other wordings of the question, one a line; they help to find it</small>
  </label>`;
}

function status(fields: Fields, { mayEdit, onChange }: InputOptions) {
  return html`<label class="field"
    >Status
    <select
      name="status"
      ?disabled=${!mayEdit}
      @change=${(event: Event) => onChange({ status: (event.target as HTMLSelectElement).value as ArticleStatus })}
    >
      ${STATUSES.map(
        ([value, label]) => html`<option value=${value} ?selected=${value === fields.status}>${label}</option>`,
      )}
    </select>
  </label>`;
}
