/** What the transcript shows, in order: what was said, and where nobody wrote it down. */

import type { Gap, Segment } from '../api/wire.js';

export type TranscriptLine =
  | { kind: 'said'; id: string; segment: Segment; goesOn: boolean }
  | { kind: 'gap'; id: string; gap: Gap };

/** A gap stands after the last words that began before it. */
export function transcriptLines(segments: readonly Segment[], gaps: readonly Gap[]): TranscriptLine[] {
  const waiting = gaps.map((gap) => ({ gap, place: placeOf(gap, segments) }));
  waiting.sort((a, b) => a.place - b.place || a.gap.start_time - b.gap.start_time);
  const lines: TranscriptLine[] = [];
  for (let place = 0; place <= segments.length; place += 1) {
    while (waiting[0]?.place === place) lines.push(gapLine(waiting.shift()!.gap));
    const segment = segments[place];
    if (segment) lines.push(saidLine(segment, lines.at(-1)));
  }
  return lines;
}

function placeOf(gap: Gap, segments: readonly Segment[]): number {
  return segments.findLastIndex((segment) => segment.start_time < gap.start_time) + 1;
}

function gapLine(gap: Gap): TranscriptLine {
  return { kind: 'gap', id: `gap-${gap.id}`, gap };
}

function saidLine(segment: Segment, before: TranscriptLine | undefined): TranscriptLine {
  const goesOn = before?.kind === 'said' && before.segment.speaker === segment.speaker;
  return { kind: 'said', id: segment.segment_id, segment, goesOn };
}
