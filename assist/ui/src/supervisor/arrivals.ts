/** Tells which requests have come since one last looked, so that each is announced once. */

import type { HelpRequest } from '../api/supervision.js';

export interface News {
  arrived: readonly HelpRequest[];
  /** Handed to this person by somebody else. */
  mine: readonly HelpRequest[];
}

const NOTHING: News = { arrived: [], mine: [] };

export class Arrivals {
  #known: Map<string, string | null> | null = null;

  /** What is there at the first look is not news. */
  look(open: readonly HelpRequest[], userId: string): News {
    const before = this.#known;
    this.#known = new Map([...(before ?? []), ...open.map(({ id, assigned_to }) => [id, assigned_to] as const)]);
    if (!before) return NOTHING;
    const arrived = open.filter(({ id }) => !before.has(id));
    const mine = open.filter(
      ({ id, assigned_to }) => before.has(id) && assigned_to === userId && before.get(id) !== userId,
    );
    return { arrived, mine };
  }

  /** What the person did themselves is not news either. */
  did(request: HelpRequest): void {
    this.#known?.set(request.id, request.assigned_to);
  }
}
