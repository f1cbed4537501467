/** Times, numbers and words as people read them. */

import type { Call } from '../api/wire.js';

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const CLOCK_S = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

export function clock(when: string | number): string {
  return CLOCK.format(new Date(when));
}

export function clockWithSeconds(when: string | number): string {
  return CLOCK_S.format(new Date(when));
}

/** The whole seconds of a stretch of time: 12:01:03–12:01:05, or 12:01:03–12:01:05 PM where people say so. */
export function clockRange(fromMs: number, toMs: number): string {
  const first = clockWithSeconds(fromMs);
  const last = clockWithSeconds(Math.ceil(toMs / 1000) * 1000);
  const half = /\D*$/.exec(last)?.[0] ?? '';
  return `${first.endsWith(half) ? first.slice(0, first.length - half.length) : first}–${last}`;
}

export function day(when: string): string {
  const date = new Date(when);
  return Number.isNaN(date.getTime()) ? '' : DAY.format(date);
}

/** Such as 4:07 or 1:02:40. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const tail = `${hours ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return hours ? `${hours}:${tail}` : tail;
}

export function callSeconds(call: Call, nowMs: number): number {
  const end = call.ended_at ? Date.parse(call.ended_at) : nowMs;
  return (end - Date.parse(call.started_at)) / 1000;
}

export function ago(when: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(when)) / 60_000);
  if (minutes < 1) return 'just now';
  return minutes < 60 ? `${minutes} min ago` : clock(when);
}

/** Such as "due in 4 min", "due now", "overdue 2 min". */
export function minutesUntil(when: string, nowMs: number): string {
  const minutes = Math.round((Date.parse(when) - nowMs) / 60_000);
  if (minutes === 0) return 'due now';
  const [count, unit] = Math.abs(minutes) < 120 ? [Math.abs(minutes), 'min'] : [Math.round(Math.abs(minutes) / 60), 'h'];
  return minutes > 0 ? `due in ${count} ${unit}` : `overdue ${count} ${unit}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function customerLabel(call: Call): string {
  return call.customer_name || call.customer_phone || call.customer_id || 'Unknown caller';
}

/** "order_number" as "Order number". */
export function fieldLabel(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
