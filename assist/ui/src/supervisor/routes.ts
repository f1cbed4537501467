/** Which view and which request an address names. */

export type ViewName = 'queue' | 'unresolved' | 'answered' | 'callbacks' | 'team' | 'statistics' | 'audit';

export interface Place {
  view: ViewName;
  requestId: string | null;
}

export const VIEWS: readonly { view: ViewName; label: string }[] = [
  { view: 'queue', label: 'Queue' },
  { view: 'unresolved', label: 'Unresolved' },
  { view: 'answered', label: 'Answered' },
  { view: 'callbacks', label: 'Callbacks' },
  { view: 'team', label: 'Team' },
  { view: 'statistics', label: 'Statistics' },
  { view: 'audit', label: 'Audit' },
];

const PATHS: Readonly<Record<string, ViewName>> = {
  '/supervisor': 'queue',
  '/pending': 'queue',
  '/unresolved': 'unresolved',
};

/** Null: the address is not one of the console. Messages to supervisors name the request behind a #. */
export function placeOf(address: Pick<URL, 'pathname' | 'search' | 'hash'>): Place | null {
  const named = PATHS[address.pathname.replace(/\/$/, '')];
  if (!named) return null;
  const query = new URLSearchParams(address.search);
  const wanted = VIEWS.find(({ view }) => view === query.get('view'));
  return { view: wanted?.view ?? named, requestId: query.get('request') || decodeURIComponent(address.hash.slice(1)) || null };
}

export function hrefOf({ view, requestId }: Place): string {
  const path = view === 'unresolved' ? '/unresolved' : '/supervisor';
  const query = new URLSearchParams();
  if (view !== 'unresolved' && view !== 'queue') query.set('view', view);
  if (requestId) query.set('request', requestId);
  return query.size ? `${path}?${query}` : path;
}

/** Views that list requests beside the one that is open. */
export function listsRequests(view: ViewName): view is 'queue' | 'unresolved' | 'answered' {
  return view === 'queue' || view === 'unresolved' || view === 'answered';
}
