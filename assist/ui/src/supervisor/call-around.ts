import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { HelpRequest } from '../api/supervision.js';
import '../desk/transcript.js';
import { formStyles } from '../shared/form-styles.js';
import { icon } from '../shared/icons.js';
import { blank, reset } from '../shared/styles.js';
import { CallController } from '../store/call-controller.js';
import type { CallView } from '../store/desk-state.js';
import { watchingPorts } from './watching-ports.js';

/** What is said on the call, live; of a call that is no longer kept, the words that were sent along. */
@customElement('assist-call-around')
export class CallAround extends LitElement {
  @property({ attribute: false }) request!: HelpRequest;
  @property({ type: Boolean }) autoScroll = true;
  @state() private view: CallView | null = null;
  #controller: CallController | null = null;

  static override styles = [
    reset,
    formStyles,
    blank,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }
      assist-transcript {
        flex: 1 0 320px;
        height: 0;
        min-height: 320px;
      }
      section {
        padding: 16px 20px;
      }
      h3 {
        margin-bottom: 8px;
      }
      .excerpt {
        white-space: pre-line;
        overflow-wrap: anywhere;
        color: var(--ink-2);
      }
      p.live {
        display: flex;
        align-items: center;
        gap: 6px;
        padding: 6px 20px;
        font-size: var(--text-xs);
        color: var(--bad);
        background: var(--bad-soft);
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    const wanted = this.request.session_id;
    if (changed.has('request') && wanted !== (this.#controller?.sessionId ?? null)) this.#watch(wanted);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#watch(this.request.session_id);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watch(null);
  }

  override render() {
    if (!this.request.session_id || this.view?.phase === 'failed') return this.#excerpt();
    const lost = this.view?.connection.phase === 'reconnecting';
    return html`${lost ? html`<p class="live">${icon('warn')}Reconnecting to the call: newer words are missing</p>` : nothing}
      <assist-transcript .view=${this.view} ?autoScroll=${this.autoScroll} watching></assist-transcript>`;
  }

  #excerpt() {
    const { context_excerpt: excerpt } = this.request;
    return html`<section aria-label="What was said">
      <h3>What was said</h3>
      ${
        excerpt
          ? html`<p class="excerpt">${excerpt}</p>`
          : html`<p class="quiet">This question did not come from a call.</p>`
      }
    </section>`;
  }

  #watch(sessionId: string | null): void {
    this.#controller?.close();
    this.#controller = null;
    this.view = null;
    if (!sessionId) return;
    this.#controller = new CallController(sessionId, watchingPorts((view) => (this.view = view)));
    this.view = this.#controller.view;
    this.#controller.start();
  }
}
