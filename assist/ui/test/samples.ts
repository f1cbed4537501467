import type { Call, Question, Segment, Snapshot, Suggestion, SuggestionsEvent } from '../src/api/wire.js';

export function call(change: Partial<Call> = {}): Call {
  return {
    session_id: 'call-1',
    call_id: 'acd-1',
    status: 'active',
    agent_id: 'agent-1',
    agent_name: 'Ana',
    customer_id: null,
    customer_name: 'Margaret',
    customer_phone: null,
    started_at: '2026-01-05T10:00:00Z',
    ended_at: null,
    acd_metadata: {},
    crm_metadata: {},
    last_segment: null,
    event_seq: 0,
    ...change,
  };
}

export function segment(number: number, change: Partial<Segment> = {}): Segment {
  return {
    segment_id: `segment-${number}`,
    number,
    speaker: 'customer',
    text: `words ${number}`,
    start_time: number,
    end_time: number + 1,
    confidence: 0.9,
    language: 'en',
    received_at: '2026-01-05T10:00:02Z',
    ...change,
  };
}

export function suggestion(id: string, change: Partial<Suggestion> = {}): Suggestion {
  return {
    id,
    type: 'answer',
    title: `Title ${id}`,
    text: `Answer ${id}.`,
    confidence_score: 0.9,
    citations: [],
    query: 'question',
    created_at: '2026-01-05T10:00:00Z',
    turn: 1,
    status: 'active',
    shown_to_agent: false,
    agent_clicked: false,
    agent_copied: false,
    dismissed: false,
    agent_feedback: null,
    feedback_reason: null,
    answered_by: 'extractive',
    refined_at: null,
    ...change,
  };
}

export function question(id: string): Question {
  return {
    id,
    text: `Question ${id}?`,
    purpose: null,
    priority: 1,
    turn: 1,
    status: 'active',
    created_at: '2026-01-05T10:00:00Z',
  };
}

export function answered(
  seq: number,
  ids: string[],
  change: Partial<SuggestionsEvent> = {},
): SuggestionsEvent {
  return {
    type: 'suggestions',
    seq,
    turn: seq,
    query: 'question',
    outcome: 'answered',
    origin: 'call',
    suggestions: ids.map((id) => suggestion(id, { turn: seq })),
    clarifying_questions: [],
    ...change,
  };
}

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    call: call(),
    epoch: 'epoch-1',
    seq: 0,
    segments: [],
    suggestions: [],
    clarifying_questions: [],
    context: null,
    latest: null,
    ...change,
  };
}
