import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { act } from '../shared/actions.js';
import { formStyles } from '../shared/form-styles.js';
import { icon } from '../shared/icons.js';
import { controls, reset } from '../shared/styles.js';
import type { DeviceKind, Devices } from '../voice/client.js';

const NAMES: Readonly<Record<DeviceKind, string>> = { microphone: 'Microphone', speaker: 'Speaker' };

const WIDTH_PX = 320;
const EDGE_PX = 16;

/** Which microphone and speaker a call uses: a button with a small panel. */
@customElement('assist-audio-devices')
export class AudioDevices extends LitElement {
  @property({ attribute: false }) devices!: Devices;
  @property({ attribute: false }) refused: DeviceKind | null = null;

  static override styles = [
    reset,
    controls,
    formStyles,
    css`
      :host {
        position: relative;
        display: inline-flex;
      }
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        color: var(--ink);
        box-shadow: var(--shadow-high);
      }
      [popover]:popover-open {
        display: grid;
        gap: 12px;
      }
      .refused {
        color: var(--bad);
      }
      @media (max-width: 719px) {
        button {
          min-height: 40px;
        }
      }
    `,
  ];

  override render() {
    const kinds = (['microphone', 'speaker'] as const).filter((kind) => this.devices[kind].devices.length > 0);
    if (!kinds.length) return nothing;
    return html`<button
        class="outline"
        type="button"
        popovertarget="panel"
        aria-label="Audio devices"
        title="Audio devices"
      >
        ${icon('sliders')}
      </button>
      <div id="panel" popover role="group" aria-label="Audio devices" @beforetoggle=${this.#place}>
        ${kinds.map((kind) => this.#choice(kind))}
      </div>`;
  }

  #choice(kind: DeviceKind) {
    const { devices, current } = this.devices[kind];
    return html`<label class="field">
      ${NAMES[kind]}
      <select @change=${(event: Event) => this.#chosen(kind, (event.target as HTMLSelectElement).value)}>
        ${devices.map(({ id, label }) => html`<option value=${id} .selected=${id === current}>${label}</option>`)}
      </select>
      ${this.refused === kind ? html`<small class="refused" role="alert">It cannot be used. Choose another one.</small>` : nothing}
    </label>`;
  }

  #chosen(device: DeviceKind, id: string): void {
    act(this, { kind: 'device', device, id });
  }

  /** Below the button, and not beyond the window's edges. */
  #place(event: ToggleEvent): void {
    if (event.newState !== 'open') return;
    const panel = event.target as HTMLElement;
    const { right, bottom } = this.getBoundingClientRect();
    const width = Math.min(WIDTH_PX, window.innerWidth - 2 * EDGE_PX);
    panel.style.width = `${width}px`;
    panel.style.top = `${bottom + 8}px`;
    panel.style.left = `${Math.max(EDGE_PX, right - width)}px`;
  }
}
