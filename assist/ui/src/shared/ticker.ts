import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its element again every `periodMs`, for elapsed times. */
export class Ticker implements ReactiveController {
  #timer: number | null = null;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly periodMs = 1_000,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = window.setInterval(() => this.host.requestUpdate(), this.periodMs);
  }

  hostDisconnected(): void {
    if (this.#timer !== null) window.clearInterval(this.#timer);
  }
}
