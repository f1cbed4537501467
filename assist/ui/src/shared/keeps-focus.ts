import type { LitElement, ReactiveController } from 'lit';

/** When the control that was just used gives way to others, the focus stays in their section instead of nowhere. */
export class KeepsFocus implements ReactiveController {
  #focused: Element | null = null;

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  hostUpdate(): void {
    this.#focused = this.host.shadowRoot?.activeElement ?? null;
  }

  hostUpdated(): void {
    if (!this.#focused || this.#focused.isConnected) return;
    this.host.renderRoot.querySelector<HTMLElement>('section[tabindex]')?.focus();
  }
}
