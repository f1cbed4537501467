/** State that elements follow: replaced as a whole, never changed in place. */

import type { ReactiveController, ReactiveControllerHost } from 'lit';

export abstract class Observable<State> extends EventTarget {
  #state: State;

  constructor(first: State) {
    super();
    this.#state = first;
  }

  get state(): State {
    return this.#state;
  }

  protected set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.dispatchEvent(new Event('change'));
  }
}

/** Renders its element again whenever the store that it follows has changed. */
export class Follows implements ReactiveController {
  #store: EventTarget | null = null;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  follow(store: EventTarget | null): void {
    if (store === this.#store) return;
    this.#store?.removeEventListener('change', this.#changed);
    this.#store = store;
    store?.addEventListener('change', this.#changed);
  }

  hostConnected(): void {
    this.#store?.addEventListener('change', this.#changed);
  }

  hostDisconnected(): void {
    this.#store?.removeEventListener('change', this.#changed);
  }

  readonly #changed = (): void => this.host.requestUpdate();
}
