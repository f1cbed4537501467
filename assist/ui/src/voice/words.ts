/** What happens in a room, and what to do about it, in words for the person. */

import { HttpProblem } from '../api/http.js';
import { problemWords } from '../shared/problem-words.js';
import { ClientProblem, type ClientProblemKind, type EndReason, type Person, type Role } from './client.js';

export interface Words {
  title: string;
  /** What it means or what to do; may be empty. */
  detail: string;
}

const CLIENT_WORDS: Readonly<Record<ClientProblemKind, Words>> = {
  microphone_refused: {
    title: 'The microphone is not allowed',
    detail: 'Allow it for this page in the browser’s address bar, then try again.',
  },
  microphone_missing: {
    title: 'No microphone was found',
    detail: 'Plug one in or switch it on, then try again.',
  },
  microphone_busy: {
    title: 'The microphone cannot be used',
    detail: 'Another program may hold it. Close that program, then try again.',
  },
  microphone_insecure: {
    title: 'The browser gives this page no microphone',
    detail: 'It does so for https addresses only. Open this page with https.',
  },
  room_refused: {
    title: 'You were not let in',
    detail: 'The call may be over, or this took too long. Try again.',
  },
  room_unreachable: {
    title: 'The call could not be connected',
    detail: 'Your network may block calls. Check it and try again.',
  },
};

const SERVER_WORDS: Readonly<Record<string, Words>> = {
  voice_not_configured: {
    title: 'Calls are not set up',
    detail: 'The server has no connection for calls yet. Its administrator can set one up.',
  },
  invite_expired: {
    title: 'This invitation has expired',
    detail: 'Ask the person who sent it for a new one.',
  },
  call_ended: { title: 'This call has ended', detail: '' },
};

const BUSY: Words = { title: 'All lines are busy', detail: 'Try again in a minute.' };

const END_WORDS: Readonly<Record<Exclude<EndReason, 'failed'>, Words>> = {
  left: { title: 'You left the call', detail: '' },
  over: { title: 'The call has ended', detail: '' },
  alone: { title: 'The call has ended', detail: 'Nobody was on the line any more.' },
  elsewhere: { title: 'The call goes on in another window', detail: 'You joined it there.' },
  lost: { title: 'The connection was lost', detail: 'Check your network and join again.' },
};

const ROLE_NAMES: Readonly<Record<Role, string>> = {
  customer: 'Customer',
  agent: 'Agent',
  supervisor: 'Supervisor',
  bot: 'Receptionist',
  unknown: 'Somebody',
};

export function roomProblemWords(problem: unknown): Words {
  if (problem instanceof ClientProblem) return CLIENT_WORDS[problem.kind];
  if (!(problem instanceof HttpProblem)) return { title: 'The call could not be started', detail: problemWords(problem) };
  const { code, status } = problem.problem;
  const known = SERVER_WORDS[code];
  if (known) return known;
  if (status === 409 || status === 429 || status === 503) return BUSY;
  return { title: 'The call could not be started', detail: problemWords(problem) };
}

export function endWords(end: EndReason, problem: unknown): Words {
  return end === 'failed' ? roomProblemWords(problem) : END_WORDS[end];
}

/** A bot that says nothing only listens, and is nobody to talk to. */
export function isCompany(person: Person): boolean {
  return person.role !== 'bot' || person.publishes;
}

/** The name of a person; a machine is called by what it does. */
export function nameOf({ name, role }: Person): string {
  return (role !== 'bot' && name) || ROLE_NAMES[role];
}

/** "Ada", "Ada and Marcus", "Ada, Marcus and Receptionist". */
export function namesOf(people: readonly Person[]): string {
  const names = people.map(nameOf);
  const last = names.pop() ?? '';
  return names.length ? `${names.join(', ')} and ${last}` : last;
}

const TRANSCRIPTION_DETAILS: Readonly<Record<string, string>> = {
  stt_unauthorized: 'the speech service refused the key; tell your administrator',
  stt_unreachable: 'the speech service cannot be reached',
  stt_silent: 'the speech service does not answer',
  stt_failed: 'the speech service does not work just now',
};

/** Why nobody transcribes; empty when the code says nothing to a person. */
export function transcriptionDetail(code: string | null): string {
  return (code !== null && TRANSCRIPTION_DETAILS[code]) || '';
}
