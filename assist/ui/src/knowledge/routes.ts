/** What the page shows, kept in the part of the address behind #. */

export type Route =
  | { kind: 'home' }
  | { kind: 'article'; id: string }
  | { kind: 'draft'; id: string }
  | { kind: 'new' }
  | { kind: 'transfer' };

export type Side = 'articles' | 'drafts';

export function routeOf(hash: string): Route {
  const [kind, id] = hash.replace(/^#/, '').split('/', 2);
  if (kind === 'article' && id) return { kind, id: decoded(id) };
  if (kind === 'draft' && id) return { kind, id: decoded(id) };
  if (kind === 'new' || kind === 'transfer') return { kind };
  return { kind: 'home' };
}

export function hashOf(route: Route): string {
  if (route.kind === 'article' || route.kind === 'draft') return `#${route.kind}/${encodeURIComponent(route.id)}`;
  return route.kind === 'home' ? '#' : `#${route.kind}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
