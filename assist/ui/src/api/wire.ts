/** The JSON the server sends and takes. Field names are the server's. */

export type Role = 'agent' | 'supervisor' | 'analyst' | 'admin';
export type Speaker = 'customer' | 'agent';
export type Verdict = 'helpful' | 'not_helpful' | 'irrelevant';
export type Outcome = 'answered' | 'clarify' | 'no_answer';

export interface User {
  id: string;
  email: string;
  name: string;
  role: Role;
  agent_id: string | null;
}

export interface SessionReply {
  user: User | null;
  csrf_token: string;
}

export interface Call {
  session_id: string;
  call_id: string;
  status: 'active' | 'ended';
  agent_id: string | null;
  agent_name: string | null;
  customer_id: string | null;
  customer_name: string | null;
  customer_phone: string | null;
  started_at: string;
  ended_at: string | null;
  acd_metadata: Record<string, unknown>;
  crm_metadata: Record<string, unknown>;
  last_segment: { speaker: Speaker; text: string } | null;
  event_seq: number;
}

export interface Segment {
  segment_id: string;
  number: number;
  speaker: Speaker;
  text: string;
  /** Seconds since the call began. */
  start_time: number;
  end_time: number;
  confidence: number | null;
  language: string | null;
  received_at: string;
}

export interface Citation {
  article_id: string;
  version: number;
  title: string;
  heading: string | null;
  url: string | null;
  quote: string;
  /** Character offsets (code points) into the article's Markdown source. */
  start: number;
  end: number;
  /** Of the printed original, from 1. */
  page?: number | null;
}

export interface Suggestion {
  id: string;
  type: 'answer' | 'article' | 'manual_answer' | 'supervisor_answer';
  title: string;
  text: string;
  confidence_score: number;
  citations: Citation[];
  query: string | null;
  created_at: string;
  /** Null when a person asked. */
  turn: number | null;
  status: 'active' | 'withdrawn';
  shown_to_agent: boolean;
  agent_clicked: boolean;
  agent_copied: boolean;
  dismissed: boolean;
  agent_feedback: Verdict | null;
  feedback_reason: string | null;
  /** "extractive" (quoted sentences), or the name of the model that wrote the text. */
  answered_by: string;
  refined_at: string | null;
}

export interface Question {
  id: string;
  text: string;
  purpose: string | null;
  priority: number;
  turn: number | null;
  status: 'active' | 'withdrawn';
  created_at: string;
}

export interface DetectedEntity {
  type: string;
  value: string;
}

/** What the call is about. */
export interface Subject {
  name: string;
  kind: string;
  salience: number;
}

export interface CallContext {
  has_sufficient_context: boolean;
  detected_issue: string | null;
  detected_entities: DetectedEntity[];
  needs_clarification: boolean;
  confidence: number | null;
  /** Most salient first. Missing in what older servers have stored. */
  subjects?: readonly Subject[];
  /** Names that the agent has taken off the desk. */
  dismissed_subjects?: readonly string[];
}

export type Priority = 'low' | 'medium' | 'high' | 'urgent';

/** A question that was put to a supervisor, as the desk shows it. */
export interface Escalation {
  id: string;
  question: string;
  status: 'pending' | 'in_progress' | 'resolved' | 'unresolved';
  priority: Priority;
  escalated: boolean;
  assigned_to_name: string | null;
  due_at: string | null;
  created_at: string;
  resolved_at: string | null;
  suggestion_id: string | null;
  origin: string;
}

/** The knowledge base has no answer; the agent may ask a supervisor. */
export interface EscalationOffer {
  turn: number | null;
  question: string;
}

/** A word in the agent's ear. */
export interface Whisper {
  id: string;
  text: string;
  from_name: string;
  at: string;
}

/** A stretch of the call that nobody transcribed. */
export interface Gap {
  id: string;
  /** Null when neither side was. */
  speaker: Speaker | null;
  /** Seconds since the call began. */
  start_time: number;
  end_time: number;
  reason: string;
}

/** Who listens to a call by voice, and how well. */
export interface VoiceHealth {
  room: string;
  state: 'waiting' | 'listening' | 'lost';
  transcription: 'ok' | 'degraded' | 'unavailable';
  /** A short code of what is wrong, such as "stt_unauthorized". */
  detail: string | null;
}

