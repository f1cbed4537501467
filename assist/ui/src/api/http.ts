/** JSON requests to our own server, with the CSRF token and problem details. */

import type { SessionReply } from './wire.js';

export interface Problem {
  status: number;
  code: string;
  detail: string;
  /** Seconds to wait before trying again, when the server said so. */
  retryAfterS: number | null;
  /** What is there instead, where somebody else was first. */
  current?: unknown;
}

export class HttpProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** A request without any answer after this long counts as unreachable. */
const TIMEOUT_MS = 10_000;

/** A file may take the server longer to read. */
const FILE_TIMEOUT_MS = 120_000;

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

  put<Reply>(path: string, body: unknown): Promise<Reply> {
    return this.#send<Reply>('PUT', path, body);
  }

  patch<Reply>(path: string, body: unknown): Promise<Reply> {
    return this.#send<Reply>('PATCH', path, body);
  }

  /** A file as it is, such as text/csv. */
  postFile<Reply>(path: string, file: Blob, contentType: string): Promise<Reply> {
    return this.#exchange<Reply>('POST', path, file, contentType, FILE_TIMEOUT_MS);
  }

  #send<Reply>(method: string, path: string, body?: unknown): Promise<Reply> {
    if (body === undefined) return this.#exchange<Reply>(method, path, null, null);
    return this.#exchange<Reply>(method, path, JSON.stringify(body), 'application/json');
  }

  async #exchange<Reply>(
    method: string,
    path: string,
    body: BodyInit | null,
    contentType: string | null,
    timeoutMs = TIMEOUT_MS,
  ): Promise<Reply> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-CSRF-Token'] = this.#csrfToken;
    if (contentType !== null) headers['Content-Type'] = contentType;
    const init: RequestInit = { method, headers, credentials: 'same-origin', body };
    const response = await this.#fetch(path, init, timeoutMs);
    if (!response.ok) throw new HttpProblem(await readProblem(response));
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as Reply;
  }

  async #fetch(path: string, init: RequestInit, timeoutMs: number): Promise<Response> {
    try {
      return await fetch(path, { ...init, signal: AbortSignal.timeout(timeoutMs) });
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
    const { code = 'unknown', detail = response.statusText, current } = body;
    return { ...known, code, detail, current };
  } catch {
    return { ...known, code: 'unknown', detail: response.statusText };
  }
}
