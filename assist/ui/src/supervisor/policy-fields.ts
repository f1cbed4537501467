/** The policy between the server's document and what can be typed into fields. */

import type { Priority } from '../api/wire.js';

export type RaisingMode = 'auto' | 'offer' | 'off';

export interface Sla {
  first_response_minutes: number | null;
  resolution_minutes: number | null;
}

export interface Policy {
  raising: RaisingMode;
  raising_by_queue: Record<string, RaisingMode>;
  rules: unknown[];
  groups: { name: string }[];
  owner_group: string;
  sla: Partial<Record<Priority, Sla>>;
  reminders: number[];
  auto_approve: string[];
  review_after_days: number | null;
}

export interface PolicyVersion {
  version: number;
  policy: Policy;
}

/** The parts that are edited as JSON. */
export const DOCUMENTS = ['rules', 'groups', 'raising_by_queue'] as const;
export type DocumentName = (typeof DOCUMENTS)[number];

/** "a, b , " as two names. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** What is typed as minutes: nothing is the default. */
export function minutes(text: string): number | null {
  return text.trim() ? Number(text) : null;
}

export function written(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** The value, or what is wrong with the text. */
export function parsed(text: string): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'This is no JSON.' };
  }
}
