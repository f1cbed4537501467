/** JSON requests to our own server, with the CSRF token and problem details. */

import type { SessionReply } from './wire.js';

export interface Problem {
  status: number;
  code: string;
  detail: string;
  /** Seconds to wait before trying again, when the server said so. */
  retryAfterS: number | null;
}

export class HttpProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** A request without any answer after this long counts as unreachable. */
const TIMEOUT_MS = 10_000;

/** The server could not be reached at all. */
export class Unreachable extends Error {}

export class Http {
  #csrfToken = '';

  async session(): Promise<SessionReply> {
    const reply = await this.get<SessionReply>('/api/session');
    this.#csrfToken = reply.csrf_token;
    return reply;
  }

  async signIn(email: string, password: string): Promise<SessionReply> {
    const reply = await this.post<SessionReply>('/api/session', { email, password });
    this.#csrfToken = reply.csrf_token;
    return reply;
  }

  signOut(): Promise<void> {
    return this.#send<void>('DELETE', '/api/session');
  }

  get<Reply>(path: string): Promise<Reply> {
    return this.#send<Reply>('GET', path);
  }

  post<Reply>(path: string, body?: unknown): Promise<Reply> {
    return this.#send<Reply>('POST', path, body);
  }

  async #send<Reply>(method: string, path: string, body?: unknown): Promise<Reply> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-CSRF-Token'] = this.#csrfToken;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await this.#fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new HttpProblem(await readProblem(response));
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as Reply;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      throw new Unreachable(String(error));
    }
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('Retry-After'));
  const known = { status: response.status, retryAfterS: retryAfter > 0 ? retryAfter : null };
  try {
    const body = (await response.json()) as Partial<Problem>;
    return { ...known, code: body.code ?? 'unknown', detail: body.detail ?? response.statusText };
  } catch {
    return { ...known, code: 'unknown', detail: response.statusText };
  }
}
