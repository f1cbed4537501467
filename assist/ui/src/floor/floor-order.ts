/** Which calls the floor shows and in which order: new figures never move a row that somebody is reading or aiming at. */

import type { FloorCall } from './wire.js';

export type Sort = 'longest' | 'negative' | 'requests';

export interface FloorFilters {
  /** Name or id; empty for everybody. */
  agent: string;
  queue: string;
}

export interface FloorRow extends FloorCall {
  /** The call is over; it stays until the rows may move. */
  gone: boolean;
}

export const EVERYTHING: FloorFilters = { agent: '', queue: '' };

export function agentLabel(call: FloorCall): string {
  return call.agent_name || call.agent_id || 'No agent yet';
}

export function sorted(calls: readonly FloorCall[], sort: Sort): readonly FloorCall[] {
  const longestFirst = (a: FloorCall, b: FloorCall) =>
    Date.parse(a.started_at) - Date.parse(b.started_at) || a.session_id.localeCompare(b.session_id);
  const first: Readonly<Record<Sort, (a: FloorCall, b: FloorCall) => number>> = {
    longest: () => 0,
    negative: (a, b) => a.sentiment.score - b.sentiment.score,
    requests: (a, b) => Number(b.escalated) - Number(a.escalated) || b.open_requests - a.open_requests,
  };
  return [...calls].sort((a, b) => first[sort](a, b) || longestFirst(a, b));
}

/**
 * The rows to show. While `held`, every row stays where it is: ended calls are marked instead of removed, and new ones
 * come at the end.
 */
export function rowsOf(
  before: readonly FloorRow[],
  calls: readonly FloorCall[],
  sort: Sort,
  held: boolean,
): readonly FloorRow[] {
  const order = sorted(calls, sort);
  if (!held) return order.map((call) => ({ ...call, gone: false }));
  const live = new Map(calls.map((call) => [call.session_id, call]));
  const known = new Set(before.map((row) => row.session_id));
  const stay = before.map((row) => {
    const now = live.get(row.session_id);
    return now ? { ...now, gone: false } : { ...row, gone: true };
  });
  const arrived = order.filter((call) => !known.has(call.session_id));
  return [...stay, ...arrived.map((call) => ({ ...call, gone: false }))];
}

/** Whether the rows would be elsewhere if they were not held. */
export function waitsToMove(rows: readonly FloorRow[], sort: Sort): boolean {
  const order = sorted(rows.filter((row) => !row.gone), sort).map((row) => row.session_id);
  return rows.some((row) => row.gone) || rows.some((row, place) => row.session_id !== order[place]);
}

export function matches(call: FloorCall, { agent, queue }: FloorFilters): boolean {
  return (!agent || agentLabel(call) === agent) && (!queue || (call.queue ?? '') === queue);
}

export function choicesOf(calls: readonly FloorCall[]): { agents: readonly string[]; queues: readonly string[] } {
  const unique = (names: readonly string[]) => [...new Set(names)].sort((a, b) => a.localeCompare(b));
  return {
    agents: unique(calls.map(agentLabel)),
    queues: unique(calls.map((call) => call.queue ?? '').filter(Boolean)),
  };
}
