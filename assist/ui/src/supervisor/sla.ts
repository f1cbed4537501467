/** How long there is left, as people say it. */

import type { HelpRequest } from '../api/supervision.js';
import { isOpen } from '../api/supervision.js';

export type Urgency = 'late' | 'soon' | 'fine';

export interface Countdown {
  /** "first reply" or "answer". */
  what: string;
  words: string;
  urgency: Urgency;
  dueAt: string;
}

/** Less than this share of the time left is soon. */
const SOON_SHARE = 0.25;
const SOON_MS = 60_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What breaches next; null for an ended request or one without a limit. */
export function countdownOf(request: HelpRequest, nowMs: number): Countdown | null {
  if (!isOpen(request)) return null;
  const next = nextLimit(request);
  if (!next) return null;
  const leftMs = Date.parse(next.dueAt) - nowMs;
  return { ...next, words: leftWords(leftMs), urgency: urgencyOf(request, next.dueAt, leftMs) };
}

/** "4 min left", "35 s left", "overdue 2 min". */
export function leftWords(leftMs: number): string {
  const amount = amountWords(Math.abs(leftMs));
  return leftMs >= 0 ? `${amount} left` : `overdue ${amount}`;
}

/** "35 s", "4 min", "1 h 20 min", "3 days". */
export function amountWords(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / 1000)} s`;
  if (ms < 90 * MINUTE_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 10 * HOUR_MS) return hoursAndMinutes(ms);
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} days`;
}

function hoursAndMinutes(ms: number): string {
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const hours = Math.floor(ms / HOUR_MS);
  return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
}

function nextLimit(request: HelpRequest): { what: string; dueAt: string } | null {
  const { first_response_at: taken, first_response_due_at: firstDue, due_at: due } = request;
  if (!taken && firstDue) return { what: 'first reply', dueAt: firstDue };
  return due ? { what: 'answer', dueAt: due } : null;
}

function urgencyOf(request: HelpRequest, dueAt: string, leftMs: number): Urgency {
  if (leftMs < 0) return 'late';
  const wholeMs = Date.parse(dueAt) - Date.parse(request.created_at);
  return leftMs < Math.max(SOON_MS, wholeMs * SOON_SHARE) ? 'soon' : 'fine';
}
