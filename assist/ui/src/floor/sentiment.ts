/** How the customer sounds, in a word; the sign goes along with it, so that colour only underlines. */

import type { Sentiment } from './wire.js';

export interface Mood {
  word: string;
  face: 'bad' | 'poor' | 'even' | 'good';
}

const STRONG_FROM = 0.6;

export function moodOf({ label, score }: Sentiment): Mood {
  if (label === 'negative')
    return score <= -STRONG_FROM ? { word: 'Very negative', face: 'bad' } : { word: 'Negative', face: 'poor' };
  if (label === 'positive')
    return { word: score >= STRONG_FROM ? 'Very positive' : 'Positive', face: 'good' };
  return { word: 'Neutral', face: 'even' };
}
