/** The devices that this person has chosen, kept by the browser. */

import type { DeviceKind } from './client.js';

const KEY = 'assist.devices';

type Chosen = Partial<Record<DeviceKind, string>>;

/** What was chosen; whatever is stored and not ours counts as nothing. */
export function chosenDevices(storage: Pick<Storage, 'getItem'>): Chosen {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? '{}');
    const found = Object.entries(stored ?? {}).filter(([, id]) => typeof id === 'string');
    return Object.fromEntries(found) as Chosen;
  } catch {
    return {};
  }
}

/** For the next call too; a browser that keeps nothing forgets it. */
export function keepDevice(storage: Storage, kind: DeviceKind, id: string): void {
  try {
    storage.setItem(KEY, JSON.stringify({ ...chosenDevices(storage), [kind]: id }));
  } catch {
    // Private windows have no room for it.
  }
}
