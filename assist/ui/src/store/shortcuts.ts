/** Keyboard shortcuts: names, defaults, matching. Every one needs a modifier key. */

export type ShortcutName =
  'open1' | 'open2' | 'open3' | 'copy' | 'helpful' | 'notHelpful' | 'ask' | 'supervisor' | 'pin' | 'mute' | 'help';

/** Such as "Alt+1" or "Ctrl+Shift+K". */
export type Keys = string;
export type Keymap = Readonly<Record<ShortcutName, Keys>>;

export const SHORTCUT_LABELS: Readonly<Record<ShortcutName, string>> = {
  open1: 'Open the first card',
  open2: 'Open the second card',
  open3: 'Open the third card',
  copy: 'Copy the answer of the open card',
  helpful: 'Mark the open card helpful',
  notHelpful: 'Mark the open card not helpful',
  ask: 'Ask the knowledge base',
  supervisor: 'Ask a supervisor',
  pin: 'Pin or unpin the open card',
  mute: 'Mute suggestions until the next question',
  help: 'Show these shortcuts',
};

export const DEFAULT_KEYMAP: Keymap = {
  open1: 'Alt+1',
  open2: 'Alt+2',
  open3: 'Alt+3',
  copy: 'Alt+C',
  helpful: 'Alt+Y',
  notHelpful: 'Alt+N',
  ask: 'Alt+K',
  supervisor: 'Alt+S',
  pin: 'Alt+P',
  mute: 'Alt+M',
  help: 'Alt+H',
};

export const SHORTCUT_NAMES = Object.keys(DEFAULT_KEYMAP) as ShortcutName[];

export interface KeyPress {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  getModifierState?(name: string): boolean;
}

/** The combination as we write it, or null when it is only a modifier, has none, or types a character (AltGr). */
export function keysOf(press: KeyPress): Keys | null {
  if (press.getModifierState?.('AltGraph')) return null;
  const key = keyName(press);
  if (!key || !(press.altKey || press.ctrlKey || press.metaKey)) return null;
  const modifiers = [
    press.ctrlKey ? 'Ctrl' : '',
    press.metaKey ? 'Meta' : '',
    press.altKey ? 'Alt' : '',
    press.shiftKey ? 'Shift' : '',
  ];
  return [...modifiers.filter(Boolean), key].join('+');
}

export function shortcutFor(keymap: Keymap, press: KeyPress): ShortcutName | null {
  const keys = keysOf(press);
  return SHORTCUT_NAMES.find((name) => keymap[name] === keys) ?? null;
}

/** The other shortcut that already uses these keys. */
export function conflictOf(keymap: Keymap, name: ShortcutName, keys: Keys): ShortcutName | null {
  return SHORTCUT_NAMES.find((other) => other !== name && keymap[other] === keys) ?? null;
}

/** Alt changes what a key types on some systems, so a key that types no plain letter or digit counts by position. */
function keyName(press: KeyPress): string | null {
  if (/^[a-z0-9]$/i.test(press.key)) return press.key.toUpperCase();
  const position = /^(?:Key|Digit)([A-Z0-9])$/.exec(press.code);
  return position?.[1] ?? (/^F\d+$/.test(press.key) ? press.key : null);
}
