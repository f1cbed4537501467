/** What the server sends about the floor. Field names are the server's. */

import type { Speaker } from '../api/wire.js';

export interface FloorLine {
  speaker: Speaker;
  text: string;
  at: string;
}

export interface FloorCall {
  session_id: string;
  call_id: string;
  agent_id: string | null;
  agent_name: string | null;
  customer_name: string | null;
  queue: string | null;
  started_at: string;
  status: 'active' | 'ended';
  /** As they were said. */
  last_lines: FloorLine[];
  sentiment: Sentiment;
  open_requests: number;
  escalated: boolean;
}

export interface Sentiment {
  label: 'negative' | 'neutral' | 'positive';
  /** -1 to 1. */
  score: number;
}

export interface FloorReply {
  items: FloorCall[];
  /** Of all live calls; the list holds the longest ones. */
  total: number;
}
