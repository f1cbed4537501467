/** How the agent's own call by voice stands, in words. */

import { endWords, isCompany, nameOf, namesOf, type Words } from '../voice/words.js';
import type { RoomState } from '../voice/room.js';
import type { DeskVoiceState } from '../store/desk-voice.js';

export interface VoiceStatus extends Words {
  level: 'ok' | 'wait' | 'warn' | 'bad';
}

export function voiceStatus(state: DeskVoiceState): VoiceStatus | null {
  const { room } = state;
  switch (room.phase) {
    case 'idle':
      return null;
    case 'connecting':
      return { level: 'wait', title: 'Connecting…', detail: connectingDetail(room) };
    case 'waiting':
      return { level: 'wait', ...waitingWords(state) };
    case 'connected':
      return { level: 'ok', ...connectedWords(room) };
    case 'reconnecting':
      return { level: 'warn', title: 'Reconnecting…', detail: 'The others may not hear you.' };
    default:
      return { level: 'bad', ...endWords(room.end ?? 'lost', room.problem) };
  }
}

function connectingDetail({ step }: RoomState): string {
  return step === 'microphone' ? 'Allow the microphone if your browser asks.' : '';
}

function waitingWords({ customer, link, room }: DeskVoiceState): Words {
  const who = customer || 'the customer';
  if (room.met) return { title: `${customer || 'The customer'} has left`, detail: link ? 'The link lets them back in.' : '' };
  return { title: `Waiting for ${who}`, detail: link ? 'Send them the link.' : '' };
}

function connectedWords({ people }: RoomState): Words {
  const supervisors = people.filter((person) => person.role === 'supervisor');
  const others = people.filter((person) => person.role !== 'supervisor' && isCompany(person));
  const detail = supervisors.length ? `${namesOf(supervisors)} ${supervisors.length > 1 ? 'listen' : 'listens'} in.` : '';
  const muted = others.filter((person) => person.muted).map((person) => `${nameOf(person)} is muted.`);
  return { title: `On the line: ${namesOf(others)}`, detail: [detail, ...muted].filter(Boolean).join(' ') };
}
