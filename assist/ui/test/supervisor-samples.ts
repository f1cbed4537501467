import { HttpProblem } from '../src/api/http.js';
import type { HelpRequest } from '../src/api/supervision.js';
import type { User } from '../src/api/wire.js';

export const NOW_MS = Date.parse('2026-11-20T10:00:00Z');

export const HELENA: User = { id: 'user-1', email: 'h@x.example', name: 'Helena', role: 'supervisor', agent_id: null };

export function request(id: string, change: Partial<HelpRequest> = {}): HelpRequest {
  return {
    id,
    session_id: null,
    call_id: null,
    call_active: false,
    origin: 'pipeline',
    customer_name: 'Margaret',
    customer_contact: null,
    channel: 'call',
    queue: null,
    question: `Question ${id}?`,
    context_excerpt: null,
    priority: 'medium',
    tags: [],
    metadata: {},
    status: 'pending',
    escalated: false,
    level: 0,
    group: 'supervisors',
    assigned_to: null,
    assigned_to_name: null,
    answer: null,
    topic: null,
    resolution: null,
    notes: null,
    answered_by_name: null,
    suggestion_id: null,
    learned_article_id: null,
    first_response_due_at: '2026-11-20T10:10:00Z',
    due_at: '2026-11-20T10:30:00Z',
    first_response_at: null,
    created_at: '2026-11-20T10:00:00Z',
    updated_at: '2026-11-20T10:00:00Z',
    resolved_at: null,
    history: [],
    ...change,
  };
}

export class MapStorage {
  readonly values = new Map<string, string>();
  getItem = (key: string): string | null => this.values.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.values.set(key, value);
  removeItem = (key: string): void => void this.values.delete(key);
}

export function problem(status: number, code: string, current?: unknown): HttpProblem {
  return new HttpProblem({ status, code, detail: `It is ${code}.`, retryAfterS: null, current });
}

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
