import type { Theme } from '../store/preferences.js';

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');

let chosen: Theme = 'system';

darkQuery.addEventListener('change', () => applyTheme(chosen));

export function applyTheme(theme: Theme): void {
  chosen = theme;
  document.documentElement.dataset['theme'] = isDark(theme) ? 'dark' : 'light';
}

export function isDark(theme: Theme): boolean {
  return theme === 'system' ? darkQuery.matches : theme === 'dark';
}
