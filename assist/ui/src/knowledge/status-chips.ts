import { html, nothing, type TemplateResult } from 'lit';
import { day } from '../shared/format.js';
import { icon } from '../shared/icons.js';
import { awaitsIndex } from './edit-store.js';
import type { ArticleSummary } from './wire.js';

/** What the server calls the source of articles that were written here. */
export const SUPERVISOR_SOURCE = 'supervisor';

const STATUS_WORDS = { approved: 'Approved', draft: 'Draft', archived: 'Archived' } as const;

/** Where an article stands; in lists only what is out of the ordinary. */
export function statusChips(article: ArticleSummary, { onlyNotable = false } = {}): readonly TemplateResult[] {
  const nowMs = Date.now();
  const chips: TemplateResult[] = [];
  if (!onlyNotable || article.status !== 'approved') {
    const tone = article.status === 'approved' ? 'ok' : '';
    chips.push(html`<span class="chip ${tone}">${tone ? icon('check') : nothing}${STATUS_WORDS[article.status]}</span>`);
  }
  if (article.status !== 'approved') return chips;
  if (isPast(article.valid_until, nowMs)) chips.push(html`<span class="chip warn">${icon('warn')}Expired</span>`);
  else if (article.valid_from && !isPast(article.valid_from, nowMs))
    chips.push(html`<span class="chip">From ${day(article.valid_from)}</span>`);
  else if (article.searchable === false && awaitsIndex(article))
    chips.push(html`<span class="chip warn">${icon('search')}Not yet searchable</span>`);
  else if (!onlyNotable) chips.push(html`<span class="chip ok">${icon('search')}Searchable</span>`);
  if (isPast(article.review_by, nowMs)) chips.push(html`<span class="chip warn">${icon('pen')}Review due</span>`);
  return chips;
}

function isPast(moment: string | null, nowMs: number): boolean {
  return Boolean(moment) && Date.parse(moment as string) <= nowMs;
}
