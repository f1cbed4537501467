/** Markdown to DOM nodes, without HTML strings: nothing in an article can run or style anything. */

import MarkdownIt, { type Token } from 'markdown-it';
import { SourceCursor, cut, normalised, type Range } from './source-range.js';

const parser = new MarkdownIt({ html: false, linkify: false, typographer: false });

const BLOCKS: Readonly<Record<string, string>> = {
  paragraph_open: 'p',
  bullet_list_open: 'ul',
  ordered_list_open: 'ol',
  list_item_open: 'li',
  blockquote_open: 'blockquote',
  table_open: 'table',
  thead_open: 'thead',
  tbody_open: 'tbody',
  tr_open: 'tr',
  th_open: 'th',
  td_open: 'td',
  em_open: 'em',
  strong_open: 'strong',
  s_open: 's',
};

/** Renders the source below a page title; text inside `range` is wrapped in <mark>. */
export function renderMarkdown(source: string, range: Range | null, title: string): DocumentFragment {
  const text = normalised(source);
  return new Renderer(text, range).render(withoutTitle(parser.parse(text, {}), title));
}

/** The page shows the title itself; a source that begins with the same words would say it twice. */
function withoutTitle(tokens: readonly Token[], title: string): readonly Token[] {
  const [open, words] = tokens;
  const repeats = open?.type === 'heading_open' && words?.content.trim() === title.trim();
  return repeats ? tokens.slice(3) : tokens;
}

class Renderer {
  readonly #root = document.createDocumentFragment();
  readonly #stack: Node[] = [this.#root];
  readonly #cursor: SourceCursor;
  /** The heading levels that occur, so that the page skips none of them. */
  #levels: readonly string[] = [];

  constructor(
    source: string,
    private readonly range: Range | null,
  ) {
    this.#cursor = new SourceCursor(source);
  }

  render(tokens: readonly Token[]): DocumentFragment {
    const headings = tokens.filter((token) => token.type === 'heading_open');
    this.#levels = [...new Set(headings.map((token) => token.tag))].sort();
    for (const token of tokens) this.#token(token);
    return this.#root;
  }

  #token(token: Token): void {
    if (token.map && token.nesting >= 0) this.#cursor.toLine(token.map[0]);
    if (token.type === 'inline') token.children?.forEach((child) => this.#token(child));
    else if (token.nesting === 1) this.#open(token);
    else if (token.nesting === -1) this.#close(token);
    else this.#leaf(token);
  }

  #open(token: Token): void {
    if (token.hidden) return;
    const element = token.type === 'link_open' ? link(token) : document.createElement(this.#tagOf(token));
    const start = token.attrGet('start');
    if (start) element.setAttribute('start', String(start));
    this.#append(element);
    this.#stack.push(element);
  }

  /** The page's own title is the first heading, so an article's headings begin one level below. */
  #tagOf(token: Token): string {
    if (token.type !== 'heading_open') return BLOCKS[token.type] ?? 'div';
    return `h${Math.min(6, this.#levels.indexOf(token.tag) + 2)}`;
  }

  #close(token: Token): void {
    if (!token.hidden) this.#stack.pop();
  }

  #leaf(token: Token): void {
    switch (token.type) {
      case 'softbreak':
        return this.#append(document.createTextNode(' '));
      case 'hardbreak':
        return this.#append(document.createElement('br'));
      case 'hr':
        return this.#append(document.createElement('hr'));
      case 'code_inline':
        return this.#wrapped(token.content, 'code');
      case 'fence':
      case 'code_block':
        return this.#wrapped(token.content, 'pre', 'code');
      default:
        return this.#text(token.content, this.#top());
    }
  }

  #wrapped(text: string, ...tags: readonly string[]): void {
    let parent = this.#top();
    for (const tag of tags) {
      const element = document.createElement(tag);
      if (tag === 'pre') element.tabIndex = 0;
      parent.appendChild(element);
      parent = element;
    }
    this.#text(text, parent);
  }

  #text(text: string, parent: Node): void {
    if (!text) return;
    for (const piece of cut(text, this.#cursor.take(text), this.range)) {
      const node = document.createTextNode(piece.text);
      parent.appendChild(piece.cited ? marked(node) : node);
    }
  }

  #append(node: Node): void {
    this.#top().appendChild(node);
  }

  #top(): Node {
    return this.#stack.at(-1) ?? this.#root;
  }
}

/** Links between source files lead nowhere here, so only full addresses can be followed. */
function link(token: Token): HTMLElement {
  const href = String(token.attrGet('href') ?? '');
  if (!/^(?:https?:|mailto:|tel:)/i.test(href)) return document.createElement('span');
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.rel = 'noopener noreferrer';
  anchor.target = '_blank';
  return anchor;
}

function marked(node: Text): HTMLElement {
  const mark = document.createElement('mark');
  mark.append(node);
  return mark;
}
