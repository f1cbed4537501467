/** How far the transcript lags behind the speech, judged from the segments alone. */

import type { Call, Segment } from '../api/wire.js';

/** Beyond this the words are too late to be acted upon. */
export const DELAYED_S = 4;
/** An active call without words for this long is worth a remark, though people do wait on hold. */
export const QUIET_S = 45;

/**
 * Seconds by which the last segment came later than the promptest one. The clock of the transcription may start
 * before or after the call's, so only the difference between segments counts. 0 when unknown.
 */
export function transcriptionDelayS(call: Call | null, segments: readonly Segment[]): number {
  const last = segments.at(-1);
  if (!call || !last || segments.length < 2) return 0;
  const lags = segments.map((segment) => lagS(call, segment)).filter(Number.isFinite);
  const delay = lagS(call, last) - Math.min(...lags);
  return Number.isFinite(delay) ? Math.max(0, delay) : 0;
}

function lagS(call: Call, segment: Segment): number {
  return (Date.parse(segment.received_at) - Date.parse(call.started_at)) / 1000 - segment.end_time;
}
