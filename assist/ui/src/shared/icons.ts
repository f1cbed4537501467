/** Line icons on a 16 px grid; always beside a text or inside a labelled button. */

import { svg, type SVGTemplateResult } from 'lit';

const PATHS = {
  copy: 'M5.5 5.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M3.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1z',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  close: 'M4 4l8 8M12 4l-8 8',
  pin: 'M8 10.5V14M5.2 2.5h5.6M6 2.5v3.7L4 9.2v1.3h8V9.2l-2-3V2.5',
  open: 'M9.5 2.5h4v4M13.2 2.8L7.5 8.5M11.5 9v3.5a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1H7',
  pen: 'M10.5 3l2.5 2.5-7.5 7.5-3 .5.5-3zM9 4.5L11.5 7',
  undo: 'M6 3.5L3 6.5l3 3M3.5 6.5h6a3.5 3.5 0 0 1 0 7H7',
  up: 'M5 13.5V7.2L7.6 2.5c1 0 1.6.7 1.6 1.6L8.8 6.5h3.4a1.2 1.2 0 0 1 1.2 1.5l-1 4.4a1.4 1.4 0 0 1-1.4 1.1H5zM5 13.5H2.6V7.2H5',
  down: 'M11 2.5v6.3l-2.6 4.7c-1 0-1.6-.7-1.6-1.6l.4-2.4H3.8A1.2 1.2 0 0 1 2.6 8l1-4.4A1.4 1.4 0 0 1 5 2.5h6zM11 2.5h2.4v6.3H11',
  off: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM4 4l8 8',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.1 3.1',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  moon: 'M13.2 9.6A5.7 5.7 0 0 1 6.4 2.8a5.7 5.7 0 1 0 6.8 6.8z',
  keyboard:
    'M2.5 4h11a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 6.7h.01M6.7 6.7h.01M9.3 6.7h.01M12 6.7h.01M5 9.4h6',
  bellOff: 'M4.2 11.5h8.6M12 11V7.5a4 4 0 0 0-5-3.9M4.3 6C4.1 6.5 4 7 4 7.5V11M6.8 13.5h2.4M2.5 2.5l11 11',
  bell: 'M3.2 11.5h9.6M4 11.5V7.5a4 4 0 0 1 8 0v4M6.8 13.5h2.4M8 3.5V2',
  leave: 'M6.5 2.5h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M10 11l3-3-3-3M13 8H6',
  phone:
    'M5.6 2.5H3.5a1 1 0 0 0-1 1.1c.5 5.2 4.7 9.4 9.9 9.9a1 1 0 0 0 1.1-1v-2.1l-2.7-1.1-1.3 1.4A8.3 8.3 0 0 1 5.3 6.5l1.4-1.3z',
  article:
    'M4 2.5h5.5l3 3v7a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM9.5 2.5v3h3M5.5 8.5h5M5.5 11h3.5',
  question:
    'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM6.3 6.4a1.7 1.7 0 1 1 2.6 1.5c-.6.3-.9.6-.9 1.2M8 11.2h.01',
  chevron: 'M4.5 6.5L8 10l3.5-3.5',
  arrowDown: 'M8 3v10M4 9l4 4 4-4',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  card: 'M3.5 3h9a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM5 6.2h6M5 8.7h4',
  lines: 'M2.5 4h7M2.5 8h11M2.5 12h9',
  person: 'M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2.8 13.5a5.2 5.2 0 0 1 10.4 0',
  send: 'M2.5 3l11 5-11 5 1.8-5zM4.3 8h5',
  sound: 'M2.5 6.2h2.2L8 3.5v9L4.7 9.8H2.5zM10.5 6a2.8 2.8 0 0 1 0 4M12.3 4.2a5.4 5.4 0 0 1 0 7.6',
  silent: 'M2.5 6.2h2.2L8 3.5v9L4.7 9.8H2.5zM10.5 6.2l3.6 3.6M14.1 6.2l-3.6 3.6',
  back: 'M10 3.5L5.5 8l4.5 4.5',
  levelUp: 'M8 13.5v-9M4.5 8L8 4.5 11.5 8M4 2.5h8',
  clock: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 5v3.2l2.2 1.4',
  chart: 'M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5',
  download: 'M8 2.5v7.5M5 7.5L8 10.5l3-3M3 13.5h10',
  warn: 'M8 2.5l6 10.8H2zM8 6.5v3M8 11.5h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none"
    stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"
    ><path d=${PATHS[name]}></path></svg>`;
}
