/** What stands in the editor's fields, and its way from and to the server. */

import type { ArticleBody, ArticleStatus, Draft, FullArticle } from './wire.js';

export interface Fields {
  title: string;
  body: string;
  /** As typed, separated by commas. */
  tags: string;
  /** Other wordings of the question, one a line. */
  askedAs: string;
  audience: string;
  language: string;
  status: ArticleStatus;
  /** Days such as 2026-05-31, inclusive; empty for none. */
  validFrom: string;
  validUntil: string;
  reviewBy: string;
  changeNote: string;
}

export const EMPTY_FIELDS: Fields = {
  title: '',
  body: '',
  tags: '',
  askedAs: '',
  audience: 'everyone',
  language: 'en',
  status: 'approved',
  validFrom: '',
  validUntil: '',
  reviewBy: '',
  changeNote: '',
};

export function fieldsOf(article: FullArticle): Fields {
  return {
    title: article.title,
    body: article.body,
    tags: article.tags.join(', '),
    askedAs: (article.asked_as ?? []).join('\n'),
    audience: article.audience,
    language: article.language,
    status: article.status,
    validFrom: dayOf(article.valid_from),
    validUntil: lastDayOf(article.valid_until),
    reviewBy: dayOf(article.review_by),
    changeNote: '',
  };
}

export function fieldsOfDraft(draft: Draft): Fields {
  return {
    ...EMPTY_FIELDS,
    title: draft.title,
    body: draft.body,
    tags: draft.tags.join(', '),
    audience: draft.audience,
    language: draft.language,
    validUntil: lastDayOf(draft.valid_until),
    reviewBy: dayOf(draft.review_by),
  };
}

/** A moment that nobody has touched goes back exactly as it came, whatever the browser's time zone. */
export function bodyOf(fields: Fields, base: FullArticle | null): ArticleBody {
  const before = base ? fieldsOf(base) : EMPTY_FIELDS;
  const keep = (name: 'validFrom' | 'validUntil' | 'reviewBy', moment: string | null | undefined, made: string | null) =>
    base && fields[name] === before[name] ? (moment ?? null) : made;
  return {
    title: fields.title.trim(),
    body: fields.body,
    tags: tagsOf(fields.tags),
    asked_as: linesOf(fields.askedAs),
    audience: fields.audience.trim() || EMPTY_FIELDS.audience,
    language: fields.language.trim() || EMPTY_FIELDS.language,
    ...(fields.status === 'archived' ? {} : { status: fields.status }),
    valid_from: keep('validFrom', base?.valid_from, startOf(fields.validFrom)),
    valid_until: keep('validUntil', base?.valid_until, endOf(fields.validUntil)),
    review_by: keep('reviewBy', base?.review_by, startOf(fields.reviewBy)),
    ...(base && fields.changeNote.trim() ? { change_note: fields.changeNote.trim() } : {}),
  };
}

export function tagsOf(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim());
  return [...new Set(tags.filter(Boolean))];
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter(Boolean))];
}

export function sameFields(a: Fields, b: Fields): boolean {
  return (Object.keys(a) as (keyof Fields)[]).every((name) => a[name] === b[name]);
}

/** What keeps the text from being saved, in words for the person; empty when nothing does. */
export function obstacleOf(fields: Fields): string {
  if (!fields.title.trim()) return 'Give it a title first.';
  if (!fields.body.trim()) return 'Write the text first.';
  if (fields.validFrom && fields.validUntil && fields.validUntil < fields.validFrom)
    return 'It would end before it begins: check the two dates.';
  return '';
}

export function startOf(day: string): string | null {
  return day ? new Date(`${day}T00:00:00`).toISOString() : null;
}

/** The first moment after the day. */
export function endOf(day: string): string | null {
  if (!day) return null;
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date.toISOString();
}

function dayOf(moment: string | null): string {
  return moment ? localDay(new Date(moment)) : '';
}

function lastDayOf(moment: string | null): string {
  return moment ? localDay(new Date(Date.parse(moment) - 1)) : '';
}

function localDay(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}
