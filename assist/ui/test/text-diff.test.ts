import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffTexts, type DiffRow } from '../src/knowledge/text-diff.js';

const marked = (rows: readonly DiffRow[]) =>
  rows.map(({ kind, pieces }) => `${kind}: ${pieces.map((one) => (one.changed ? `[${one.text}]` : one.text)).join('')}`);

test('a difference names the lines that went and came, and marks the words', () => {
  const rows = diffTexts('Intro\nFollow the link within 60 minutes.\nEnd', 'Intro\nFollow the link within 30 minutes.\nEnd\nMore');
  assert.deepEqual(marked(rows), [
    'same: Intro',
    'removed: Follow the link within [60] minutes.',
    'added: Follow the link within [30] minutes.',
    'same: End',
    'added: More',
  ]);
});

test('lines that have nothing in common are not compared word by word', () => {
  assert.deepEqual(marked(diffTexts('Alpha beta gamma', 'Quite another sentence')), [
    'removed: Alpha beta gamma',
    'added: Quite another sentence',
  ]);
});

test('line ends of other systems are no difference, and an empty text has no lines', () => {
  assert.ok(diffTexts('a\r\nb\r\n', 'a\nb').every((row) => row.kind === 'same'));
  assert.deepEqual(marked(diffTexts('', 'a')), ['added: a']);
});

test('two very long texts without a common line are compared at once', () => {
  const lines = (mark: string) => Array.from({ length: 4000 }, (_, index) => `${mark} ${index}`).join('\n');
  assert.equal(diffTexts(lines('a'), lines('b')).length, 8000);
});
