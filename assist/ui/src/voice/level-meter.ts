import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { reset } from '../shared/styles.js';

const BARS = [0, 1, 2, 3, 4];
/** Of speech at a usual distance; louder lights all bars. */
const LOUD = 0.35;
const PERIOD_MS = 100;
/** Slow enough not to flicker. */
const CALM_PERIOD_MS = 600;

/** How loud somebody is just now, as five bars beside their name. */
@customElement('assist-level')
export class LevelMeter extends LitElement {
  /** 0 to 1. */
  @property({ attribute: false }) read: () => number = () => 0;
  #timer: number | null = null;
  #lit = -1;

  static override styles = [
    reset,
    css`
      :host {
        display: inline-flex;
      }
      span {
        display: inline-flex;
        align-items: center;
        gap: 2px;
        height: 16px;
      }
      i {
        width: 3px;
        height: 6px;
        border-radius: 2px;
        background: var(--line-strong);
        opacity: 0.45;
      }
      i:nth-child(2),
      i:nth-child(4) {
        height: 10px;
      }
      i:nth-child(3) {
        height: 14px;
      }
      i.lit {
        background: var(--ok);
        opacity: 1;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#timer = window.setInterval(() => this.#look(), calm ? CALM_PERIOD_MS : PERIOD_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== null) window.clearInterval(this.#timer);
  }

  override render() {
    return html`<span aria-hidden="true" data-lit=${this.#lit > 0 ? 'true' : 'false'}
      >${BARS.map((bar) => html`<i class=${this.#isLit(bar) ? 'lit' : ''}></i>`)}</span
    >`;
  }

  /** From the middle outwards, as a sound grows. */
  #isLit(bar: number): boolean {
    return Math.abs(bar - 2) * 2 < this.#lit;
  }

  #look(): void {
    const lit = Math.min(5, Math.round((this.read() / LOUD) * 5));
    if (lit === this.#lit) return;
    this.#lit = lit;
    this.requestUpdate();
  }
}
