/** Differences between two texts, line by line, and within changed lines word by word. */

import type { DiffLine } from './wire.js';

export interface DiffPiece {
  text: string;
  changed: boolean;
}

export interface DiffRow {
  kind: DiffLine['kind'];
  pieces: readonly DiffPiece[];
}

/** Comparing more pairs than this would be felt; the middle then counts as changed altogether. */
const PAIRS_MAX = 4_000_000;

/** Lines that share less than this are two different lines, and marking every word says nothing. */
const ALIKE_FROM = 0.25;

export function diffTexts(before: string, after: string): readonly DiffRow[] {
  return withWords(diffLines(linesOf(before), linesOf(after)));
}

/** Rows of lines that were compared elsewhere. */
export function withWords(lines: readonly DiffLine[]): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  for (let at = 0; at < lines.length; ) {
    const removed = run(lines, at, 'removed');
    const added = run(lines, at + removed.length, 'added');
    if (!removed.length && !added.length) {
      rows.push(plain(lines[at] as DiffLine));
      at += 1;
      continue;
    }
    rows.push(...replaced(removed, added));
    at += removed.length + added.length;
  }
  return rows;
}

export function countChanges(rows: readonly DiffRow[]): { added: number; removed: number } {
  return {
    added: rows.filter((row) => row.kind === 'added').length,
    removed: rows.filter((row) => row.kind === 'removed').length,
  };
}

function linesOf(text: string): readonly string[] {
  const normal = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
  return normal === '' ? [] : normal.split('\n');
}

function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  return compare(before, after).map(({ kind, item }) => ({ kind, text: item }));
}

function run(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): readonly DiffLine[] {
  let to = from;
  while (lines[to]?.kind === kind) to += 1;
  return lines.slice(from, to);
}

function plain(line: DiffLine): DiffRow {
  return { kind: line.kind, pieces: [{ text: line.text, changed: false }] };
}

/** The first removed line stands against the first added one, and so on. */
function replaced(removed: readonly DiffLine[], added: readonly DiffLine[]): readonly DiffRow[] {
  const pairs = removed.map((line, index) => wordsOf(line.text, added[index]?.text ?? null));
  const before = removed.map((line, index) => ({ ...plain(line), pieces: pairs[index]?.before ?? plain(line).pieces }));
  const after = added.map((line, index) => ({ ...plain(line), pieces: pairs[index]?.after ?? plain(line).pieces }));
  return [...before, ...after];
}

function wordsOf(before: string, after: string | null) {
  if (after === null) return null;
  const steps = compare(before.split(/(\s+)/), after.split(/(\s+)/));
  const shared = steps.filter((step) => step.kind === 'same').reduce((sum, step) => sum + step.item.trim().length, 0);
  if (shared < ALIKE_FROM * Math.max(before.length, after.length)) return null;
  return { before: pieces(steps, 'removed'), after: pieces(steps, 'added') };
}

function pieces(steps: readonly Step[], kind: 'removed' | 'added'): readonly DiffPiece[] {
  const found: DiffPiece[] = [];
  for (const step of steps) {
    if (step.kind !== 'same' && step.kind !== kind) continue;
    const changed = step.kind === kind;
    const last = found.at(-1);
    if (last?.changed === changed) last.text += step.item;
    else found.push({ text: step.item, changed });
  }
  return found.filter((piece) => piece.text !== '');
}

interface Step {
  kind: DiffLine['kind'];
  item: string;
}

function compare(before: readonly string[], after: readonly string[]): readonly Step[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const middle = longest(before.slice(start, before.length - end), after.slice(start, after.length - end));
  const same = (items: readonly string[]): Step[] => items.map((item) => ({ kind: 'same', item }));
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))];
}

/** Along a longest common subsequence; removals come before additions. */
function longest(before: readonly string[], after: readonly string[]): readonly Step[] {
  const removed = (item: string): Step => ({ kind: 'removed', item });
  const added = (item: string): Step => ({ kind: 'added', item });
  if (before.length * after.length > PAIRS_MAX) return [...before.map(removed), ...after.map(added)];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const lengthAt = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const equal = before[i] === after[j];
      lengths[i * width + j] = equal ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  }
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [left, right] = [before[i], after[j]];
    if (left !== undefined && left === right) {
      steps.push({ kind: 'same', item: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || lengthAt(i + 1, j) >= lengthAt(i, j + 1))) {
      steps.push(removed(left));
      i += 1;
    } else {
      steps.push(added(right as string));
      j += 1;
    }
  }
  return steps;
}
