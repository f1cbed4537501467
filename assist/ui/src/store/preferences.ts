/** What this person set on this computer. Losing it must never break the desk. */

import { DEFAULT_KEYMAP, SHORTCUT_NAMES, type Keymap } from './shortcuts.js';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  theme: Theme;
  autoScroll: boolean;
  /** A tone when a supervisor answers or whispers. */
  sounds: boolean;
  keymap: Keymap;
}

export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY = 'assist.preferences';

export const DEFAULT_PREFERENCES: Preferences = { theme: 'system', autoScroll: true, sounds: true, keymap: DEFAULT_KEYMAP };

export function loadPreferences(storage: TextStorage): Preferences {
  const saved = readJson<Partial<Preferences>>(storage, KEY) ?? {};
  const theme = saved.theme === 'light' || saved.theme === 'dark' ? saved.theme : 'system';
  return {
    theme,
    autoScroll: saved.autoScroll !== false,
    sounds: saved.sounds !== false,
    keymap: knownKeys(saved.keymap),
  };
}

export function savePreferences(storage: TextStorage, preferences: Preferences): void {
  writeJson(storage, KEY, preferences);
}

export function readJson<Value>(storage: TextStorage, key: string): Value | null {
  try {
    const text = storage.getItem(key);
    return text === null ? null : (JSON.parse(text) as Value);
  } catch {
    return null;
  }
}

/** Storage may be full or blocked inside a frame; then the value lives until the page is closed. */
export function writeJson(storage: TextStorage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}

function knownKeys(saved: Partial<Keymap> | undefined): Keymap {
  const entries = SHORTCUT_NAMES.map((name) => [name, saved?.[name] ?? DEFAULT_KEYMAP[name]]);
  return Object.fromEntries(entries) as Keymap;
}
