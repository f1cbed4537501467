/** What one call looks like after every event so far: a pure reducer over the call's event cursor. */

import type {
  Call,
  CallContext,
  Escalation,
  EscalationOffer,
  Gap,
  Interim,
  Latest,
  Origin,
  Question,
  Segment,
  Snapshot,
  Speaker,
  StoredEvent,
  Suggestion,
  SuggestionDraft,
  SuggestionRefined,
  SuggestionsEvent,
  VoiceHealth,
  Whisper,
  WithdrawReason,
} from '../api/wire.js';

export interface Card extends Suggestion {
  origin: Origin;
  withdrawnReason: WithdrawReason | null;
  /** Milliseconds of the local clock; null while active, and 0 when it was withdrawn before we looked. */
  withdrawnAtMs: number | null;
  /** What a model has written so far in place of the text; null while none writes. */
  draft: string | null;
}

export type Turn = Latest;

export interface CallState {
  sessionId: string;
  call: Call | null;
  epoch: string | null;
  /** The last applied event; events at or below it are repeats. */
  seq: number;
  /** True until the first event after a reset: the log may begin later than 1. */
  acceptsAnySeq: boolean;
  segments: readonly Segment[];
  interims: Readonly<Partial<Record<Speaker, Interim>>>;
  /** Newest first. */
  cards: readonly Card[];
  questions: readonly Question[];
  context: CallContext | null;
  /** What became of the newest question, from the call and by hand. */
  turn: Turn | null;
  /** The card that a model has finished last. */
  refined: { seq: number; id: string } | null;
  /** Questions to supervisors, newest first. */
  escalations: readonly Escalation[];
  offer: EscalationOffer | null;
  /** Newest last. */
  whispers: readonly Whisper[];
  gaps: readonly Gap[];
  /** Null when the words come from elsewhere. */
  voice: VoiceHealth | null;
}

export type Applied = 'applied' | 'repeated' | 'gap';

export function emptyCall(sessionId: string): CallState {
  return {
    sessionId,
    call: null,
    epoch: null,
    seq: 0,
    acceptsAnySeq: false,
    segments: [],
    interims: {},
    cards: [],
    questions: [],
    context: null,
    turn: null,
    refined: null,
    escalations: [],
    offer: null,
    whispers: [],
    gaps: [],
    voice: null,
  };
}

export function fromSnapshot(snapshot: Snapshot): CallState {
  const cards = snapshot.suggestions.map((suggestion) => toCard(suggestion, 'call'));
  return {
    ...emptyCall(snapshot.call.session_id),
    call: snapshot.call,
    epoch: snapshot.epoch,
    seq: snapshot.seq,
    segments: [...snapshot.segments].sort(bySpokenOrder),
    cards: cards.sort(newestFirst),
    questions: snapshot.clarifying_questions,
    context: snapshot.context,
    turn: snapshot.latest,
    escalations: snapshot.escalations ?? [],
    offer: snapshot.offer ?? null,
    whispers: snapshot.whispers ?? [],
    gaps: snapshot.gaps ?? [],
    voice: snapshot.voice ?? null,
  };
}

/** The server's log is not the one we followed: everything of the call is forgotten, except whose call it is. */
export function afterReset(state: CallState, epoch: string): CallState {
  return { ...emptyCall(state.sessionId), call: state.call, epoch, acceptsAnySeq: true };
}

export function classify(state: CallState, seq: number): Applied {
  if (state.acceptsAnySeq) return 'applied';
  if (seq <= state.seq) return 'repeated';
  return seq === state.seq + 1 ? 'applied' : 'gap';
}

/** Applies one stored event that `classify` called 'applied'. */
export function applyEvent(state: CallState, event: StoredEvent, nowMs: number): CallState {
  return { ...state, ...change(state, event, nowMs), seq: event.seq, acceptsAnySeq: false };
}

export function applyInterim(state: CallState, interim: Interim): CallState {
  const { [interim.speaker]: _replaced, ...others } = state.interims;
  const interims = interim.text.trim() ? { ...others, [interim.speaker]: interim } : others;
  return { ...state, interims };
}

/** Words that a model is still writing, for a card that waits for them. */
export function applyDraft(state: CallState, { suggestion_id: id, text }: SuggestionDraft): CallState {
  const draft = text.trim() ? text : null;
  return { ...state, cards: changeCard(state.cards, id, (card) => (isOpen(card) ? { ...card, draft } : card)) };
}

/** Unfinished words are not stored by the server, so none survives a broken connection. */
export function withoutUnfinished(state: CallState): CallState {
  return { ...state, interims: {}, cards: withoutDrafts(state.cards) };
}

/** What the card says just now. */
export function shownText(card: Card): string {
  return card.draft ?? card.text;
}

