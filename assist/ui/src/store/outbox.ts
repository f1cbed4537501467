/** What the agent did that the server has not confirmed yet. Kept over a reconnect, sent again until confirmed. */

import type { CallContext, ClientMessage, Report, StoredEvent, Subject } from '../api/wire.js';
import type { Card } from './call-state.js';

const MAX_ATTEMPTS = 4;

type Sendable = Exclude<ClientMessage, { type: 'auth' }>;
type AboutCard = Extract<Sendable, { suggestion_id: string }>;
type AboutSubject = Extract<Sendable, { name: string }>;

export interface OutboxItem {
  /** One item per fact: a later verdict on the same card replaces the earlier one. */
  key: string;
  message: Sendable;
  attempts: number;
}

export type Outbox = readonly OutboxItem[];

export function put(outbox: Outbox, message: Sendable): Outbox {
  const key = keyOf(message);
  return [...outbox.filter((item) => item.key !== key), { key, message, attempts: 0 }];
}

/** Counts one attempt of every item and drops those the server keeps ignoring. */
export function afterAttempt(outbox: Outbox, keys: readonly string[]): Outbox {
  return outbox
    .map((item) => (keys.includes(item.key) ? { ...item, attempts: item.attempts + 1 } : item))
    .filter((item) => item.attempts <= MAX_ATTEMPTS);
}

export function confirmedBy(outbox: Outbox, event: StoredEvent): Outbox {
  if (event.type === 'suggestion_updated') {
    return outbox.filter(({ message }) => !isAboutCard(message) || !isConfirmed(message, event));
  }
  if (event.type === 'context') {
    return outbox.filter(({ message }) => !isAboutSubject(message) || !isCorrected(message, event.context));
  }
  if (event.type === 'suggestions' && event.origin === 'ask') return withoutAsk(outbox, event.query);
  if (event.type === 'escalation') return withoutEscalate(outbox, event.escalation.question);
  return outbox;
}

/** The cards as the agent left them, though the server has not confirmed everything yet. */
export function withPending(cards: readonly Card[], outbox: Outbox): readonly Card[] {
  return outbox.reduce((marked, { message }) => {
    if (message.type === 'feedback') {
      const verdict = { agent_feedback: message.feedback, feedback_reason: message.reason ?? null };
      return mark(marked, message.suggestion_id, verdict);
    }
    if (message.type === 'dismissed') return mark(marked, message.suggestion_id, { dismissed: true });
    return marked;
  }, cards);
}

/** What the call is about, as the agent corrected it, though the server has not confirmed everything yet. */
export function withPendingSubjects(context: CallContext | null, outbox: Outbox): CallContext | null {
  return outbox.reduce((known, { message }) => {
    if (!known || !isAboutSubject(message)) return known;
    const others = (known.dismissed_subjects ?? []).filter((name) => name !== message.name);
    const subjects = (known.subjects ?? []).filter((subject: Subject) => subject.name !== message.name);
    return message.type === 'dismiss_subject'
      ? { ...known, subjects, dismissed_subjects: [...others, message.name] }
      : { ...known, dismissed_subjects: others };
  }, context);
}

export function hasPendingFeedback(outbox: Outbox, suggestionId: string): boolean {
  return outbox.some(({ message }) => message.type === 'feedback' && message.suggestion_id === suggestionId);
}

function mark(cards: readonly Card[], id: string, marks: Partial<Card>): readonly Card[] {
  return cards.map((card) => (card.id === id ? { ...card, ...marks } : card));
}

function keyOf(message: Sendable): string {
  if (message.type === 'ask' || message.type === 'escalate') return `${message.type}:${message.request_id}`;
  return isAboutSubject(message) ? `subject:${message.name}` : `${message.type}:${message.suggestion_id}`;
}

function isAboutCard(message: Sendable): message is AboutCard {
  return 'suggestion_id' in message;
}

function isAboutSubject(message: Sendable): message is AboutSubject {
  return 'name' in message;
}

function isCorrected(message: AboutSubject, context: CallContext): boolean {
  const dismissed = (context.dismissed_subjects ?? []).includes(message.name);
  return dismissed === (message.type === 'dismiss_subject');
}

function isConfirmed(
  message: AboutCard,
  event: Extract<StoredEvent, { type: 'suggestion_updated' }>,
): boolean {
  if (message.suggestion_id !== event.suggestion_id) return false;
  if (message.type === 'feedback') {
    return (
      event.agent_feedback === message.feedback &&
      (!message.reason || event.feedback_reason === message.reason)
    );
  }
  const marks: Record<Report, boolean> = {
    shown: event.shown_to_agent,
    clicked: event.agent_clicked,
    copied: event.agent_copied,
    dismissed: event.dismissed,
  };
  return marks[message.type];
}

/** The event repeats the question, not the request id: the oldest ask with those words, else the oldest ask. */
function withoutAsk(outbox: Outbox, query: string | null): Outbox {
  const asks = outbox.filter((item) => item.message.type === 'ask');
  const same = asks.find((item) => item.message.type === 'ask' && sameWords(item.message.text, query));
  const answered = same ?? asks[0];
  return outbox.filter((item) => item !== answered);
}

/** Another question that was raised meanwhile leaves ours waiting. */
function withoutEscalate(outbox: Outbox, question: string): Outbox {
  return outbox.filter(({ message }) => message.type !== 'escalate' || !sameWords(message.question, question));
}

export function sameWords(a: string, b: string | null): boolean {
  return bareWords(a) === bareWords(b ?? '');
}

function bareWords(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}
