/** The calls on the floor, and the one that is watched. */

import { browserFeedPorts, SupervisionFeed, type FeedPorts, type FeedState } from '../api/supervision-feed.js';
import type { Http } from '../api/http.js';
import { Observable } from '../shared/observable.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';
import type { Loading } from '../store/desk-state.js';
import {
  choicesOf,
  EVERYTHING,
  matches,
  rowsOf,
  waitsToMove,
  type FloorFilters,
  type FloorRow,
  type Sort,
} from './floor-order.js';
import type { FloorCall, FloorReply } from './wire.js';

export interface FloorState {
  phase: Loading;
  problem: string;
  calls: readonly FloorCall[];
  total: number;
  rows: readonly FloorRow[];
  /** The rows would move if nobody were pointing at them. */
  waiting: boolean;
  sort: Sort;
  filters: FloorFilters;
  agents: readonly string[];
  queues: readonly string[];
  feed: FeedState;
  /** When the figures were read, local clock. */
  readAtMs: number;
}

/** Bursts of changes are read once. */
const CALM_MS = 400;

export class FloorStore extends Observable<FloorState> {
  #feed: SupervisionFeed | null = null;
  #held = false;
  #reading = false;
  #again = false;
  #timer: unknown = null;

  constructor(
    private readonly http: Pick<Http, 'get'>,
    private readonly onSignedOut: () => void,
    private readonly ports: FeedPorts = browserFeedPorts(),
  ) {
    super({
      phase: 'loading',
      problem: '',
      calls: [],
      total: 0,
      rows: [],
      waiting: false,
      sort: 'longest',
      filters: EVERYTHING,
      agents: [],
      queues: [],
      feed: { phase: 'connecting', lostAtMs: null, retryAtMs: null },
      readAtMs: 0,
    });
  }

  start(): void {
    this.#feed?.close();
    this.#feed = new SupervisionFeed(
      () => this.#changed(),
      (feed) => this.set({ feed }),
      { ...this.ports, open: () => this.ports.open('/api/floor/stream') },
    );
    this.#feed.start();
    void this.refresh();
  }

  stop(): void {
    this.#feed?.close();
    this.#feed = null;
    if (this.#timer !== null) this.ports.clearTimer(this.#timer);
    this.#timer = null;
  }

  retryNow(): void {
    this.#feed?.retryNow();
    void this.refresh();
  }

  sortBy(sort: Sort): void {
    this.set({ sort });
    this.#arrange(false);
  }

  filter(change: Partial<FloorFilters>): void {
    this.set({ filters: { ...this.state.filters, ...change } });
    this.#arrange(false);
  }

  /** Somebody points at the rows or walks through them with the keyboard. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    if (!held) this.#arrange(false);
  }

  /** Moves the rows to where they belong, because somebody asked. */
  settle(): void {
    this.#arrange(false);
  }

  async refresh(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      const { items, total } = await this.http.get<FloorReply>('/api/floor');
      this.set({ phase: 'ready', problem: '', calls: items, total, ...choicesOf(items), readAtMs: this.ports.nowMs() });
      this.#arrange(this.#held);
    } catch (error) {
      if (isSignedOut(error)) this.onSignedOut();
      const phase = this.state.phase === 'ready' ? 'ready' : 'failed';
      this.set({ phase, problem: problemWords(error) });
    } finally {
      this.#reading = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#changed();
    }
  }

  #changed(): void {
    if (this.#timer !== null) return;
    this.#timer = this.ports.setTimer(() => {
      this.#timer = null;
      void this.refresh();
    }, CALM_MS);
  }

  #arrange(held: boolean): void {
    const { calls, rows, sort, filters } = this.state;
    const shown = calls.filter((call) => matches(call, filters));
    const arranged = rowsOf(rows, shown, sort, held);
    this.set({ rows: arranged, waiting: held && waitsToMove(arranged, sort) });
  }
}
