/** What the server sends and takes about help requests, the team and deliveries. Field names are the server's. */

import type { Citation, Page, Priority } from './wire.js';

export type RequestStatus = 'pending' | 'in_progress' | 'resolved' | 'unresolved';
export type Learn = 'draft' | 'approve' | 'none';
export type Availability = 'available' | 'away';

export interface HistoryLine {
  at: string;
  actor: string;
  actor_name: string;
  action: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  note: string | null;
}

export interface HelpRequest {
  id: string;
  session_id: string | null;
  call_id: string | null;
  /** The customer is still on the line. */
  call_active: boolean;
  origin: string;
  customer_name: string | null;
  customer_contact: string | null;
  channel: string;
  queue: string | null;
  question: string;
  context_excerpt: string | null;
  priority: Priority;
  tags: string[];
  metadata: Record<string, unknown>;
  status: RequestStatus;
  escalated: boolean;
  level: number;
  group: string | null;
  assigned_to: string | null;
  assigned_to_name: string | null;
  answer: string | null;
  topic: string | null;
  resolution: string | null;
  notes: string | null;
  answered_by_name: string | null;
  suggestion_id: string | null;
  learned_article_id: string | null;
  first_response_due_at: string | null;
  due_at: string | null;
  first_response_at: string | null;
  created_at: string;
  updated_at: string;
  resolved_at: string | null;
  /** Oldest first; empty in lists. */
  history: HistoryLine[];
}

export type RequestPage = Page<HelpRequest>;

/** What may be changed while a request is open. */
export type RequestChange = Partial<Pick<HelpRequest, 'priority' | 'tags' | 'notes' | 'question'>>;

export interface ResponseBody {
  answer: string;
  topic?: string;
  notes?: string;
  unresolved?: boolean;
  learn: Learn;
}

/** What the knowledge base would answer. */
export interface Suggested {
  text: string | null;
  confidence: number | null;
  citations: Citation[];
  /** The knowledge base does not answer just now. */
  unavailable?: boolean;
}

export interface Member {
  user_id: string;
  name: string;
  email: string;
  role: string;
  groups: string[];
  skills: string[];
  capacity: number;
  availability: Availability;
  /** Weighted by priority. */
  load: number;
  open_requests: number;
  is_active: boolean;
  availability_changed_at: string | null;
}

export interface TeamGroup {
  name: string;
  skills: string[];
  open_now: boolean;
  /** Null while open. */
  next_opening?: string | null;
  available: number;
  next: string | null;
}

export interface Team {
  items: Member[];
  groups: TeamGroup[];
}

export interface Attempt {
  at: string;
  outcome: string;
  status_code: number | null;
  detail: string | null;
  elapsed_ms: number | null;
}

export interface Notification {
  id: string;
  event: string;
  channel: string;
  /** Masked. */
  address: string | null;
  state: 'pending' | 'sent' | 'dead' | 'cancelled';
  attempts: number;
  last_error: string | null;
  created_at: string;
  sent_at: string | null;
  read_at: string | null;
  request_id: string | null;
  title: string;
  body: string;
  url: string | null;
  user_name: string | null;
  history: Attempt[];
}

/** The receptionist rings the customer by itself. */
export interface CallBack {
  state: 'waiting' | 'ringing' | 'talking' | 'told' | 'given_up';
  /** So far. */
  attempts: number;
  next_attempt_at: string | null;
  /** How the last attempt ended: a SIP status or a word. */
  last_status: string | null;
}

export interface FollowUp {
  id: string;
  request_id: string;
  channel: 'sms' | 'email' | 'callback';
  address: string | null;
  text: string;
  state: 'pending' | 'sent' | 'failed' | 'open' | 'done';
  created_at: string;
  done_at: string | null;
  done_by: string | null;
  customer_name: string | null;
  question: string;
  /** Null where no machine rings. */
  call_back?: CallBack | null;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  actor_name: string;
  action: string;
  target_type: string;
  target_id: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export const PRIORITIES: readonly Priority[] = ['urgent', 'high', 'medium', 'low'];

export function requestPath(id: string, action = ''): string {
  return `/api/help-requests/${encodeURIComponent(id)}${action && `/${action}`}`;
}

export function isOpen(request: Pick<HelpRequest, 'status'>): boolean {
  return request.status === 'pending' || request.status === 'in_progress';
}
