/** Keyboard shortcuts of the console: each needs a modifier key. */

import { keysOf, type KeyPress } from '../store/shortcuts.js';

export type ConsoleShortcut = 'next' | 'previous' | 'answer' | 'claim' | 'search' | 'help';

const KEYS: Readonly<Record<string, ConsoleShortcut>> = {
  'Alt+ArrowDown': 'next',
  'Alt+ArrowUp': 'previous',
  'Alt+A': 'answer',
  'Alt+C': 'claim',
  'Alt+K': 'search',
  'Alt+H': 'help',
};

export const KEY_LABELS: readonly { keys: string; label: string }[] = [
  { keys: 'Alt+↓', label: 'Next request' },
  { keys: 'Alt+↑', label: 'Previous request' },
  { keys: 'Alt+A', label: 'Go to the answer' },
  { keys: 'Ctrl+Enter', label: 'Send the answer' },
  { keys: 'Alt+C', label: 'Claim the request' },
  { keys: 'Alt+K', label: 'Search requests' },
  { keys: 'Alt+H', label: 'Show these shortcuts' },
];

export function consoleShortcut(press: KeyPress): ConsoleShortcut | null {
  const arrow = press.altKey && !press.ctrlKey && !press.metaKey && !press.shiftKey && /^Arrow(Up|Down)$/.test(press.key);
  const keys = arrow ? `Alt+${press.key}` : keysOf(press);
  return (keys && KEYS[keys]) || null;
}
