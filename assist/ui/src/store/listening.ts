/** Whether the words of a call by voice are written down, in words for whoever reads them. */

import type { Call, Gap, Speaker, VoiceHealth } from '../api/wire.js';
import { clockRange } from '../shared/format.js';
import { transcriptionDetail } from '../voice/words.js';
import type { CallState } from './call-state.js';

export interface Listening {
  level: 'wait' | 'warn' | 'bad';
  title: string;
  detail: string;
}

const SIDES: Readonly<Record<Speaker, string>> = { customer: 'Customer not', agent: 'Agent not' };

/** Null while all is well, and in calls whose words come from elsewhere. */
export function listeningOf({ voice, call }: Pick<CallState, 'voice' | 'call'>): Listening | null {
  return voice && call?.status === 'active' ? troubleOf(voice) : null;
}

function troubleOf({ state, transcription, detail }: VoiceHealth): Listening | null {
  if (state === 'lost') return { level: 'warn', title: 'Transcription interrupted', detail: 'reconnecting' };
  if (transcription === 'unavailable')
    return { level: 'bad', title: 'Transcription unavailable', detail: transcriptionDetail(detail) };
  if (state === 'waiting') return { level: 'wait', title: 'Waiting for the transcriber', detail: '' };
  if (transcription === 'degraded')
    return { level: 'warn', title: 'Transcription delayed', detail: transcriptionDetail(detail) };
  return null;
}

/** Such as "Customer not transcribed 12:01:03–12:01:05". */
export function gapWords(gap: Gap, call: Call): string {
  const startedMs = Date.parse(call.started_at);
  const range = clockRange(startedMs + gap.start_time * 1000, startedMs + gap.end_time * 1000);
  return `${gap.speaker ? SIDES[gap.speaker] : 'Not'} transcribed ${range}`;
}
