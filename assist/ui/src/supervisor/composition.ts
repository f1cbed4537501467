/** What a supervisor is writing in reply to one request. It survives a reload, a lost connection and a sign-out. */

import type { Learn } from '../api/supervision.js';
import { readJson, writeJson, type TextStorage } from '../store/preferences.js';

export interface Composition {
  answer: string;
  /** The knowledge base's words that the answer began with; null: the person's own from the start. */
  from: string | null;
  topic: string;
  notes: string;
  learn: Learn;
}

export const EMPTY: Composition = { answer: '', from: null, topic: '', notes: '', learn: 'draft' };

const PREFIX = 'assist.answer.';

export function loadComposition(storage: TextStorage, requestId: string): Composition | null {
  const saved = readJson<Partial<Composition>>(storage, PREFIX + requestId);
  return saved && { ...EMPTY, ...saved };
}

/** Only what somebody wrote is worth keeping. */
export function saveComposition(storage: TextStorage, requestId: string, composition: Composition): void {
  if (isUntouched(composition)) storage.removeItem(PREFIX + requestId);
  else writeJson(storage, PREFIX + requestId, composition);
}

export function forgetComposition(storage: TextStorage, requestId: string): void {
  storage.removeItem(PREFIX + requestId);
}

/** Nothing in it is the person's own. */
export function isUntouched(composition: Composition): boolean {
  const { answer, from, topic, notes, learn } = composition;
  return (answer === '' || answer === from) && !topic && !notes && learn === EMPTY.learn;
}

/** Whether the answer holds words of their own. */
export function hasOwnWords({ answer, from }: Composition): boolean {
  return answer.trim() !== '' && answer !== from;
}

/** The suggestion goes in only where nothing was written or cleared yet; a newer one replaces an untouched older one. */
export function withSuggestion(composition: Composition, text: string): Composition {
  const { answer, from } = composition;
  const untouched = from === null ? answer === '' : from !== '' && answer === from;
  return untouched ? { ...composition, answer: text, from: text } : composition;
}
