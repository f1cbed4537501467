/** Finds what the system understood inside the words that were spoken. */

import type { DetectedEntity } from '../api/wire.js';

export interface Piece {
  text: string;
  entity: DetectedEntity | null;
}

/** The text in order, cut where an entity's value begins and ends; letter case does not matter. */
export function piecesOf(text: string, entities: readonly DetectedEntity[]): readonly Piece[] {
  const known = entities.filter((entity) => entity.value.trim());
  if (!known.length) return [{ text, entity: null }];
  const values = [...known]
    .sort((a, b) => b.value.length - a.value.length)
    .map((entity) => escape(entity.value));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${values.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), entity: null });
    pieces.push({ text: match[0], entity: find(known, match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), entity: null });
  return pieces;
}

function find(entities: readonly DetectedEntity[], spoken: string): DetectedEntity | null {
  return entities.find((entity) => entity.value.toLowerCase() === spoken.toLowerCase()) ?? null;
}

function escape(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
