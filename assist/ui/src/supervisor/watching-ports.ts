/** What it takes to look on at a call without acting in it. */

import { openBrowserSocket } from '../api/browser-socket.js';
import type { StopReason } from '../api/call-stream.js';
import { Http, HttpProblem } from '../api/http.js';
import type { ControllerPorts } from '../store/call-controller.js';
import type { CallView } from '../store/desk-state.js';

const NOTHING_KEPT = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

export function watchingPorts(onChange: (view: CallView) => void): ControllerPorts {
  const http = new Http();
  return {
    http,
    storage: NOTHING_KEPT,
    nowMs: () => Date.now(),
    newId: () => '',
    random: Math.random,
    setTimer: (run, delayMs) => window.setTimeout(run, delayMs),
    clearTimer: (timer) => window.clearTimeout(timer as number),
    open: openBrowserSocket,
    ticket: () => ticketFrom(http),
    onChange,
    onError: () => undefined,
    onSignedOut: () => undefined,
  };
}

async function ticketFrom(http: Http): Promise<{ ticket: string } | { stop: StopReason } | null> {
  try {
    await http.session();
    return await http.post<{ ticket: string }>('/api/realtime/tickets');
  } catch (error) {
    return error instanceof HttpProblem && error.problem.status === 401 ? { stop: 'signed_out' } : null;
  }
}
