/** What a person asks for, sent up from any element to the page. */

import type { Report, Verdict } from '../api/wire.js';
import type { DeviceKind } from '../voice/client.js';

export type Tab = 'suggestions' | 'transcript' | 'calls';

/** Of the call by voice that one is in. */
export type VoiceWish = 'mute' | 'leave' | 'retry' | 'dismiss' | 'sound';

export type Action =
  | { kind: 'select'; sessionId: string }
  | { kind: 'report'; report: Report; id: string }
  | { kind: 'copy'; text: string; what: string; id: string | null }
  | { kind: 'feedback'; id: string; verdict: Verdict; reason?: string }
  | { kind: 'pin'; id: string }
  | { kind: 'ask'; text: string }
  | { kind: 'escalate'; question: string }
  | { kind: 'heard'; id: string }
  | { kind: 'sounds'; on: boolean }
  | { kind: 'subject'; name: string; dismissed: boolean }
  | { kind: 'mute' }
  | { kind: 'theme' }
  | { kind: 'help' }
  | { kind: 'autoScroll'; on: boolean }
  | { kind: 'signIn'; email: string; password: string }
  | { kind: 'signOut' }
  | { kind: 'retry' }
  | { kind: 'askForCall' }
  | { kind: 'startCall'; name: string; phone: string }
  | { kind: 'rejoin'; sessionId: string; customer: string }
  | { kind: 'voice'; what: VoiceWish }
  | { kind: 'volume'; volume: number }
  | { kind: 'device'; device: DeviceKind; id: string };

export function act(from: HTMLElement, action: Action): void {
  from.dispatchEvent(
    new CustomEvent<Action>('assist-action', { detail: action, bubbles: true, composed: true }),
  );
}
