/** Runs before the first paint, so that the page never flashes in the wrong theme. */

import { applyTheme } from '../shared/theme.js';
import { loadPreferences } from '../store/preferences.js';

applyTheme(loadPreferences(localStorage).theme);
