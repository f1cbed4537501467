/** Delays between attempts: doubling, capped, and spread so that a restarted server is not met by all desks at once. */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Milliseconds before attempt `attempt` (1 is the first retry); `random` is in [0, 1). */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
