import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Citation } from '../src/api/wire.js';
import { pagesLabel, sourceHref, sourcesOf } from '../src/shared/sources.js';
import { blocksOf, confidenceOf, quotedPieces, showsQuote, splitAnswer } from '../src/shared/answer-text.js';
import { piecesOf } from '../src/shared/entities.js';
import { duration } from '../src/shared/format.js';
import { transcriptionDelayS } from '../src/store/delay.js';
import { DEFAULT_KEYMAP, conflictOf, keysOf, shortcutFor } from '../src/store/shortcuts.js';
import { call, segment } from './samples.js';

const press = { key: '', code: '', altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };

test('the headline is the first sentence and the rest is what it leaves out', () => {
  const answer = splitAnswer('Hold **Reset** for ten seconds. Then wait.\n- Two minutes');
  assert.deepEqual(answer, { headline: 'Hold Reset for ten seconds.', rest: 'Then wait.\n- Two minutes' });
});

test('a version number or an abbreviation inside a sentence does not end it', () => {
  assert.equal(splitAnswer('Install version 4.1 of the app, e.g. from the store.').rest, '');
});

test('a headline has at most 25 words and then the whole answer follows', () => {
  const text = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ');
  const { headline, rest } = splitAnswer(text);
  assert.deepEqual([headline.split(' ').length, headline.endsWith('word24 …'), rest], [26, true, text]);
});

test('lists and paragraphs of an answer are told apart', () => {
  const kinds = blocksOf('First.\n\n1. one\n2. two\n- bullet').map((block) => [
    block.kind,
    block.lines.length,
  ]);
  assert.deepEqual(kinds, [
    ['paragraph', 1],
    ['steps', 2],
    ['bullets', 1],
  ]);
});

test('confidence is said in words', () => {
  assert.deepEqual([0.9, 0.7, 0.2].map(confidenceOf), ['exact', 'likely', 'possible']);
});

test('words taken from the source are marked where they stand, and not quoted twice', () => {
  assert.deepEqual(quotedPieces('So hold reset now.', ['hold reset']), [
    { text: 'So ', quoted: false },
    { text: 'hold reset', quoted: true },
    { text: ' now.', quoted: false },
  ]);
  assert.equal(showsQuote(['Hold reset.', 'Wait two minutes.'], 'hold reset. Wait  two minutes.'), true);
  assert.equal(showsQuote(['Hold reset.'], 'Press the button.'), false);
  assert.equal(showsQuote(['Choose Account, then Reset.'], '2. Choose **Account**, then **Reset**.'), true);
});

test('entities are found as whole words whatever their case, with signs in them', () => {
  const pieces = piecesOf('Error e-4012 (not E-40123), C++ 5.', [
    { type: 'error_code', value: 'E-4012' },
    { type: 'product', value: 'C++' },
  ]);
  assert.deepEqual(
    pieces.filter((piece) => piece.entity).map((piece) => piece.text),
    ['e-4012', 'C++'],
  );
});

test('times of a call are short to read', () => {
  assert.deepEqual([7, 247, 3760].map(duration), ['0:07', '4:07', '1:02:40']);
});

test('the transcription is late by the lag beyond the promptest segment', () => {
  const prompt = segment(1, { end_time: 10, received_at: '2026-01-05T10:00:11Z' });
  const late = segment(2, { end_time: 20, received_at: '2026-01-05T10:00:29Z' });
  assert.equal(transcriptionDelayS(call(), [prompt, late]), 8);
  assert.equal(transcriptionDelayS(call(), [prompt]), 0);
});

test('a shortcut needs a modifier, and AltGr types characters', () => {
  assert.equal(keysOf({ ...press, key: 'k', code: 'KeyK' }), null);
  assert.equal(
    keysOf({ ...press, key: 'k', code: 'KeyK', altKey: true, getModifierState: () => true }),
    null,
  );
  assert.equal(shortcutFor(DEFAULT_KEYMAP, { ...press, key: 'k', code: 'KeyK', altKey: true }), 'ask');
});

test('a key that types a sign with Alt still counts by its place', () => {
  assert.equal(shortcutFor(DEFAULT_KEYMAP, { ...press, key: 'ç', code: 'KeyC', altKey: true }), 'copy');
});

test('two shortcuts cannot share keys', () => {
  assert.equal(conflictOf(DEFAULT_KEYMAP, 'copy', 'Alt+K'), 'ask');
  assert.equal(conflictOf(DEFAULT_KEYMAP, 'copy', 'Alt+C'), null);
});

function citation(start: number, end: number, change: Partial<Citation> = {}): Citation {
  const place = { article_id: 'a', version: 2, title: 'Router', heading: 'Reset', url: null };
  return { ...place, quote: `from ${start}`, start, end, ...change };
}

test('sentences quoted from one section are one source, opened from the first to the last', () => {
  const [source, ...others] = sourcesOf([citation(60, 80), citation(10, 50)]);
  assert.equal(others.length, 0);
  assert.deepEqual(source?.quotes, ['from 10', 'from 60']);
  assert.equal(source && sourceHref(source), '/articles/a?version=2&start=10&end=80');
});

test('another section, version or a far place is a source of its own', () => {
  const others = [
    citation(20, 30, { heading: 'Lights' }),
    citation(40, 50, { version: 3 }),
    citation(5000, 5010),
  ];
  assert.equal(sourcesOf([citation(0, 10), ...others]).length, 4);
});

test('a quote is recognised though its source has marks that the answer has not', () => {
  const quote = '2. Choose **Account**, then [Reset](reset.md).';
  assert.deepEqual(quotedPieces('Choose Account, then Reset.', [quote]), [
    { text: 'Choose Account, then Reset.', quoted: true },
  ]);
  assert.equal(showsQuote(['2. Choose Account, then Reset.'], quote), true);
});

test('a source names its pages once and in order, and none where it has none', () => {
  const cited = (...pages: (number | null)[]) =>
    sourcesOf(pages.map((page, place) => citation(place * 10, place * 10 + 5, { page }))).map(pagesLabel);
  assert.deepEqual(cited(12, 12), ['p. 12']);
  assert.deepEqual(cited(14, 12), ['pp. 12, 14']);
  assert.deepEqual(cited(null), ['']);
});

test('a mere yes takes the next sentence into the headline, if both can be read at a glance', () => {
  const { headline, rest } = splitAnswer('Yes. It keeps ringing without the internet. Only the picture is missing.');
  assert.deepEqual([headline, rest], ['Yes. It keeps ringing without the internet.', 'Only the picture is missing.']);
  const long = `Yes. Long ${'word '.repeat(30)}end.`;
  assert.equal(splitAnswer(long).headline, 'Yes.');
  assert.equal(splitAnswer('Yes.').headline, 'Yes.');
  assert.equal(splitAnswer('Yes.\n- One\n- Two').headline, 'Yes.');
});
