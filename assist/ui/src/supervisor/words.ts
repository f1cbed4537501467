/** The server's names as people say them. */

import type { CallBack, HelpRequest } from '../api/supervision.js';
import type { Priority } from '../api/wire.js';
import { ago, clock, day, fieldLabel, plural } from '../shared/format.js';

export const PRIORITY_WORDS: Readonly<Record<Priority, string>> = {
  urgent: 'Urgent',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
};

/** Colour means state: only what is out of the ordinary has one. */
export const PRIORITY_TONES: Readonly<Record<Priority, string>> = { urgent: 'bad', high: 'warn', medium: '', low: '' };

const RECENT_MS = 20 * 3_600_000;

const CHANNELS: Readonly<Record<string, string>> = {
  sms: 'Text message',
  email: 'E-mail',
  web: 'Browser',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  discord: 'Discord',
  webhook: 'Webhook',
  console: 'Server log',
  call: 'Phone call',
  callback: 'Callback',
  chat: 'Chat',
};

const ORIGINS: Readonly<Record<string, string>> = {
  pipeline: 'by itself, no answer in the knowledge base',
  agent: 'by the agent',
  receptionist: 'by the receptionist',
  api: 'by another system',
};

const ACTIONS: Readonly<Record<string, string>> = {
  created: 'Asked',
  assigned: 'Given to',
  claimed: 'Taken in hand',
  handed_back: 'Handed back',
  reassigned: 'Passed to',
  escalated: 'Passed on to the next level',
  edited: 'Changed',
  reminded: 'Reminder sent',
  answered: 'Answered',
  unresolved: 'Marked unresolved',
  timed_out: 'Time ran out',
  delivered: 'Put on the agent’s desk',
  followed_up: 'Follow-up to the customer',
  learned: 'Became knowledge',
};

export function channelWords(channel: string): string {
  return CHANNELS[channel] ?? fieldLabel(channel);
}

export function originWords(origin: string): string {
  return ORIGINS[origin] ?? fieldLabel(origin);
}

export function actionWords(action: string): string {
  return ACTIONS[action] ?? fieldLabel(action);
}

/** "help_request.answered" as "Help request answered". */
export function eventWords(event: string): string {
  return fieldLabel(event.replace(/\./g, ' '));
}

export function customerOf(request: Pick<HelpRequest, 'customer_name' | 'customer_contact'>): string {
  return request.customer_name || request.customer_contact || 'Unknown customer';
}

/** "4 min ago", "9:13 PM", and of another day the day. */
export function sinceWords(when: string, nowMs: number): string {
  return nowMs - Date.parse(when) < RECENT_MS ? ago(when, nowMs) : day(when);
}

const NOT_REACHED: Readonly<Record<string, string>> = {
  '404': 'The number does not exist',
  '484': 'The number is incomplete',
  '486': 'The line was busy',
  '600': 'The line was busy',
  '603': 'The customer did not take the call',
  'hung up': 'The customer hung up',
  refused: 'The customer did not want to hear it',
  voicemail: 'Only voicemail answered',
  server: 'The call could not be made',
  'no outbound trunk': 'Nothing is set up to ring with',
};

/** "The receptionist rings at 14:05, attempt 2", "Nobody answered (3 attempts): please call yourself". */
export function callBackWords({ state, attempts, next_attempt_at: next, last_status: last }: CallBack): string {
  switch (state) {
    case 'told':
      return 'The receptionist has told the customer';
    case 'ringing':
      return `The receptionist rings now, attempt ${Math.max(1, attempts)}`;
    case 'talking':
      return 'The receptionist talks to the customer now';
    case 'waiting':
      return `The receptionist rings ${next ? `at ${clock(next)}` : 'soon'}, attempt ${attempts + 1}`;
    default:
      return `${(last && NOT_REACHED[last]) || 'Nobody answered'} (${plural(attempts, 'attempt')}): please call yourself`;
  }
}

/** The first line, for a list. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}

/** "In hand: Ana", "Waiting in billing". */
export function whereWords(request: HelpRequest, userId: string): string {
  const who = request.assigned_to === userId ? 'you' : request.assigned_to_name;
  if (request.status === 'in_progress' && who) return `In hand: ${who}`;
  if (who) return `For ${who}`;
  return request.group ? `Waiting in ${request.group}` : 'Waiting';
}
