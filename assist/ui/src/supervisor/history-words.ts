/** What was changed, in words. */

import type { HistoryLine } from '../api/supervision.js';
import { fieldLabel } from '../shared/format.js';

const LONGEST_VALUE_CHARS = 80;
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;
/** Said elsewhere on the page, or by the line itself. */
const SAID = new Set(['id', 'answer', 'answered_by_name', 'resolution', 'suggestion_id']);

/** "Priority: medium → high". */
export function changeWords({ before, after }: Pick<HistoryLine, 'before' | 'after'>): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const parts = names
    .filter((name) => !SAID.has(name) && !name.endsWith('_id'))
    .map((name) => {
      const [from, to] = [valueWords(before?.[name]), valueWords(after?.[name])];
      if (from === to) return '';
      return `${fieldLabel(name.replace(/_name$/, ''))}: ${from && to ? `${from} → ${to}` : to || `${from} removed`}`;
    });
  return parts.filter(Boolean).join('; ');
}

function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'string' && ID.test(value)) return '';
  const text = Array.isArray(value)
    ? value.map(String).join(', ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
  return text.length > LONGEST_VALUE_CHARS ? `${text.slice(0, LONGEST_VALUE_CHARS)} …` : text;
}
