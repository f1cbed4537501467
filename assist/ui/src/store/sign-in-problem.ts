import { HttpProblem } from '../api/http.js';

/** What went wrong with a sign-in and what to do next, in words for the person. */
export function signInProblem(error: unknown): string {
  if (!(error instanceof HttpProblem))
    return 'The server cannot be reached. Check your network and try again.';
  const { code, status, detail, retryAfterS } = error.problem;
  if (code === 'invalid_credentials')
    return 'This email and password do not match. Check both and try again.';
  if (code === 'too_many_attempts' || status === 429) return `Too many attempts. ${whenToRetry(retryAfterS)}`;
  if (status === 403) return 'The page was open for too long. Reload it and sign in again.';
  if (status >= 500) return 'The server had a problem. Try again in a moment.';
  return detail || 'Signing in did not work. Try again.';
}

function whenToRetry(retryAfterS: number | null): string {
  if (retryAfterS === null) return 'Wait a minute, then try again.';
  const minutes = Math.ceil(retryAfterS / 60);
  return retryAfterS <= 90 ? `Try again in ${retryAfterS} seconds.` : `Try again in ${minutes} minutes.`;
}
