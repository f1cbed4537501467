import type { ReactiveController, ReactiveControllerHost } from 'lit';

const VISIBLE_SHARE = 0.5;

/** Runs once, when at least half of the element (or half of the window) is on a screen that is being looked at. */
export class VisibleOnce implements ReactiveController {
  #observer: IntersectionObserver | null = null;
  #inView = false;
  #done = false;

  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    private readonly run: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries.at(-1)), {
      threshold: [0, 0.25, VISIBLE_SHARE],
    });
    this.#observer.observe(this.host);
    document.addEventListener('visibilitychange', this.#check);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    document.removeEventListener('visibilitychange', this.#check);
  }

  #moved(entry: IntersectionObserverEntry | undefined): void {
    if (!entry) return;
    const tall = entry.intersectionRect.height > window.innerHeight * VISIBLE_SHARE;
    this.#inView = entry.intersectionRatio >= VISIBLE_SHARE || tall;
    this.#check();
  }

  readonly #check = (): void => {
    if (this.#done || !this.#inView || document.visibilityState !== 'visible') return;
    this.#done = true;
    this.#observer?.disconnect();
    this.run();
  };
}