function change(state: CallState, event: StoredEvent, nowMs: number): Partial<CallState> {
  switch (event.type) {
    case 'call':
      return event.call.status === 'ended'
        ? { call: event.call, interims: {}, cards: withoutDrafts(state.cards) }
        : { call: event.call };
    case 'segment':
      return withSegment(state, event.segment);
    case 'context':
      return { context: event.context };
    case 'suggestions':
      return withSuggestions(state, event);
    case 'suggestion_withdrawn':
      return { cards: withdrawCard(state.cards, event.suggestion_id, event.reason, nowMs) };
    case 'question_withdrawn':
      return { questions: withdrawQuestion(state.questions, event.question_id) };
    case 'suggestion_updated':
      return { cards: updateCard(state.cards, event) };
    case 'suggestion_delta':
      return withRefined(state, event);
    default:
      return fromSupervisors(state, event);
  }
}

function fromSupervisors(state: CallState, event: StoredEvent): Partial<CallState> {
  switch (event.type) {
    case 'escalation':
      return withEscalation(state, event.escalation);
    case 'escalation_offer':
      return { offer: { turn: event.turn, question: event.question } };
    case 'whisper':
      return { whispers: [...state.whispers.filter(({ id }) => id !== event.whisper.id), event.whisper] };
    default:
      return fromListening(state, event);
  }
}

function fromListening(state: CallState, event: StoredEvent): Partial<CallState> {
  switch (event.type) {
    case 'gap':
      return { gaps: [...state.gaps.filter(({ id }) => id !== event.gap.id), event.gap] };
    case 'voice':
      return { voice: event.voice };
    default:
      return {};
  }
}

function withSegment(state: CallState, segment: Segment): Partial<CallState> {
  const { [segment.speaker]: _spoken, ...interims } = state.interims;
  const others = state.segments.filter((known) => known.segment_id !== segment.segment_id);
  const last = others.at(-1);
  const segments = [...others, segment];
  if (last && bySpokenOrder(last, segment) > 0) segments.sort(bySpokenOrder);
  return { segments, interims };
}

function withSuggestions(state: CallState, event: SuggestionsEvent): Partial<CallState> {
  const arrived = event.suggestions.map((suggestion) => toCard(suggestion, event.origin));
  const arrivedIds = new Set(arrived.map((card) => card.id));
  const questionIds = new Set(event.clarifying_questions.map((question) => question.id));
  return {
    cards: [...arrived, ...state.cards.filter((card) => !arrivedIds.has(card.id))],
    questions: [
      ...event.clarifying_questions,
      ...state.questions.filter((question) => !questionIds.has(question.id)),
    ],
    turn: {
      turn: event.turn,
      query: event.query,
      outcome: event.outcome,
      origin: event.origin,
      seq: event.seq,
    },
  };
}

/** What is asked now is offered no longer. */
function withEscalation(state: CallState, escalation: Escalation): Partial<CallState> {
  const known = state.escalations.some(({ id }) => id === escalation.id);
  const escalations = known
    ? state.escalations.map((one) => (one.id === escalation.id ? escalation : one))
    : [escalation, ...state.escalations];
  return known ? { escalations } : { escalations, offer: null };
}

function withdrawCard(
  cards: readonly Card[],
  id: string,
  reason: WithdrawReason,
  nowMs: number,
): readonly Card[] {
  return changeCard(cards, id, (card) =>
    card.status === 'active'
      ? { ...card, status: 'withdrawn', withdrawnReason: reason, withdrawnAtMs: nowMs, draft: null }
      : card,
  );
}

/** Everything but what became of the card on this desk. */
function withRefined(state: CallState, { seq, suggestion }: SuggestionRefined): Partial<CallState> {
  const cards = changeCard(state.cards, suggestion.id, (card) => ({ ...card, ...suggestion, draft: null }));
  return { cards, refined: { seq, id: suggestion.id } };
}

function isOpen(card: Card): boolean {
  return card.status === 'active' && card.refined_at === null;
}

function withoutDrafts(cards: readonly Card[]): readonly Card[] {
  return cards.map((card) => (card.draft === null ? card : { ...card, draft: null }));
}

function changeCard(cards: readonly Card[], id: string, change: (card: Card) => Card): readonly Card[] {
  return cards.map((card) => (card.id === id ? change(card) : card));
}

function withdrawQuestion(questions: readonly Question[], id: string): readonly Question[] {
  return questions.map((question) => (question.id === id ? { ...question, status: 'withdrawn' } : question));
}

function updateCard(
  cards: readonly Card[],
  event: Extract<StoredEvent, { type: 'suggestion_updated' }>,
): readonly Card[] {
  const { type: _type, seq: _seq, suggestion_id: id, ...marks } = event;
  return changeCard(cards, id, (card) => ({ ...card, ...marks }));
}

const ORIGINS: Partial<Record<Suggestion['type'], Origin>> = {
  manual_answer: 'ask',
  supervisor_answer: 'supervisor',
};

function toCard(suggestion: Suggestion, origin: Origin): Card {
  const withdrawn = suggestion.status === 'withdrawn';
  return {
    ...suggestion,
    origin: ORIGINS[suggestion.type] ?? origin,
    withdrawnReason: null,
    withdrawnAtMs: withdrawn ? 0 : null,
    draft: null,
  };
}

function bySpokenOrder(a: Segment, b: Segment): number {
  return a.number - b.number;
}

function newestFirst(a: Card, b: Card): number {
  return Date.parse(b.created_at) - Date.parse(a.created_at);
}
