/** Something of the server that is read again whenever it may have changed. */

import type { Http } from '../api/http.js';
import { Observable } from '../shared/observable.js';
import { isSignedOut, problemWords } from '../shared/problem-words.js';

export interface ResourceState<Value> {
  phase: 'loading' | 'ready' | 'failed';
  problem: string;
  value: Value | null;
}

export class Resource<Value> extends Observable<ResourceState<Value>> {
  #path: string;
  #asked = 0;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(
    private readonly http: Pick<Http, 'get'>,
    path: string,
    private readonly onSignedOut: () => void,
  ) {
    super({ phase: 'loading', problem: '', value: null });
    this.#path = path;
  }

  get value(): Value | null {
    return this.state.value;
  }

  /** Other filters, another range: the old value stays until the new one is there. */
  ask(path: string): void {
    this.#path = path;
    this.#asked += 1;
    this.#reading = null;
    this.set({ phase: this.state.value ? 'ready' : 'loading' });
    void this.refresh();
  }

  /** Many calls while one is under way make one more. */
  refresh(): Promise<void> {
    if (this.#reading) this.#again = true;
    this.#reading ??= this.#readOut();
    return this.#reading;
  }

  put(value: Value): void {
    this.set({ phase: 'ready', problem: '', value });
  }

  async #readOut(): Promise<void> {
    const asked = this.#asked;
    do {
      this.#again = false;
      await this.#read(asked);
    } while (this.#again && asked === this.#asked);
    if (asked === this.#asked) this.#reading = null;
  }

  async #read(asked: number): Promise<void> {
    try {
      const value = await this.http.get<Value>(this.#path);
      if (asked === this.#asked) this.put(value);
    } catch (error) {
      if (asked !== this.#asked) return;
      if (isSignedOut(error)) return this.onSignedOut();
      const problem = problemWords(error);
      this.set(this.state.value ? { problem } : { phase: 'failed', problem });
    }
  }
}
