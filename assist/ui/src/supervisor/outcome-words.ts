/** What became of an answer, in words. */

import type { HelpRequest, Notification } from '../api/supervision.js';
import { clock } from '../shared/format.js';
import type { IconName } from '../shared/icons.js';
import { channelWords } from './words.js';

export interface Fate {
  icon: IconName;
  tone: '' | 'ok' | 'warn' | 'bad';
  words: string;
}

/** What became of the answer, in the order in which it happened. */
export function fatesOf(request: HelpRequest, deliveries: readonly Notification[]): readonly Fate[] {
  const fates: Fate[] = [];
  const delivered = request.history.find(({ action }) => action === 'delivered');
  if (request.suggestion_id || delivered) {
    const when = delivered ? ` at ${clock(delivered.at)}` : '';
    fates.push({ icon: 'check', tone: 'ok', words: `On the agent’s desk${when}` });
  }
  const toCustomer = deliveries.filter(({ event }) => event.startsWith('customer'));
  for (const notification of toCustomer) fates.push(followUpFate(notification));
  const recorded = request.history.find(({ action }) => action === 'followed_up');
  if (recorded && !toCustomer.length) fates.push(recordedFate(recorded.after));
  if (!fates.length && request.status === 'resolved')
    fates.push({ icon: 'clock', tone: '', words: 'The answer is on its way' });
  return fates;
}

function followUpFate(notification: Notification): Fate {
  const how = channelWords(notification.channel);
  const where = notification.address ? ` to ${notification.address}` : '';
  switch (notification.state) {
    case 'sent':
      return {
        icon: 'check',
        tone: 'ok',
        words: `${how}${where} sent${notification.sent_at ? ` at ${clock(notification.sent_at)}` : ''}`,
      };
    case 'dead':
      return { icon: 'warn', tone: 'bad', words: `${how}${where} could not be sent: ${notification.last_error ?? ''}` };
    case 'cancelled':
      return { icon: 'off', tone: '', words: `${how}${where} was cancelled` };
    default: {
      const tried = notification.attempts ? `, tried ${notification.attempts} ×` : '';
      return { icon: 'clock', tone: tried ? 'warn' : '', words: `${how}${where} is being sent${tried}` };
    }
  }
}

function recordedFate(after: Record<string, unknown> | null): Fate {
  const channel = String(after?.['channel'] ?? 'callback');
  if (channel === 'callback') {
    return { icon: 'phone', tone: 'warn', words: 'Somebody has to ring the customer: see Callbacks' };
  }
  return { icon: 'clock', tone: '', words: `${channelWords(channel)} to the customer is on its way` };
}
