import { html, svg } from 'lit';
import { moodOf, type Mood } from './sentiment.js';
import type { Sentiment } from './wire.js';

const MOUTHS: Readonly<Record<Mood['face'], string>> = {
  bad: 'M5.2 11.4c.7-1.3 1.7-1.9 2.8-1.9s2.1.6 2.8 1.9M4.8 5.4l1.8.9M11.2 5.4l-1.8.9',
  poor: 'M5.4 11c.7-.9 1.6-1.3 2.6-1.3s1.9.4 2.6 1.3M6 6.4h.01M10 6.4h.01',
  even: 'M5.6 10.2h4.8M6 6.4h.01M10 6.4h.01',
  good: 'M5.4 9.4c.7.9 1.6 1.4 2.6 1.4s1.9-.5 2.6-1.4M6 6.4h.01M10 6.4h.01',
};

export function moodMark(sentiment: Sentiment) {
  const { word, face } = moodOf(sentiment);
  return html`<span class="mood ${face}" title="Judged by the customer’s words">${svg`<svg class="icon"
    viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor"
    stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"
    ><circle cx="8" cy="8" r="6"></circle><path d=${MOUTHS[face]}></path></svg>`}${word}</span>`;
}
