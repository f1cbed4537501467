import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceCursor, cut, normalised, toRange } from '../src/article/source-range.js';

test('offsets count characters, not UTF-16 units', () => {
  const source = 'Hi 😀 there';
  const range = toRange(source, 5, 10);
  assert.equal(source.slice(range?.start, range?.end), 'there');
});

test('offsets hold for sources with Windows line ends', () => {
  const source = 'one\r\ntwo\r\nthree';
  const range = toRange(source, 10, 15);
  assert.equal(normalised(source).slice(range?.start, range?.end), 'three');
});

test('an empty or impossible range cites nothing', () => {
  assert.deepEqual([toRange('abc', 2, 2), toRange('abc', -1, 2), toRange('abc', 9, 12)], [null, null, null]);
});

test('text is cut where the citation begins and ends', () => {
  assert.deepEqual(cut('one two three', 100, { start: 104, end: 107 }), [
    { text: 'one ', cited: false },
    { text: 'two', cited: true },
    { text: ' three', cited: false },
  ]);
});

test('the cursor finds repeated words in order, past the markup between them', () => {
  const cursor = new SourceCursor('**line** and [line](http://line.example) line');
  assert.deepEqual([cursor.take('line'), cursor.take('line'), cursor.take(' line')], [2, 14, 40]);
});

test('text that is written differently in the source keeps the cursor near', () => {
  const cursor = new SourceCursor('a &amp; b then c');
  cursor.take('a ');
  assert.equal(cursor.take('&'), 2);
  assert.equal(cursor.take(' b then c'), 7);
});
