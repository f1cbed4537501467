/** The places an answer was taken from, one per section, however many sentences were quoted there. */

import type { Citation } from '../api/wire.js';

export interface Source {
  articleId: string;
  version: number;
  title: string;
  heading: string | null;
  quotes: readonly string[];
  /** From the first quoted sentence to the last, in characters of the article's source. */
  start: number;
  end: number;
  /** Of the printed original, in order; empty where it has none. */
  pages: readonly number[];
}

/** Sentences further apart than this are two places. */
const NEAR_CHARS = 600;

export function sourcesOf(citations: readonly Citation[]): readonly Source[] {
  const sources: Source[] = [];
  for (const citation of [...citations].sort((a, b) => a.start - b.start)) {
    const index = sources.findIndex((source) => isSamePlace(source, citation));
    const known = sources[index];
    if (known) sources[index] = widened(known, citation);
    else sources.push(sourceFrom(citation));
  }
  return sources;
}

export function sourceLabel(source: Source): string {
  return source.heading && source.heading !== source.title
    ? `${source.title} › ${source.heading}`
    : source.title;
}

/** "p. 12", "pp. 12, 14"; empty without pages. */
export function pagesLabel({ pages }: Source): string {
  if (!pages.length) return '';
  return `${pages.length === 1 ? 'p.' : 'pp.'} ${pages.join(', ')}`;
}

export function sourceHref(source: Source): string {
  const query = new URLSearchParams({
    version: String(source.version),
    start: String(source.start),
    end: String(source.end),
  });
  return `/articles/${encodeURIComponent(source.articleId)}?${query}`;
}

function isSamePlace(source: Source, citation: Citation): boolean {
  return (
    source.articleId === citation.article_id &&
    source.version === citation.version &&
    source.heading === citation.heading &&
    citation.start - source.end < NEAR_CHARS
  );
}

function widened(source: Source, citation: Citation): Source {
  return {
    ...source,
    quotes: [...source.quotes, citation.quote],
    end: Math.max(source.end, citation.end),
    pages: [...new Set([...source.pages, ...pagesOf(citation)])].sort((a, b) => a - b),
  };
}

function sourceFrom(citation: Citation): Source {
  const { article_id: articleId, version, title, heading, start, end } = citation;
  return { articleId, version, title, heading, quotes: [citation.quote], start, end, pages: pagesOf(citation) };
}

function pagesOf({ page }: Citation): readonly number[] {
  return page ? [page] : [];
}
