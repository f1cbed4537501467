import { HttpProblem } from '../api/http.js';

/** What went wrong with a request and what to do next, in words for the person. */
export function problemWords(error: unknown): string {
  if (!(error instanceof HttpProblem))
    return 'The server cannot be reached. Check your network and try again.';
  const { status, detail } = error.problem;
  if (status === 401) return 'Your session has ended. Sign in again to go on.';
  if (status >= 500) return 'The server had a problem. Try again in a moment.';
  return detail || 'This did not work. Try again.';
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof HttpProblem && error.problem.status === 401;
}
