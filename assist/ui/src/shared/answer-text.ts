/** Cuts an answer into the line that can be read aloud, and the rest. */

const HEADLINE_WORDS = 25;
/** A shorter sentence does not say what the answer is. */
const TELLING_WORDS = 3;

export interface Answer {
  headline: string;
  /** What the headline leaves out; empty when it says everything. */
  rest: string;
}

export interface Block {
  kind: 'paragraph' | 'bullets' | 'steps';
  lines: readonly string[];
}

export type Confidence = 'exact' | 'likely' | 'possible';

export const CONFIDENCE_WORDS: Readonly<Record<Confidence, string>> = {
  exact: 'Exact match',
  likely: 'Likely',
  possible: 'Possible',
};

const EXACT_FROM = 0.85;
const LIKELY_FROM = 0.6;

export function confidenceOf(score: number): Confidence {
  if (score >= EXACT_FROM) return 'exact';
  return score >= LIKELY_FROM ? 'likely' : 'possible';
}

export function splitAnswer(text: string): Answer {
  const plain = plainText(text).trim();
  const sentence = tellingStart(plain);
  const words = sentence.split(/\s+/);
  if (words.length <= HEADLINE_WORDS) {
    return { headline: sentence, rest: plain.slice(sentence.length).trim() };
  }
  return { headline: `${words.slice(0, HEADLINE_WORDS).join(' ')} …`, rest: plain };
}

/** The first sentence, with the next one where it is a mere "Yes." and both can be read at a glance. */
function tellingStart(plain: string): string {
  const first = firstSentence(plain);
  if (first.split(/\s+/).length >= TELLING_WORDS || first.length === plain.length) return first;
  const next = firstSentence(plain.slice(first.length).trimStart());
  const both = plain.slice(0, plain.indexOf(next, first.length) + next.length);
  return next && !both.includes('\n') && both.split(/\s+/).length <= HEADLINE_WORDS ? both : first;
}

/** Paragraphs and lists of a plain or lightly marked-up answer. */
export function blocksOf(text: string): readonly Block[] {
  const blocks: { kind: Block['kind']; lines: string[] }[] = [];
  let open = false;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const kind = kindOf(line);
    const last = blocks.at(-1);
    const content = line.replace(/^(?:[-*•]|\d+[.)])\s+/, '');
    if (line && open && last?.kind === kind) last.lines.push(content);
    else if (line) blocks.push({ kind, lines: [content] });
    open = line !== '';
  }
  return blocks;
}

export interface Quoted {
  text: string;
  quoted: boolean;
}

/** A part of the answer, cut where it repeats the source word for word. */
export function quotedPieces(part: string, sources: readonly string[]): readonly Quoted[] {
  const quotes = sources.map(plainText);
  const from = quotes.map((quote) => part.indexOf(quote.trim()));
  const index = from.findIndex((at, place) => at >= 0 && quotes[place]?.trim());
  const quote = quotes[index]?.trim();
  if (quote) return piecesAround(part, from[index] ?? 0, quote.length);
  const within = quotes.some((whole) => squeeze(whole).includes(squeeze(part)));
  return [{ text: part, quoted: within && part.trim() !== '' }];
}

/** Whether the parts already show the whole quote. */
export function showsQuote(parts: readonly string[], quote: string): boolean {
  if (parts.some((part) => squeeze(part).includes(squeeze(quote)))) return true;
  return squeeze(parts.join(' ')).includes(squeeze(quote));
}

function piecesAround(text: string, at: number, length: number): readonly Quoted[] {
  const pieces = [
    { text: text.slice(0, at), quoted: false },
    { text: text.slice(at, at + length), quoted: true },
    { text: text.slice(at + length), quoted: false },
  ];
  return pieces.filter((piece) => piece.text !== '');
}

function firstSentence(text: string): string {
  const firstLine = text.split('\n', 1)[0] ?? '';
  const end = /[.!?]["”’)]?(?=\s+["“(]?[\p{Lu}\d])/u.exec(firstLine);
  return end ? firstLine.slice(0, end.index + end[0].length) : firstLine;
}

function kindOf(line: string): Block['kind'] {
  if (/^[-*•]\s+/.test(line)) return 'bullets';
  return /^\d+[.)]\s+/.test(line) ? 'steps' : 'paragraph';
}

/** Markdown as one would read it aloud. */
export function plainText(text: string): string {
  return text
    .replace(/^#{1,6}\s+/gm, '')
    .replace(/\*\*([^*]+)\*\*|__([^_]+)__/g, '$1$2')
    .replace(/`([^`]+)`/g, '$1')
    .replace(/\[([^\]]+)\]\([^)\s]+\)/g, '$1');
}

/** For comparing: without markup, list marks, case and breaks. */
function squeeze(text: string): string {
  return plainText(text)
    .replace(/^\s*(?:[-*•]|\d+[.)])\s+/gm, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}
