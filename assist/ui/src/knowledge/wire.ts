/** What the server sends and takes about knowledge. Field names are the server's. */

import type { Page } from '../api/wire.js';

export type ArticleStatus = 'draft' | 'approved' | 'archived';
export type Decision = 'new' | 'merge' | 'replace' | 'one_off';
export type Relation = 'near_duplicate' | 'contradiction' | 'related';

/** Of a learned answer: where it came from. */
export interface Provenance {
  request_id?: string | null;
  session_id?: string | null;
  draft_id?: string | null;
}

export interface ArticleSummary {
  id: string;
  title: string;
  version: number;
  url: string | null;
  tags: string[];
  audience: string;
  language: string;
  status: ArticleStatus;
  source: string;
  valid_from: string | null;
  /** The first moment at which it no longer holds. */
  valid_until: string | null;
  review_by: string | null;
  updated_at: string;
  searchable: boolean;
}

export interface FullArticle extends ArticleSummary {
  body: string;
  author: string | null;
  provenance: Provenance | null;
  /** Other wordings of the question that it answers. */
  asked_as?: string[];
}

export interface VersionSummary {
  version: number;
  title: string;
  author: string | null;
  change_note: string | null;
  created_at: string;
}

export interface Neighbour {
  /** Null: somebody else's open draft. */
  article_id: string | null;
  draft_id?: string | null;
  title: string;
  /** 0: a draft. */
  version: number;
  excerpt: string;
  /** Cosine, -1 to 1. */
  similarity: number;
  relation: Relation;
  why: string | null;
}

export interface Draft {
  id: string;
  request_id: string | null;
  session_id: string | null;
  author_name: string;
  title: string;
  body: string;
  tags: string[];
  audience: string;
  language: string;
  valid_until: string | null;
  review_by: string | null;
  state: 'open' | 'approved' | 'discarded';
  decision: Decision | null;
  article_id: string | null;
  decided_by_name: string | null;
  decided_at: string | null;
  created_at: string;
  updated_at: string;
  neighbours?: Neighbour[];
  /** False: the search did not answer, so there may be more. */
  neighbours_available?: boolean;
}

export type ArticlePage = Page<ArticleSummary>;
export type DraftPage = Page<Draft>;

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** What an editor sends, for a new article and for a change. */
export interface ArticleBody {
  title: string;
  body: string;
  tags: string[];
  audience: string;
  language: string;
  asked_as: string[];
  /** Left out for an archived article, which only a restore brings back. */
  status?: 'draft' | 'approved';
  valid_from: string | null;
  valid_until: string | null;
  review_by: string | null;
  change_note?: string;
}
