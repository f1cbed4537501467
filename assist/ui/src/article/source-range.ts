/** Where a cited range of the Markdown source lies in what markdown-it reads. */

export interface Range {
  /** UTF-16 offsets; `end` is exclusive. */
  start: number;
  end: number;
}

/** Line ends as markdown-it sees them. */
export function normalised(source: string): string {
  return source.replace(/\r\n?/g, '\n');
}

/**
 * The server counts characters (code points) of the source as stored; the browser counts UTF-16 units of the
 * normalised text. Null when the range is empty or outside of the source.
 */
export function toRange(source: string, startChars: number, endChars: number): Range | null {
  const characters = [...source];
  if (!(startChars >= 0 && endChars > startChars && startChars < characters.length)) return null;
  const lengthOf = (count: number) => normalised(characters.slice(0, count).join('')).length;
  return { start: lengthOf(startChars), end: lengthOf(endChars) };
}

export interface Cut {
  text: string;
  cited: boolean;
}

/** Text that begins at `offset` in the source, cut at the ends of the cited range. */
export function cut(text: string, offset: number, range: Range | null): readonly Cut[] {
  if (!range) return [{ text, cited: false }];
  const from = Math.min(Math.max(range.start - offset, 0), text.length);
  const to = Math.min(Math.max(range.end - offset, from), text.length);
  const cuts = [
    { text: text.slice(0, from), cited: false },
    { text: text.slice(from, to), cited: true },
    { text: text.slice(to), cited: false },
  ];
  return cuts.filter((piece) => piece.text !== '');
}

/** Follows rendered text through the source: each piece is found at or after the end of the one before. */
export class SourceCursor {
  #at = 0;

  constructor(private readonly source: string) {}

  /** Skips to the beginning of a line (0 is the first), unless already beyond it. */
  toLine(line: number): void {
    let at = 0;
    for (let passed = 0; passed < line; passed += 1) {
      const end = this.source.indexOf('\n', at);
      if (end < 0) return;
      at = end + 1;
    }
    this.#at = Math.max(this.#at, at);
  }

  /** The offset of this text; where it is written differently (an escape, an entity), the place where it must be. */
  take(text: string): number {
    const found = this.source.indexOf(text, this.#at);
    const near = found >= 0 && found - this.#at <= SEARCH_CHARS;
    const offset = near ? found : this.#at;
    this.#at = Math.min(offset + text.length, this.source.length);
    return offset;
  }
}

/** Markup between two pieces of text is short, except for link targets. */
const SEARCH_CHARS = 2_000;