/** Whose question it was, or that a supervisor answers it. */
export type Origin = 'call' | 'ask' | 'supervisor';

export interface Snapshot {
  call: Call;
  epoch: string;
  seq: number;
  segments: Segment[];
  suggestions: Suggestion[];
  clarifying_questions: Question[];
  context: CallContext | null;
  latest: Latest | null;
  escalations?: Escalation[];
  whispers?: Whisper[];
  offer?: EscalationOffer | null;
  gaps?: Gap[];
  /** Null when the call is not transcribed here. */
  voice?: VoiceHealth | null;
}

/** What became of the newest question, of the call or asked by hand. */
export interface Latest {
  seq: number;
  turn: number | null;
  query: string | null;
  outcome: Outcome;
  origin: Origin;
}

export interface Page<Item> {
  items: Item[];
  total: number;
  next: string | null;
}

export interface Article {
  id: string;
  title: string;
  version: number;
  url: string | null;
  tags: string[];
  language: string | null;
  updated_at: string;
  status: string;
  body?: string;
}

export type WithdrawReason = 'superseded' | 'call_moved_on' | 'answered';

export interface SuggestionsEvent {
  type: 'suggestions';
  seq: number;
  turn: number | null;
  query: string | null;
  outcome: Outcome;
  origin: Origin;
  suggestions: Suggestion[];
  clarifying_questions: Question[];
}

export interface SuggestionUpdated {
  type: 'suggestion_updated';
  seq: number;
  suggestion_id: string;
  shown_to_agent: boolean;
  agent_clicked: boolean;
  agent_copied: boolean;
  dismissed: boolean;
  agent_feedback: Verdict | null;
  feedback_reason: string | null;
}

/** A model's text has taken the place of the quoted one. */
export interface SuggestionRefined {
  type: 'suggestion_delta';
  seq: number;
  suggestion_id: string;
  text: string;
  done: true;
  suggestion: Suggestion;
}

/** The whole text that a model has written so far; an empty one: nothing comes of it. Not stored. */
export interface SuggestionDraft {
  type: 'suggestion_delta';
  suggestion_id: string;
  text: string;
  done: false;
}

export type StoredEvent =
  | { type: 'call'; seq: number; call: Call }
  | { type: 'segment'; seq: number; segment: Segment }
  | { type: 'context'; seq: number; context: CallContext }
  | SuggestionsEvent
  | { type: 'suggestion_withdrawn'; seq: number; suggestion_id: string; reason: WithdrawReason }
  | { type: 'question_withdrawn'; seq: number; question_id: string; reason: WithdrawReason }
  | { type: 'escalation'; seq: number; escalation: Escalation }
  | { type: 'escalation_offer'; seq: number; turn: number | null; question: string }
  | { type: 'whisper'; seq: number; whisper: Whisper }
  | { type: 'gap'; seq: number; gap: Gap }
  | { type: 'voice'; seq: number; voice: VoiceHealth }
  | SuggestionUpdated
  | SuggestionRefined;

export interface Interim {
  type: 'interim';
  speaker: Speaker;
  text: string;
  start_time: number;
  end_time: number;
}

export interface Hello {
  type: 'hello';
  session_id: string;
  epoch: string;
  seq: number;
}

export interface Reset {
  type: 'reset';
  epoch: string;
  reason: string;
}

export interface StreamError {
  type: 'error';
  code: string;
  detail: string;
}

export type ServerMessage = StoredEvent | Interim | SuggestionDraft | Hello | Reset | StreamError | { type: 'ping' };

export type Report = 'shown' | 'clicked' | 'copied' | 'dismissed';

export type ClientMessage =
  | { type: 'auth'; ticket: string }
  | { type: 'feedback'; suggestion_id: string; feedback: Verdict; reason?: string }
  | { type: Report; suggestion_id: string }
  | { type: 'ask'; text: string; request_id: string }
  | { type: 'escalate'; question: string; request_id: string }
  | { type: 'dismiss_subject' | 'restore_subject'; name: string };
