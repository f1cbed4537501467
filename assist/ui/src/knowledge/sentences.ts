/** Finds the sentence of one text that speaks of the same as a sentence of another. */

import { plainText } from '../shared/answer-text.js';

const WORD = /[\p{L}\p{N}]+/gu;

export function sentencesOf(text: string): readonly string[] {
  return plainText(text)
    .split(/\n+|(?<=[.!?])\s+(?=["“(]?[\p{Lu}\d])/u)
    .map((sentence) => sentence.replace(/^(?:[-*•>]|\d+[.)])\s+/, '').trim())
    .filter(Boolean);
}

/** The sentence of `text` that shares most with `excerpt`; null when none shares anything. */
export function closestSentence(text: string, excerpt: string): string | null {
  const wanted = wordsOf(excerpt);
  let best: string | null = null;
  let most = 0;
  for (const sentence of sentencesOf(text)) {
    const words = wordsOf(sentence);
    const shared = [...words].filter((word) => wanted.has(word)).length;
    const score = shared / Math.sqrt(Math.max(1, words.size));
    if (shared > 0 && score > most) [best, most] = [sentence, score];
  }
  return best;
}

export interface Conflict {
  /** What differs, in words. */
  about: string;
  own: string | null;
  other: string | null;
}

/** The server's reason, with the two sentences that it names taken out to stand side by side. */
export function conflictOf(why: string | null): Conflict {
  const named = /^(.*?)\s*Yours: “([\s\S]*?)” There: “([\s\S]*)”$/.exec(why ?? '');
  if (!named) return { about: why ?? '', own: null, other: null };
  return { about: named[1] ?? '', own: named[2] ?? '', other: named[3] ?? '' };
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set((text.toLowerCase().match(WORD) ?? []).filter((word) => word.length > 2 || /\d/.test(word)));
}
