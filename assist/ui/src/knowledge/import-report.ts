/** What an import did, or would do, row by row. Field names are the server's. */

export type ImportFormat = 'csv' | 'markdown';

export interface ImportRow {
  /** Line of the CSV file, or name of the Markdown file. */
  row: string;
  title: string | null;
  article_id: string | null;
  result: 'added' | 'updated' | 'unchanged' | 'error';
  message: string | null;
}

export interface ImportReport {
  dry_run: boolean;
  added: number;
  updated: number;
  unchanged: number;
  errors: number;
  rows: ImportRow[];
}

/** Markdown comes as one file or as a zip of many. */
export function formatOf(name: string): ImportFormat | null {
  if (/\.csv$/i.test(name)) return 'csv';
  return /\.(md|markdown|zip)$/i.test(name) ? 'markdown' : null;
}
